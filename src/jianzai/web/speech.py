"""Spoken sentences as sound files, for browsers that have no voice for the language.

Rendered once with espeak-ng (through the library that the ``espeakng-loader`` wheel carries) into
``HOME/speech/<language>/<key>.wav``. A file's name follows from its sentence's key and is written anew
when the sentence changes, which a list of digests beside the files shows.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import wave
from collections.abc import Callable
from pathlib import Path

import click
from django.conf import settings
from django.urls import reverse

from jianzai.sentences import LANGUAGES, language

_VOICES = {"zh": b"cmn", "en": b"en"}
_WORDS_A_MINUTE = 130  # slower than espeak-ng's 175: for listeners of 60 and older
_SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: AUDIO_OUTPUT_SYNCHRONOUS
_DO_NOT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
_RATE = 1  # espeak_PARAMETER: espeakRATE
_UTF8 = 1  # espeakCHARS_UTF8
_OK = 0  # espeak_ERROR: EE_OK


class SpeechUnavailable(RuntimeError):
    """espeak-ng cannot be used here; the message says why."""


class Speaker:
    """espeak-ng in this process. One at a time: the library keeps its state in globals."""

    def __init__(self):
        import espeakng_loader

        try:
            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise SpeechUnavailable(f"espeak-ng does not load: {error}") from error
        data = espeakng_loader.get_data_path().encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        if self._rate <= 0:
            raise SpeechUnavailable("espeak-ng does not start")
        self._sound = bytearray()
        callback = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._callback = callback(self._collect)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)

    def render(self, text: str, in_language: str) -> bytes:
        """``text`` as 16-bit mono samples at ``rate``. Raises SpeechUnavailable where a voice is missing."""
        if self._library.espeak_SetVoiceByName(_VOICES[in_language]) != _OK:
            raise SpeechUnavailable(f"espeak-ng has no voice for {in_language}")
        self._library.espeak_SetParameter(_RATE, _WORDS_A_MINUTE, 0)
        self._sound.clear()
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 0, 0, _UTF8, None, None)
        return bytes(self._sound)

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self._rate

    def _collect(self, samples, count: int, events) -> int:
        if samples:
            self._sound += ctypes.string_at(samples, count * 2)
        return 0  # go on


_speakers: list[Callable[[str], dict[str, str]]] = []


def add_spoken(sentences: Callable[[str], dict[str, str]]) -> None:
    """Have what ``sentences`` answers for a language, text by key, recorded from now on."""
    if sentences not in _speakers:
        _speakers.append(sentences)


def spoken(in_language: str) -> dict[str, str]:
    """Everything that pages say aloud in a language, by the key of its recording."""
    return {key: text for sentences in _speakers for key, text in sentences(in_language).items()}


def clips_url() -> str:
    """Under which address the spoken sentences lie as sound; empty where they were not rendered."""
    if not (settings.HOME / "speech" / language()).is_dir():
        return ""
    return reverse("web:speech", args=[language(), "x"]).removesuffix("x.wav")


def render_all(folder: Path) -> int:
    """Write what is missing or out of date under ``folder`` and return how many files that were."""
    speaker = None
    written = 0
    for one in LANGUAGES:
        for key, text in outdated(folder, one).items():
            speaker = speaker or Speaker()
            _write(folder / one / f"{key}.wav", speaker.render(text, one), speaker.rate)
            _digests_file(folder, one).write_text(
                json.dumps(_digests(folder, one) | {key: _digest(text)}, indent=1)
            )
            written += 1
    return written


def outdated(folder: Path, in_language: str) -> dict[str, str]:
    """The sentences of ``in_language``, by key, that ``folder`` lacks or holds as they once read."""
    digests = _digests(folder, in_language)
    return {
        key: text
        for key, text in spoken(in_language).items()
        if digests.get(key) != _digest(text) or not (folder / in_language / f"{key}.wav").exists()
    }


def _digests_file(folder: Path, in_language: str) -> Path:
    return folder / in_language / "digests.json"


def _digests(folder: Path, in_language: str) -> dict[str, str]:
    file = _digests_file(folder, in_language)
    return json.loads(file.read_text()) if file.exists() else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, samples: bytes, rate: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with wave.open(str(unfinished), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    unfinished.replace(path)


@click.group()
def speech() -> None:
    """Spoken sentences for browsers without a voice."""


@speech.command()
def render() -> None:
    """Render every spoken sentence in Chinese and English; again, only what changed."""
    import django

    django.setup()
    try:
        written = render_all(settings.HOME / "speech")
    except SpeechUnavailable as error:
        raise click.ClickException(
            f"{error}. The site works without; browsers use their own voices."
        ) from error
    if written:
        click.echo(f"{written} spoken sentences written to {settings.HOME / 'speech'}")
