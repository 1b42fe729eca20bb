/* Pictures for an item: some frames of a camera, or a file made small enough to be kept. */

const FRAMES = 6;
const APART = 500; // milliseconds
const FRAME_SIDE = 640;
const FILE_SIDE = 1600;
const QUALITY = 0.8;

/* A part of a form: elements with data-camera="open", "video", "told". `pictures` holds what was taken. */
export function attachCamera(part, words, onTaken) {
  const button = part.querySelector("[data-camera=open]");
  const video = part.querySelector("[data-camera=video]");
  const told = part.querySelector("[data-camera=told]");
  const camera = { name: part.dataset.name, pictures: [], clear };
  button.addEventListener("click", take);
  return camera;

  function clear() {
    camera.pictures = [];
    told.textContent = "";
  }

  async function take() {
    clear();
    button.disabled = true;
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: part.dataset.facing || "user", width: { ideal: 640 }, height: { ideal: 480 } },
      });
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      for (let taken = 0; taken < FRAMES; taken += 1) {
        await new Promise((resolve) => window.setTimeout(resolve, APART));
        camera.pictures.push({ name: camera.name, blob: await drawn(video, video.videoWidth, video.videoHeight, FRAME_SIDE) });
      }
      told.textContent = words.camera_taken;
      onTaken();
    } catch (error) {
      clear();
      told.textContent = words.camera_failed;
    } finally {
      if (stream) {
        stream.getTracks().forEach((track) => track.stop());
      }
      video.srcObject = null;
      video.hidden = true;
      button.disabled = false;
    }
  }
}

/* The picture in a file as a JPEG that can be kept. Rejects what is no picture. */
export async function shrink(file) {
  const image = new Image();
  const address = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("no picture"));
      image.src = address;
    });
    return await drawn(image, image.naturalWidth, image.naturalHeight, FILE_SIDE);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function drawn(source, width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d", { alpha: false }).drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY);
  });
}
