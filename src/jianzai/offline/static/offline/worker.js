/* Keeps the page and what it is made of (self.KEPT, the page first; self.VERSION: views.worker writes both before
 * this), so that it opens without a network. Nothing about people is kept here. */

const CACHE = "offline-" + self.VERSION;
const KEPT = self.KEPT;
const PAGE = KEPT[0];
const PATIENCE = 4000; // milliseconds: a network that answers later is taken for none

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("offline-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) {
    return;
  }
  if (event.request.mode === "navigate" && address.pathname === PAGE) {
    event.respondWith(page(event.request));
  } else if (KEPT.indexOf(address.pathname) > 0) {
    event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((known) => known || fetch(event.request)));
  }
});

/* A page that a sign-in form stands in for is not kept, and neither is anything that fails. */
async function keep() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    KEPT.map(async (address) => {
      const answer = await fetch(address, { credentials: "same-origin", cache: "reload" });
      if (!answer.ok || answer.redirected) {
        throw new Error("not to be had: " + address);
      }
      await cache.put(address, answer);
    }),
  );
}

async function page(request) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([fetch(request).catch(() => null), late]);
  return answer || (await caches.match(PAGE)) || fetch(request);
}
