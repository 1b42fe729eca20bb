/* How what was received is packed and sealed; jianzai/offline/content.py opens it. Keys are AES-GCM keys that no
 * script can read; the one of the day lies on the device only wrapped by the day's code, which lies nowhere. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32: nothing that reads two ways
const CODE_LENGTH = 10; // 50 bits, each guess of which costs ROUNDS
const ROUNDS = 600000;
const NONCE = 12; // bytes

const utf8 = (text) => new TextEncoder().encode(text);
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export function uuid() {
  const bytes = random(16);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/* A fresh code of the day, as it is written down: XXXXX-XXXXX. */
export function drawCode() {
  const drawn = Array.from(random(CODE_LENGTH), (byte) => ALPHABET[byte % 32]).join("");
  return drawn.slice(0, 5) + "-" + drawn.slice(5);
}

export function importKey(base64) {
  const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/* The key (base64) wrapped by a code: {salt, sealed}. */
export async function wrapKey(base64, code) {
  const salt = random(16);
  const sealed = await encrypt(await fromCode(code, salt), utf8(base64), "wrapped key");
  return { salt, sealed };
}

/* The key in what wrapKey gave; null where the code is another one. */
export async function unwrapKey(wrapped, code) {
  try {
    const opened = await decrypt(await fromCode(code, wrapped.salt), wrapped.sealed, "wrapped key");
    return await importKey(new TextDecoder().decode(opened));
  } catch (error) {
    return null;
  }
}

/* Fields, device time and pictures ([{name, blob}]) as one sealed block, bound to key, item, number and form. */
export async function sealItem(key, { token, item, number, form, fields, kept, pictures }) {
  const head = utf8(JSON.stringify({ fields, at: kept, pictures: pictures.map((each) => each.name) }));
  const parts = [head];
  for (const each of pictures) {
    parts.push(new Uint8Array(await each.blob.arrayBuffer()));
  }
  const packed = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let place = 0;
  for (const part of parts) {
    new DataView(packed.buffer).setUint32(place, part.length, true);
    packed.set(part, place + 4);
    place += 4 + part.length;
  }
  return encrypt(key, packed, `jianzai|${token}|${item}|${number}|${form}`);
}

/* Anything that can be JSON, for this device alone. */
export const sealNote = (key, note, bound) => encrypt(key, utf8(JSON.stringify(note)), bound);

export async function openNote(key, sealed, bound) {
  return JSON.parse(new TextDecoder().decode(await decrypt(key, sealed, bound)));
}

async function encrypt(key, bytes, bound) {
  const nonce = random(NONCE);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: utf8(bound) }, key, bytes);
  const whole = new Uint8Array(NONCE + sealed.byteLength);
  whole.set(nonce);
  whole.set(new Uint8Array(sealed), NONCE);
  return whole;
}

function decrypt(key, whole, bound) {
  const iv = whole.slice(0, NONCE);
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8(bound) }, key, whole.slice(NONCE));
}

async function fromCode(code, salt) {
  const typed = code.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const material = await crypto.subtle.importKey("raw", utf8(typed), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
