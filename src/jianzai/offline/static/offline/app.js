/* The page that works without a network.
 *
 * Whoever opens it while signed in gets their keys of the day from the server; without a network the day's code opens
 * the key that lies wrapped on the device. What is received is sealed at once, gets the next number of the key's
 * block, and waits until the server has taken it. A key that is not open shows nothing of what it sealed. */

import { attachCamera, shrink } from "./camera.js";
import { openDevice } from "./device.js";
import { drawCode, importKey, openNote, sealItem, sealNote, unwrapKey, uuid, wrapKey } from "./sealing.js";
import { openServer } from "./server.js";

const IDLE = 10 * 60 * 1000; // milliseconds without a touch after which the page locks itself
const RETRY = 15 * 1000;
const WORDS = 100000; // bytes left for what is typed, in what the server takes of one item
const root = document.querySelector("[data-offline]");
const words = JSON.parse(root.querySelector("script[type='application/json']").textContent);
const part = (name, within = document) => within.querySelector(`[data-part="${name}"]`);
const show = (name, shown) => (part(name).hidden = !shown);

const open = new Map(); // key number -> {record, key}; forgotten when the page locks
let device;
let server;
let signedIn = false;
let lists = [];
let sending = null;
let touched = Date.now();
let locks = 0; // how often the page was locked

start();

async function start() {
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(root.dataset.worker).catch(() => {});
  }
  device = await openDevice();
  server = openServer({ keysUrl: root.dataset.keys, listsUrl: root.dataset.lists, itemsUrl: root.dataset.items, signOutUrl: root.dataset.signOut }, device.id);
  await device.tidy(Date.now());
  forms().forEach(attachForm);
  attachButtons();
  await enter();
  window.setInterval(watch, RETRY);
  document.documentElement.dataset.ready = "yes";
}

/* What this clerk may open: by their session where there is a network, else by the code. */
async function enter() {
  let answer = await server.keys();
  if (answer.status && (await device.isLocked())) {
    if (answer.status === 200) {
      answer = await server.signOut(); // who locked the page is gone; the next one signs in
    }
    if (answer.status === 401) {
      await device.setLocked(false); // nobody is signed in any more; any other answer says nothing of that
    }
  }
  await signIn(answer);
  await render();
  await send();
}

async function signIn(answer) {
  signedIn = answer.status === 200;
  networkIs(answer.status);
  if (!signedIn) {
    return;
  }
  lists = answer.body.lists;
  for (const told of answer.body.keys) {
    const known = await device.key(told.id);
    if (known) {
      open.set(told.id, { record: known, key: await importKey(told.key) });
    }
  }
  for (const told of answer.body.items) {
    await settle(told);
  }
}

/* The key of today, if it is open and its day is not over. */
function current() {
  const now = Date.now();
  return Array.from(open.values()).find(({ record }) => record.expires > now && record.issued - 300000 <= now) || null;
}

async function prepare() {
  const answer = await server.newKey();
  networkIs(answer.status);
  if (answer.status !== 200) {
    return;
  }
  if (navigator.storage && navigator.storage.persist) {
    navigator.storage.persist();
  }
  const told = answer.body.keys.find((each) => each.day === answer.body.today);
  const code = drawCode();
  const { id, token, day, issued, expires, takesUntil, numbers } = told;
  const drawn = { id, token, day, issued, expires, takesUntil, numbers, next: 1, wrapped: await wrapKey(told.key, code) };
  const record = await device.addKey(drawn);
  open.set(id, { record, key: await importKey(told.key) });
  if (record === drawn) {
    part("code-shown").textContent = code;
    show("code", true);
  } else {
    tell(words.code_before);
  }
  await render();
}

async function unlock(code) {
  for (const record of await device.keys()) {
    const key = await unwrapKey(record.wrapped, code);
    if (key) {
      await device.setLocked(false);
      open.set(record.id, { record, key });
      await render();
      return;
    }
  }
  tell(words.code_wrong);
}

/* Nobody gets in any more without the code, or signing in anew. */
async function lock() {
  forget();
  await device.setLocked(true);
  await (navigator.onLine ? enter() : render());
}

/* Drop the keys, and leave nothing about anybody in the page. */
function forget() {
  locks += 1;
  open.clear();
  signedIn = false;
  forms().forEach(({ form, section }) => {
    form.reset();
    delete form.dataset.title;
    ["entries", "chosen"].map((name) => part(name, section)).forEach((each) => each && (each.textContent = ""));
  });
  ["items", "code-shown", "receipt-number", "receipt-title", "receipt-time"].forEach((name) => (part(name).textContent = ""));
  ["receipt", "code", "work", "queue"].forEach((name) => show(name, false));
}

async function watch() {
  if (open.size && Date.now() - touched > IDLE) {
    await lock();
    return;
  }
  if (open.size) {
    await send();
  }
}

/* ---- what is seen */

async function render() {
  const today = current();
  const any = open.size > 0;
  show("prepare", signedIn && !today);
  show("unlock", !any && !signedIn);
  show("work", Boolean(today));
  show("queue", any);
  part("lock").hidden = !any;
  if (any && !today && !signedIn) {
    tell(words.day_over);
  }
  if (!any && !signedIn && !(await device.keys()).length) {
    tell(words.code_no_key);
  }
  if (today) {
    for (const one of forms()) {
      await renderList(one, today);
    }
    if (!document.querySelector(".tabs [aria-pressed=true]")) {
      showForm((forms().find((one) => `#${one.name}` === window.location.hash) || forms()[0]).name);
    }
  }
  await renderItems();
}

async function renderItems() {
  const locked = locks;
  const opened = new Map(open);
  const items = (await device.items()).filter((each) => opened.has(each.key));
  const list = part("items");
  const rows = [];
  for (const item of items.sort((one, other) => one.kept - other.kept)) {
    const label = await openNote(opened.get(item.key).key, item.label, `label|${item.item}`);
    const row = document.createElement("li");
    row.dataset.state = item.state;
    const tone = { certified: "good", noted: "good", refused: "bad", stuck: "bad" }[item.state] || "warn";
    row.append(
      text("span", `${item.key}-${String(item.number).padStart(3, "0")} `, "number"),
      text("strong", label.title),
      text("span", ` ${clock(item.kept)} `, "soft"),
      text("span", words[`state_${item.state}`], `badge ${tone}`),
      text("p", item.sentence || ""),
    );
    if (item.state === "stuck") {
      row.append(button(words.again, () => again(item)), button(words.remove, () => drop(item)));
    }
    rows.push(row);
  }
  if (locks !== locked) {
    return; // locked while the labels were opened
  }
  list.textContent = "";
  rows.forEach((row) => list.append(row));
  const waiting = items.filter((each) => each.sealed && each.state === "kept").length;
  part("waiting").textContent = waiting ? String(waiting) : words.nothing_waiting;
  part("waiting").dataset.count = String(waiting);
  part("waiting").className = waiting ? "count" : "badge good";
  part("waiting").hidden = !items.length;
}

function networkIs(status) {
  const badge = part("network");
  badge.dataset.status = String(status);
  badge.textContent = status === 0 ? words.offline : status === 401 ? words.signed_out : words.online;
  badge.className = `badge ${status === 200 ? "good" : "warn"}`;
}

function tell(sentence) {
  part("told").textContent = sentence;
  show("told", Boolean(sentence));
}

/* ---- forms */

function forms() {
  return Array.from(document.querySelectorAll("section[data-form]"), (section) => ({
    name: section.dataset.form,
    section,
    form: part("form", section),
    hasList: Boolean(part("lists", section)),
  }));
}

function showForm(name) {
  document.querySelectorAll("section[data-form]").forEach((section) => (section.hidden = section.dataset.form !== name));
  document.querySelectorAll("[data-shows]").forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.shows === name)));
}

function attachForm(one) {
  const { form, section } = one;
  one.cameras = Array.from(form.querySelectorAll("[data-name][data-facing]"), (each) => attachCamera(each, words, () => wrong(one, "")));
  const follow = () => followChoices(form);
  form.addEventListener("change", follow);
  form.addEventListener("reset", () => {
    one.cameras.forEach((each) => each.clear());
    wrong(one, "");
    window.setTimeout(follow);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(one);
  });
  follow();
  if (one.hasList) {
    part("take-list", section).addEventListener("click", () => takeList(one));
  }
}

/* A part with data-for="name=value" is asked for only where that is chosen; with "name=*" where anything is. */
function followChoices(form) {
  form.querySelectorAll("[data-for]").forEach((each) => {
    const [name, value] = each.dataset.for.split("=");
    const chosen = form.querySelector(`[name="${name}"]:checked, select[name="${name}"]`);
    each.hidden = !chosen || !(value === "*" ? chosen.value : chosen.value === value);
    each.querySelectorAll("input, select, textarea").forEach((field) => (field.disabled = each.hidden));
  });
}

function wrong(one, sentence) {
  const note = part("wrong", one.section);
  note.textContent = sentence;
  note.hidden = !sentence;
}

/* Seal what the form holds, and give the person a number. */
async function keep(one) {
  const { form, name } = one;
  const today = current();
  if (!today) {
    tell(words.day_over);
    await render();
    return;
  }
  if (!form.reportValidity()) {
    return;
  }
  const main = form.querySelector("button:not([type=button])");
  main.disabled = true;
  try {
    const { fields, pictures } = await gather(one);
    if (form.querySelector("[data-needs-picture]") && !pictures.length) {
      wrong(one, words.picture_missing);
      return;
    }
    if (pictures.length > Number(root.dataset.mostPictures) || size(pictures) > Number(root.dataset.largest) - WORDS) {
      wrong(one, words.too_much);
      return;
    }
    const number = await device.nextNumber(today.record.id);
    if (number === null) {
      wrong(one, words.numbers_used);
      return;
    }
    const item = uuid();
    const kept = Date.now();
    const title = form.dataset.title || fields.name || "";
    const { token, id } = today.record;
    await device.putItem({
      item,
      key: id,
      number,
      form: name,
      kept,
      state: "kept",
      sentence: "",
      entry: form.dataset.entry || "",
      label: await sealNote(today.key, { title }, `label|${item}`),
      sealed: await sealItem(today.key, { token, item, number, form: name, fields, kept, pictures }),
    });
    form.reset();
    if (one.hasList) {
      form.hidden = true;
    }
    part("receipt-number").textContent = `${id}-${String(number).padStart(3, "0")}`;
    part("receipt-title").textContent = title;
    document.querySelectorAll("[data-receipt]").forEach((each) => (each.hidden = each.dataset.receipt !== name));
    part("receipt-time").textContent = `${today.record.day} ${clock(kept)}`;
    show("receipt", true);
    show("work", false);
    part("receipt").focus();
  } catch (error) {
    wrong(one, words.picture_bad);
  } finally {
    main.disabled = false;
  }
  await renderItems();
  await send();
}

const size = (pictures) => pictures.reduce((sum, each) => sum + each.blob.size, 0);

async function gather(one) {
  const fields = {};
  const pictures = [];
  for (const field of Array.from(one.form.elements)) {
    if (!field.name || field.disabled || ((field.type === "radio" || field.type === "checkbox") && !field.checked)) {
      continue;
    }
    if (field.type === "file") {
      for (const file of Array.from(field.files)) {
        pictures.push({ name: field.name, blob: await shrink(file) });
      }
    } else {
      fields[field.name] = field.value.trim();
    }
  }
  if (one.form.dataset.entry) {
    fields.entry = one.form.dataset.entry;
  }
  one.cameras.forEach((camera) => pictures.push(...camera.pictures));
  return { fields, pictures };
}

/* ---- a list of the day, taken along */

async function takeList(one) {
  const today = current();
  const chosen = part("list", one.section).value;
  if (!today || !chosen) {
    return;
  }
  const answer = await server.list(one.name, chosen);
  networkIs(answer.status);
  if (answer.status === 200) {
    const sealed = await sealNote(today.key, answer.body.entries, `list|${one.name}`);
    await device.putList({ name: one.name, key: today.record.id, sealed });
    await renderList(one, today);
  }
}

async function renderList(one, today) {
  if (!one.hasList) {
    return;
  }
  const select = part("list", one.section);
  const offered = lists.filter((each) => each.form === one.name);
  select.textContent = "";
  offered.forEach((each) => select.append(new Option(each.name, each.value)));
  select.disabled = part("take-list", one.section).disabled = !offered.length;
  const rows = part("entries", one.section);
  rows.textContent = "";
  const locked = locks;
  const kept = await device.list(one.name);
  const entries = kept && kept.key === today.record.id ? await openNote(today.key, kept.sealed, `list|${one.name}`) : [];
  part("list-told", one.section).textContent = entries.length ? "" : words.list_empty;
  const finished = new Set((await device.items()).filter((each) => each.form === one.name && each.state !== "stuck").map((each) => each.entry));
  if (locks !== locked) {
    return;
  }
  for (const entry of entries) {
    const row = document.createElement("li");
    row.append(text("strong", entry.title), text("small", entry.lines.join("\n")));
    if (entry.phone) {
      const call = text("a", entry.phone, "button");
      call.href = `tel:${entry.phone}`;
      row.append(call);
    }
    row.append(finished.has(entry.key) ? text("span", words.entry_done, "badge good") : button(words.choose, () => chooseEntry(one, entry)));
    rows.append(row);
  }
}

function chooseEntry(one, entry) {
  const { form } = one;
  form.reset();
  form.dataset.entry = entry.key;
  form.dataset.title = entry.title;
  Object.keys(entry.options || {}).forEach((name) => {
    const select = form.querySelector(`select[name="${name}"]`);
    Array.from(select.options).filter((each) => each.value).forEach((each) => each.remove());
    entry.options[name].forEach(([value, label]) => select.append(new Option(label, value)));
  });
  part("chosen", form).textContent = entry.title;
  form.hidden = false;
  form.scrollIntoView();
}

/* ---- sending */

function send() {
  if (!sending) {
    sending = sendAll().finally(() => (sending = null));
  }
  return sending;
}

async function sendAll() {
  const waiting = (await device.items()).filter((each) => each.state === "kept" && open.has(each.key));
  if (!waiting.length && signedIn) {
    return;
  }
  if (!signedIn) {
    if (!open.size || !navigator.onLine) {
      return;
    }
    const answer = await server.keys();
    const mine = answer.status === 200 ? new Set(answer.body.keys.map((each) => each.id)) : null;
    if (mine && !Array.from(open.keys()).every((id) => mine.has(id))) {
      forget(); // somebody else has signed in on this device
    }
    await signIn(answer);
    await render();
    if (!signedIn) {
      return;
    }
  }
  for (const item of waiting.filter((each) => open.has(each.key))) {
    const answer = await server.send(item);
    networkIs(answer.status);
    if (answer.status === 200) {
      await settle(answer.body);
    } else if (answer.status === 410 || answer.status === 422 || answer.status === 400) {
      const sentence = (answer.body && answer.body.sentence) || "";
      await device.putItem(Object.assign({}, item, { state: "stuck", sentence }));
    } else if (answer.status !== 500) {
      signedIn = false; // no network, nobody signed in, or a token of before: begin with the keys
      break;
    } // at 500 the server failed over this one: it is sent again later, and the others do not wait for it
    await renderItems();
  }
}

/* What the server says of an item; once it has it, the device lets go of what was sealed. */
async function settle(told) {
  const known = await device.item(told.item);
  if (known) {
    await device.putItem(Object.assign({}, known, { state: told.state, sentence: told.sentence, sealed: null }));
  }
}

async function again(item) {
  await device.putItem(Object.assign({}, item, { state: "kept", sentence: "" }));
  await renderItems();
  await send();
}

async function drop(item) {
  if (window.confirm(words.removed_sure)) {
    await device.removeItem(item.item);
    await renderItems();
  }
}

/* ---- buttons and small things */

function attachButtons() {
  part("do-prepare").addEventListener("click", prepare);
  part("code-written").addEventListener("click", () => {
    part("code-shown").textContent = "";
    show("code", false);
  });
  part("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    tell("");
    unlock(part("code-typed").value).then(() => (part("code-typed").value = ""));
  });
  part("lock").addEventListener("click", lock);
  part("send").addEventListener("click", send);
  part("print").addEventListener("click", () => window.print());
  part("next").addEventListener("click", () => {
    show("receipt", false);
    render();
  });
  document.querySelectorAll("[data-shows]").forEach((tab) => tab.addEventListener("click", () => showForm(tab.dataset.shows)));
  window.addEventListener("online", () => (open.size ? send() : enter()));
  window.addEventListener("offline", () => networkIs(0));
  ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, () => (touched = Date.now())));
}

function text(tag, content, kind) {
  const element = document.createElement(tag);
  element.textContent = content;
  if (kind) {
    element.className = kind;
  }
  return element;
}

function button(label, act) {
  const made = text("button", label);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function clock(at) {
  const moment = new Date(at);
  return [moment.getHours(), moment.getMinutes()].map((each) => String(each).padStart(2, "0")).join(":");
}
