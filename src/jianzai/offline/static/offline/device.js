/* What lies on the device, in IndexedDB: keys (wrapped), items and lists (sealed). Nothing in it names anybody. */

import { uuid } from "./sealing.js";

const NAME = "jianzai-offline";

export async function openDevice() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("device");
    opening.result.createObjectStore("keys", { keyPath: "id" });
    opening.result.createObjectStore("items", { keyPath: "item" });
    opening.result.createObjectStore("lists", { keyPath: "name" });
  };
  const base = await done(opening);

  const all = (store) => done(base.transaction(store).objectStore(store).getAll());
  const get = (store, key) => done(base.transaction(store).objectStore(store).get(key));
  const put = (store, value, key) => change(store, (rows) => rows.put(value, key));
  const remove = (store, key) => change(store, (rows) => rows.delete(key));

  /* Resolves once it is on the disk, not when it was asked for. */
  function change(store, act) {
    const together = base.transaction(store, "readwrite");
    act(together.objectStore(store));
    return new Promise((resolve, reject) => {
      together.oncomplete = () => resolve();
      together.onerror = together.onabort = () => reject(together.error);
    });
  }

  let id = await get("device", "id");
  if (!id) {
    id = uuid();
    await put("device", id, "id");
  }

  return {
    id,
    isLocked: async () => Boolean(await get("device", "locked")),
    setLocked: (locked) => put("device", locked, "locked"),
    keys: () => all("keys"),
    key: (number) => get("keys", number),
    items: () => all("items"),
    item: (item) => get("items", item),
    putItem: (item) => put("items", item),
    removeItem: (item) => remove("items", item),
    list: (name) => get("lists", name),
    putList: (list) => put("lists", list),

    /* Resolves to `key`; or to the one of its number that is here already, from another window: its numbers go on, and
     * its code is the one that was written down. */
    async addKey(key) {
      let kept = key;
      await change("keys", (rows) => {
        rows.get(key.id).onsuccess = (event) => {
          if (event.target.result) {
            kept = event.target.result;
          } else {
            rows.put(key);
          }
        };
      });
      return kept;
    },

    /* The next number of a key's block, never given twice; null when all are given. */
    async nextNumber(keyId) {
      let number = null;
      await change("keys", (rows) => {
        rows.get(keyId).onsuccess = (event) => {
          const key = event.target.result;
          if (key.next <= key.numbers) {
            number = key.next;
            rows.put(Object.assign({}, key, { next: key.next + 1 }));
          }
        };
      });
      return number;
    },

    /* What no key opens any more goes: items and lists of keys that take nothing in any longer. */
    async tidy(now) {
      for (const key of await all("keys")) {
        if (key.takesUntil < now) {
          for (const item of (await all("items")).filter((each) => each.key === key.id)) {
            await remove("items", item.item);
          }
          await remove("keys", key.id);
        }
      }
      const kept = new Set((await all("keys")).filter((each) => each.expires > now).map((each) => each.id));
      for (const list of await all("lists")) {
        if (!kept.has(list.key)) {
          await remove("lists", list.name);
        }
      }
    },
  };
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
