/* Sends frames in batches, one post at a time and in order; nothing is sent past a batch that was not taken.
 *
 * A batch that got no answer is sent again under the same number until it is taken, so a lost network
 * loses nothing and doubles nothing. No new frames are taken while ROOM wait, which bounds memory and how
 * far behind the server can be. After a longer silence what was asked is asked anew: nobody holds a pose
 * for a network.
 */

const BATCH = 8;
const ROOM = 16;
const SILENCE = 1500; // milliseconds without an answer after which the prompt is drawn anew
const TIMEOUT = 20000; // milliseconds
const WAITS = [1000, 2000, 4000, 8000];

export function openLink({ batchUrl, reopenUrl, token, onAnswer, onTrouble, onOver }) {
  let waiting = [];
  let sequence = 0;
  let reopening = true;
  let stopped = false;
  let wake = () => {};
  window.addEventListener("online", () => wake());
  run();
  return {
    room: () => waiting.length < ROOM,
    /* Whether the server takes frames more slowly than they come. */
    behind: () => waiting.length >= BATCH,
    push(frame) {
      waiting.push(frame);
      wake();
    },
    /* Ask for the open prompt anew; frames of before are no answer to it. */
    reopen() {
      reopening = true;
      wake();
    },
    stop() {
      stopped = true;
      wake();
    },
  };

  async function run() {
    while (!stopped) {
      if (reopening) {
        reopening = false;
        waiting = [];
        const answer = await untilTaken(reopenUrl, () => new FormData());
        if (answer) {
          sequence = answer.sequence + 1;
          onAnswer(answer);
        }
      } else if (waiting.length >= BATCH) {
        const frames = waiting.splice(0, BATCH);
        const answer = await untilTaken(batchUrl, () => batchForm(frames));
        if (answer) {
          sequence += 1;
          if (!reopening) {
            onAnswer(answer);
          }
        }
      } else {
        await pause();
      }
    }
  }

  /* The answer; null when it was refused for good and the session goes on elsewhere. */
  async function untilTaken(url, form) {
    let silentSince = 0;
    for (let failures = 0; !stopped; failures += 1) {
      const response = await post(url, form());
      if (response && response.ok) {
        if (silentSince && performance.now() - silentSince > SILENCE && url === batchUrl) {
          reopening = true;
        }
        return response.json();
      }
      if (response && response.status === 409) {
        sequence = (await response.json()).expected;
      } else if (response && response.status < 500 && response.status !== 429) {
        stopped = true;
        onOver();
        return null;
      } else {
        if (!silentSince) {
          silentSince = performance.now();
          onTrouble(response ? "trouble_server" : "trouble_network");
        }
        await pause(WAITS[Math.min(failures, WAITS.length - 1)]);
      }
    }
    return null;
  }

  async function post(url, body) {
    const abort = new AbortController();
    const timer = window.setTimeout(() => abort.abort(), TIMEOUT);
    try {
      return await fetch(url, {
        method: "POST",
        body,
        credentials: "same-origin",
        headers: { "X-CSRFToken": token },
        signal: abort.signal,
      });
    } catch (error) {
      return null; // no network, or no answer in time
    } finally {
      window.clearTimeout(timer);
    }
  }

  function batchForm(frames) {
    const form = new FormData();
    form.append("sequence", String(sequence));
    form.append("times", JSON.stringify(frames.map(({ time }) => Number(time.toFixed(3)))));
    if (frames.some(({ shown }) => shown !== null)) {
      form.append("shown", JSON.stringify(frames.map(({ shown }) => shown)));
    }
    frames.forEach(({ blob }, index) => form.append("frames", blob, `${index}.jpg`));
    return form;
  }

  /* Until something happens, or `milliseconds` at most. New frames do not shorten a timed wait. */
  function pause(milliseconds) {
    return new Promise((resolve) => {
      wake = resolve;
      if (milliseconds) {
        wake = () => (stopped || navigator.onLine) && resolve();
        window.setTimeout(resolve, milliseconds);
      }
    });
  }
}
