/*
 * Keyboard and small comforts of the console. Every page works without it.
 *
 *   /            to the search field; arrows move through what was found, Escape closes it
 *   data-key     a button, link or choice with data-key="a" is used by pressing that key outside of fields;
 *                data-into names the field that then receives the focus
 *   data-largest a file field refuses a larger file (bytes) with the sentence in data-too-large before it is sent,
 *                which then stands below the field; data-largest-together and data-too-much: likewise of all files
 *   form         is sent once: its buttons rest until the answer comes
 */

const typing = (target) => target.matches("input, select, textarea") && !target.matches("[type=radio], [type=checkbox]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) return;
  const search = document.getElementById("search-text");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    search.select();
    return;
  }
  const wanted = Array.from(document.querySelectorAll("[data-key]")).find((each) => each.dataset.key === event.key.toLowerCase());
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
  if (wanted.dataset.into) {
    const field = document.getElementById(wanted.dataset.into);
    field.focus();
    field.select();
  }
});

/* Arrows between the search field and the people found. */
const box = document.querySelector(".search");
if (box) {
  const field = box.querySelector("input[type=search]");
  const found = box.querySelector(".found");
  /* A card reader types faster than the list comes: what it typed is opened once its own list is there. */
  let asked = "", shown = "", opens = null;
  /* The only one found is opened; else a page says who was found, or that nobody was and what to try. */
  const open = (links) => (links.length === 1 ? links[0].click() : field.value.trim() && box.submit());
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === box) asked = field.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== found) return;
    shown = asked;
    const links = found.querySelectorAll("a");
    if (opens === shown && field.value === shown) open(links);
    opens = null;
  });
  box.addEventListener("keydown", (event) => {
    const links = Array.from(found.querySelectorAll("a"));
    const at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (at ? links[at - 1] : field).focus();
    } else if (event.key === "Enter" && document.activeElement === field && !event.isComposing) {
      if (shown === field.value) {
        event.preventDefault();
        open(links);
      } else {
        opens = field.value;
      }
    } else if (event.key === "Escape") {
      found.replaceChildren();
      field.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) found.replaceChildren();
  });
}

for (const field of document.querySelectorAll("input[type=file][data-largest]")) {
  const told = document.createElement("p");
  told.className = "errorlist";
  told.setAttribute("role", "alert");
  field.after(told);
  field.addEventListener("change", () => {
    const files = Array.from(field.files);
    const large = files.find((file) => file.size > Number(field.dataset.largest));
    const together = files.reduce((sum, file) => sum + file.size, 0);
    let why = "";
    if (large) why = field.dataset.tooLarge;
    else if (together > Number(field.dataset.largestTogether || Infinity)) why = field.dataset.tooMuch;
    field.setCustomValidity(why);
    told.textContent = large && files.length > 1 ? `${large.name}: ${why}` : why;
  });
}

/* A form is sent once. */
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (event.target.method === "post" && !event.target.hasAttribute("hx-post") && !event.target.hasAttribute("data-again")) {
    event.target.dataset.sent = "yes";
    setTimeout(() => event.target.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  }
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  });
});

/* A decision brings its usual finding, ready to be typed over; Enter sends it. */
document.querySelectorAll("input[type=radio][data-finding]").forEach((choice) => {
  choice.addEventListener("change", () => {
    const finding = document.getElementById(choice.dataset.into);
    const usual = Array.from(document.querySelectorAll("input[type=radio][data-finding]"), (each) => each.dataset.finding);
    if (!finding.value.trim() || usual.includes(finding.value)) finding.value = choice.dataset.finding;
  });
});

/* The first field with an error receives the focus. */
const first = document.querySelector("[aria-invalid=true]");
if (first) first.focus();

/* A table wider than the screen can be scrolled by keyboard; one that fits is no stop for the Tab key. */
const markScrolling = () => {
  document.querySelectorAll(".scroll").forEach((region) => {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  });
};
markScrolling();
window.addEventListener("resize", markScrolling);
document.addEventListener("toggle", markScrolling, true);

/* On a small screen the menu is one row that scrolls: begin where we are. */
const here = document.querySelector(".side [aria-current]");
if (here) here.closest(".side").scrollLeft = here.offsetLeft - 60;
