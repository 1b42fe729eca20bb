/* What is fetched and sent while there is a network. Each answer is {status, body}; status 0 is no network, 401 that
 * nobody is signed in. */

const TIMEOUT = 30000; // milliseconds

export function openServer({ keysUrl, listsUrl, itemsUrl, signOutUrl }, device) {
  let token = "";
  return {
    async keys() {
      return remember(await ask(`${keysUrl}?device=${device}`));
    },
    async newKey() {
      return remember(await ask(keysUrl, form({ device })));
    },
    signOut: () => ask(signOutUrl, form({})),
    list: (name, value) => ask(listsUrl, form({ form: name, value })),
    send({ key, item, number, form: name, sealed }) {
      const body = form({ key, item, number, form: name });
      body.append("sealed", new Blob([sealed]), "sealed");
      return ask(itemsUrl, body);
    },
  };

  function remember(answer) {
    token = (answer.body && answer.body.token) || token;
    return answer;
  }

  async function ask(url, body) {
    const abort = new AbortController();
    const timer = window.setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const answer = await fetch(url, {
        method: body ? "POST" : "GET",
        body,
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        headers: body ? { "X-CSRFToken": token } : {},
        signal: abort.signal,
      });
      if (answer.type === "opaqueredirect") {
        return { status: 401 };
      }
      const told = (answer.headers.get("Content-Type") || "").indexOf("application/json") === 0;
      return { status: answer.status, body: told ? await answer.json() : null };
    } catch (error) {
      return { status: 0 };
    } finally {
      window.clearTimeout(timer);
    }
  }
}

function form(values) {
  const made = new FormData();
  Object.keys(values).forEach((name) => made.append(name, values[name]));
  return made;
}
