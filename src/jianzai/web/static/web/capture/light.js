/* Shows colours one after the other over the whole page, for a camera to see them on the face before it. */

const BEFORE = 2000; // milliseconds to read and hear what comes

/* `sheet` is the element that covers the page. mark() says for a picture taken now which colour is shown, from
 * 0, with how much of its time is over as fraction; their number once all were shown; null while none is. */
export function openLight(sheet) {
  let colours = [];
  let length = 0; // milliseconds of each
  let number = -1; // of the colour shown; -1: none yet
  let since = 0;
  let timer = 0;
  return {
    begin(shown, seconds) {
      stop();
      colours = shown;
      length = seconds * 1000;
      timer = window.setTimeout(next, BEFORE);
    },
    stop,
    mark() {
      if (number < 0) {
        return null;
      }
      return number === colours.length
        ? number
        : number + Math.min((performance.now() - since) / length, 0.99);
    },
  };

  function next() {
    number += 1;
    since = performance.now();
    sheet.hidden = number === colours.length;
    if (!sheet.hidden) {
      sheet.style.setProperty("background-color", colours[number]);
      timer = window.setTimeout(next, length);
    }
  }

  function stop() {
    window.clearTimeout(timer);
    sheet.hidden = true;
    number = -1;
    colours = [];
  }
}
