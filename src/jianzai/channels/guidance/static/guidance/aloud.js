/* Reads the page aloud and prints it; both buttons stay hidden where scripts do not run. */

import { openVoice } from "../web/capture/voice.js";

const aloud = document.querySelector('[data-part="aloud"]');
const print = document.querySelector('[data-part="print"]');

if (aloud) {
  const { key, text, language, clips } = aloud.dataset;
  const voice = openVoice(language, { [key]: text }, clips);
  aloud.hidden = false;
  aloud.addEventListener("click", () => {
    if (voice.speaking()) {
      voice.toggle(); // stops it
      voice.toggle();
    } else {
      voice.unlock();
      voice.say(key);
    }
  });
}
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
