/* Takes 9 pictures a second from a playing video: JPEG, at most 640x480, in the shape the camera gives. */

const INTERVAL = 110; // milliseconds; twice as long while the server is behind
const LONG_SIDE = 640;
const SHORT_SIDE = 480;
const JPEG_QUALITY = 0.8;
const THUMBNAIL = [16, 12];

/* Pushes {blob, time, shown} to `link` while it has room, with time from clock.seconds(), shown from light.mark(). */
export function sampleFrames(video, link, clock, light) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { alpha: false });
  const isNew = changesOf(video);
  let paused = false;
  let stopped = false;
  take();
  return {
    pause: () => (paused = true),
    resume: () => (paused = false),
    stop: () => (stopped = true),
  };

  async function take() {
    const began = performance.now();
    if (!paused && video.videoWidth && !video.seeking && !video.paused && link.room() && isNew()) {
      const time = clock.seconds();
      const shown = light.mark();
      const blob = await picture();
      if (blob && !paused && !stopped) {
        link.push({ blob, time, shown });
      }
    }
    if (!stopped) {
      const interval = link.behind() ? 2 * INTERVAL : INTERVAL;
      window.setTimeout(take, Math.max(0, interval - (performance.now() - began)));
    }
  }

  function picture() {
    const { videoWidth: width, videoHeight: height } = video;
    const scale = Math.min(
      1,
      LONG_SIDE / Math.max(width, height),
      SHORT_SIDE / Math.min(width, height),
    );
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  }
}

/* A slow camera shows the same picture twice, which the server would take for a replayed one. */
function changesOf(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = THUMBNAIL;
  const pen = canvas.getContext("2d", { alpha: false });
  let before = "";
  return () => {
    pen.drawImage(video, 0, 0, ...THUMBNAIL);
    const now = pen.getImageData(0, 0, ...THUMBNAIL).data.join();
    const changed = now !== before;
    before = now;
    return changed;
  };
}
