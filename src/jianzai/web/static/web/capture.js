/* A conversation with a camera: shows what is asked, sends frames as they are taken, follows the answers.
 *
 * capture(root) is configured by data attributes of root:
 *   data-batch-url    takes a batch of frames, answers with guidance and the open prompt
 *   data-reopen-url   asked at the start and after a reload or a pause; the open prompt is drawn anew
 *   data-done-url     where the person goes when the session is decided or over
 *   data-replay       address of a clip table; the clip stands in for the camera (demonstration)
 *   data-clips        address under which spoken sentences lie as <key>.wav, for browsers without a voice
 * and by the JSON in its script element: {language, sentences: {key: text}, pictures: {action: address}}.
 * Elements inside root are found by data-part; capture.html has them all.
 */

import { CameraTrouble, openCamera, openReplay } from "./capture/sources.js";
import { sampleFrames } from "./capture/frames.js";
import { openLight } from "./capture/light.js";
import { openLink } from "./capture/link.js";
import { openVoice } from "./capture/voice.js";

const GUIDANCE_REPEATS = 8000; // milliseconds before the same guidance is spoken again

export function capture(root) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const words = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const voice = openVoice(words.language, words.sentences, root.dataset.clips);
  const memory = rememberSession(root.dataset.batchUrl);
  const light = openLight(part("light"));
  let source = null;
  let frames = null;
  let link = null;
  let last = { answered: 0, prompt: undefined }; // undefined: nothing is shown yet
  let promptEnds = 0;
  let spokenGuidance = { key: "", when: 0 };

  part("start").addEventListener("click", start);
  part("again").addEventListener("click", start);
  part("sound").addEventListener("click", switchSound);
  document.addEventListener("visibilitychange", pauseWhileHidden);
  window.setInterval(showPace, 250);
  part("ready").hidden = false;
  if (!root.dataset.replay && !navigator.mediaDevices) {
    showCameraTrouble(new CameraTrouble(window.isSecureContext ? "unsupported" : "insecure"));
  } else if (memory.started()) {
    start(); // the page was reloaded in the middle: go on without another press
  }

  async function start() {
    voice.unlock();
    part("ready").hidden = part("trouble").hidden = true;
    part("stage").hidden = false;
    part("stage").scrollIntoView();
    tell("opening");
    try {
      source = root.dataset.replay
        ? await openReplay(part("video"), root.dataset.replay)
        : await openCamera(part("video"), cameraLost);
    } catch (trouble) {
      showCameraTrouble(trouble);
      return;
    }
    memory.start();
    link = openLink({
      batchUrl: root.dataset.batchUrl,
      reopenUrl: root.dataset.reopenUrl,
      token: root.querySelector("[name=csrfmiddlewaretoken]").value,
      onAnswer: follow,
      onTrouble: networkTrouble,
      onOver: leave,
    });
    frames = sampleFrames(part("video"), link, memory, light);
    keepAwake();
  }

  function follow(answer) {
    if (answer.state !== "open") {
      leave();
      return;
    }
    if (answer.answered > last.answered) {
      voice.chime();
    }
    if (isNewPrompt(answer.prompt, last.prompt)) {
      showPrompt(answer.prompt);
    }
    promptEnds = answer.prompt ? performance.now() + answer.prompt.seconds_left * 1000 : 0;
    guide(answer.guidance);
    last = answer;
  }

  function showPrompt(prompt) {
    const key = prompt ? `prompt_${prompt.action}` : root.dataset.idle;
    const picture = prompt ? prompt.action : root.dataset.idle;
    part("picture").src = words.pictures[picture];
    part("prompt").textContent = words.sentences[key];
    if (part("stage").getBoundingClientRect().top < 0) {
      part("stage").scrollIntoView(); // a longer sentence than the last: its first line stays on the screen
    }
    part("progress").textContent = prompt
      ? words.sentences.progress.replace("{number}", prompt.number).replace("{of}", prompt.of)
      : "";
    source.perform(prompt ? prompt.action : null);
    if (prompt && prompt.colours) {
      light.begin(prompt.colours, prompt.seconds);
    } else {
      light.stop();
    }
    voice.say(key);
  }

  function guide(reason) {
    const key = reason ? `guide_${reason}` : "";
    tell(key);
    const now = performance.now();
    const due = key !== spokenGuidance.key || now - spokenGuidance.when > GUIDANCE_REPEATS;
    if (key && due && !voice.speaking()) {
      voice.say(key);
      spokenGuidance = { key, when: now };
    }
  }

  function tell(key, trouble = false) {
    part("guidance").textContent = key ? words.sentences[key] : "";
    part("guidance").classList.toggle("trouble", trouble);
  }

  function networkTrouble(key) {
    tell(key, true);
    voice.say(key);
  }

  function showPace() {
    const prompt = last.prompt;
    const left = prompt ? Math.max(0, promptEnds - performance.now()) / (prompt.limit * 1000) : 1;
    part("pace").style.setProperty("transform", `scaleX(${Math.min(1, left)})`);
  }

  function pauseWhileHidden() {
    if (!frames) {
      return;
    }
    if (document.hidden) {
      frames.pause();
      light.stop();
    } else {
      source.resume();
      link.reopen();
      frames.resume();
      keepAwake();
    }
  }

  function cameraLost() {
    halt();
    showCameraTrouble(new CameraTrouble("lost"));
  }

  function showCameraTrouble(trouble) {
    const kind = trouble instanceof CameraTrouble ? trouble.kind : "unsupported";
    part("stage").hidden = part("ready").hidden = true;
    part("trouble").hidden = false;
    part("trouble-title").textContent = words.sentences[`camera_${kind}`];
    part("trouble-next").textContent = words.sentences[`camera_${kind}_next`];
    part("again").hidden = kind === "insecure" || kind === "unsupported";
    part("trouble-title").focus();
    voice.say(`camera_${kind}`);
  }

  function switchSound() {
    const on = voice.toggle();
    part("sound").textContent = words.sentences[on ? "sound_off" : "sound_on"];
  }

  function halt() {
    light.stop();
    if (frames) {
      frames.stop();
      link.stop();
      source.close();
    }
    frames = link = null;
  }

  function leave() {
    halt();
    memory.forget();
    tell("deciding");
    voice.chime();
    window.location.assign(root.dataset.doneUrl);
  }
}

/* Browsers that can keep the screen lit do so; the others dim as they like. */
function keepAwake() {
  if ("wakeLock" in navigator) {
    navigator.wakeLock.request("screen").catch(() => {});
  }
}

/* The same prompt drawn anew after it lapsed starts again with its full time, so its time left grows. */
function isNewPrompt(prompt, before) {
  if (!prompt || !before) {
    return prompt !== before;
  }
  return (
    prompt.number !== before.number ||
    prompt.action !== before.action ||
    prompt.seconds_left > before.seconds_left + 0.5
  );
}

/* Camera times of one session must rise across a reload, so its beginning is kept for this tab. */
function rememberSession(name) {
  const key = `jianzai ${name}`;
  const loaded = Date.now() - performance.now(); // a clock that steps while the page is open does not matter
  const read = () => {
    try {
      return window.sessionStorage.getItem(key);
    } catch (refused) {
      return null; // storage switched off: a reload then begins its clock anew
    }
  };
  let origin = Number(read()) || 0;
  return {
    started: () => origin > 0,
    start() {
      if (origin) {
        return;
      }
      origin = now();
      try {
        window.sessionStorage.setItem(key, String(origin));
      } catch (refused) {
        // as above
      }
    },
    seconds: () => (now() - origin) / 1000,
    forget() {
      try {
        window.sessionStorage.removeItem(key);
      } catch (refused) {
        // nothing was kept
      }
    },
  };

  function now() {
    return loaded + performance.now();
  }
}

for (const root of document.querySelectorAll("[data-capture]")) {
  capture(root);
}
