/* Where pictures come from: a camera, or in the demonstration a clip that plays what is asked.
 * Both give {perform(action), resume(), close()} and play in the given video element. */

const WANTED = {
  audio: false,
  video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
};
const KINDS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

/* kind: denied, none, busy, insecure, unsupported, lost; each has a sentence and a next step. */
export class CameraTrouble extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

export async function openCamera(video, onLost) {
  if (!navigator.mediaDevices) {
    throw new CameraTrouble(window.isSecureContext ? "unsupported" : "insecure");
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    throw new CameraTrouble(KINDS[error.name] || "unsupported");
  }
  const track = stream.getVideoTracks()[0];
  track.addEventListener("ended", onLost);
  video.srcObject = stream;
  await play(video);
  return {
    perform() {},
    resume: () => play(video),
    close() {
      track.removeEventListener("ended", onLost);
      track.stop();
      video.srcObject = null;
    },
  };
}

/* The table: {"clip": address, "neutral": [start, end], "turn_left": [start, end], ...} in seconds.
 * What is asked plays once; before and after it the neutral stretch plays on from where it was left, since a
 * picture that comes back is taken for a loop. */
export async function openReplay(video, tableUrl) {
  const answer = await fetch(tableUrl, { credentials: "same-origin" });
  if (!answer.ok) {
    throw new CameraTrouble("unsupported");
  }
  const table = await answer.json();
  let stretch = table.neutral;
  let neutralAt = table.neutral[0];
  video.src = table.clip;
  await new Promise((resolve, reject) => {
    video.addEventListener("loadeddata", resolve, { once: true });
    video.addEventListener("error", () => reject(new CameraTrouble("unsupported")), { once: true });
  });
  const watch = window.setInterval(() => {
    if (!video.seeking && (video.currentTime >= stretch[1] || video.ended)) {
      rest();
    }
  }, 40);
  rest();
  return {
    perform: (action) => action && table[action] && show(table[action], table[action][0]),
    resume: () => play(video),
    close() {
      window.clearInterval(watch);
      video.pause();
    },
  };

  function rest() {
    const playedOut = stretch === table.neutral && video.currentTime >= stretch[1];
    show(table.neutral, playedOut ? table.neutral[0] : neutralAt);
  }

  function show(next, from) {
    const resting = stretch === table.neutral;
    if (resting && video.currentTime >= stretch[0] && video.currentTime < stretch[1]) {
      neutralAt = video.currentTime;
    }
    stretch = next;
    video.currentTime = from;
    play(video);
  }
}

async function play(video) {
  try {
    await video.play();
  } catch (error) {
    // A browser that wants a touch first shows the still picture; the next touch or frame goes on.
  }
}
