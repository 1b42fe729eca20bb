/* Says sentences aloud: with the browser's own voice, or from recorded clips where it has none for the
 * language. Nothing ever waits for a voice. */

const SILENT_FOR = 1500; // milliseconds after which a browser's voice is taken to be missing
const RATE = 0.85;

export function openVoice(language, sentences, clips) {
  const speech = window.speechSynthesis || null;
  const player = new Audio();
  // eslint-disable-next-line compat/compat -- older Safari has it under its own name
  const Context = window.AudioContext || window.webkitAudioContext;
  let context = null;
  let on = true;
  let clipOnly = false;
  if (speech) {
    speech.getVoices(); // some browsers load the list at the first question
  }
  return {
    /* Browsers allow sound only after a touch; called from one. */
    unlock() {
      if (!context && Context) {
        context = new Context();
      }
      if (context) {
        context.resume();
      }
    },
    say(key) {
      if (!on || !sentences[key]) {
        return;
      }
      hush();
      const voice = clipOnly ? null : voiceFor(speech, language);
      if (voice) {
        sayWith(voice, key);
      } else {
        playClip(key);
      }
    },
    speaking: () => Boolean(speech && speech.speaking) || !(player.paused || player.ended),
    /* Two rising notes: heard with closed eyes. */
    chime() {
      if (on && context) {
        note(660, 0, 0.15);
        note(880, 0.15, 0.3);
      }
    },
    toggle() {
      on = !on;
      if (!on) {
        hush();
      }
      return on;
    },
  };

  function sayWith(voice, key) {
    const utterance = new SpeechSynthesisUtterance(sentences[key]);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.rate = RATE;
    const timer = window.setTimeout(() => {
      clipOnly = true;
      speech.cancel();
      playClip(key);
    }, SILENT_FOR);
    utterance.onstart = () => window.clearTimeout(timer);
    utterance.onend = () => window.clearTimeout(timer);
    utterance.onerror = () => window.clearTimeout(timer); // cut short by the next sentence
    speech.speak(utterance);
  }

  function playClip(key) {
    if (!clips) {
      return;
    }
    player.src = `${clips}${key}.wav`;
    const playing = player.play();
    if (playing) {
      playing.catch(() => {}); // not rendered, or not allowed to sound: the sentence stands on the screen
    }
  }

  function hush() {
    if (speech) {
      speech.cancel();
    }
    player.pause();
  }

  function note(frequency, after, lasts) {
    const begins = context.currentTime + after;
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, begins);
    gain.gain.linearRampToValueAtTime(0.35, begins + 0.02);
    gain.gain.linearRampToValueAtTime(0.0001, begins + lasts);
    tone.connect(gain);
    gain.connect(context.destination);
    tone.start(begins);
    tone.stop(begins + lasts);
  }
}

/* Mandarin before any other Chinese; null where the browser has no voice for the language. */
function voiceFor(speech, language) {
  if (!speech) {
    return null;
  }
  const wanted = language === "zh" ? [/^(zh|cmn)[-_](hans[-_])?cn/i, /^(zh|cmn)/i] : [/^en[-_](gb|us)/i, /^en/i];
  const voices = speech.getVoices();
  for (const pattern of wanted) {
    const found = voices.find(({ lang }) => pattern.test(lang));
    if (found) {
      return found;
    }
  }
  return null;
}
