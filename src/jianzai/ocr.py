"""Print and clear handwriting in pictures, Chinese and Latin, by the networks that come with rapidocr
(PP-OCRv6).

Nothing leaves the machine and nothing is fetched: the networks lie in the package. They are loaded when the
first line is read, once a process, and run on as many threads as ``Ocr`` is told. No Django.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

# First, since it keeps OpenVINO from reporting its import to its makers.
from jianzai.faces.runtime import openvino, settings

from .faces.models import cache_dir

LONGEST_SIDE = 1600
"""Pixels: larger pictures are read at this size when lines have to be found in them; it bounds the memory."""

_HEIGHT = 48  # pixels, what the network takes
_SHORTEST, _STEP, _LONGEST = 320, 160, 2400  # widths come in steps, since every new one costs OpenVINO a plan
_AT_ONCE = 6
_NARROWEST = 3  # times as long as wide; narrower pictures are widened with white before lines are looked for


@dataclass(frozen=True, slots=True)
class Text:
    """What a line says; ``confidence`` 0 to 1 is the mean over its characters, 0 without any."""

    words: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line and where it stands: its four corners (4, 2) in pixels, clockwise from where reading begins."""

    text: Text
    corners: np.ndarray


class Ocr:
    """Reads text. Holds no state between calls; several threads take turns. Build one after a fork."""

    def __init__(self, threads: int = 1):
        # Imported here: rapidocr takes a second to import, and most processes never read a form.
        from rapidocr import EngineType, RapidOCR

        parts = ("Det", "Cls", "Rec")
        parameters = {f"{part}.engine_type": EngineType.OPENVINO for part in parts}
        parameters["EngineConfig.openvino.inference_num_threads"] = threads
        parameters["Global.log_level"] = "error"
        self._reader = RapidOCR(params=parameters)
        self._threads = threads
        self._lock = threading.Lock()
        self._characters: list[str] = []
        self._places: dict[str, np.ndarray] = {}

    def read(self, lines: Sequence[np.ndarray], allowed: str | None = None) -> list[Text]:
        """What each of ``lines`` says, pictures (BGR) of one line each.

        allowed: no other characters are considered; a space always is.
        """
        prepared = [_prepared(line) for line in lines]
        texts = [Text("", 0.0)] * len(prepared)
        with self._lock:
            self._load_recogniser()
            order = sorted(range(len(prepared)), key=lambda index: prepared[index].shape[2])
            while order:
                width = prepared[order[0]].shape[2]
                batch = [index for index in order if prepared[index].shape[2] == width][:_AT_ONCE]
                order = order[len(batch) :]
                told = self._recogniser.session(np.stack([prepared[index] for index in batch]))
                for index, steps in zip(batch, told, strict=True):
                    texts[index] = self._decode(steps, allowed)
        return texts

    def find(self, picture: np.ndarray) -> list[Line]:
        """The lines in a picture (BGR), from top to bottom."""
        scale = min(1.0, LONGEST_SIDE / max(picture.shape[:2]))
        small = picture
        if scale < 1:
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = small.shape[:2]
        least = -(-max(height, width) // _NARROWEST)
        # The detector enlarges until the shorter side is long enough: of a strip, without bound.
        missing = [max(0, least - side) for side in (height, width)]
        small = cv2.copyMakeBorder(small, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=(255,) * 3)
        with self._lock:
            if self._reader.text_det is None:
                self._steady(self._reader._load_det_model().session)
            boxes = self._reader.text_det(small).boxes
        if boxes is None:
            return []
        corners = [np.asarray(box, np.float32) / np.float32(scale) for box in boxes]
        texts = self.read([_cut(picture, box) for box in corners])
        return [Line(text, box) for text, box in zip(texts, corners, strict=True) if text.words]

    def _load_recogniser(self) -> None:
        if not self._characters:
            self._recogniser = self._reader._load_rec_model()
            self._steady(self._recogniser.session)
            self._characters = self._recogniser.postprocess_op.character

    def _steady(self, session) -> None:
        """Compile the network as those of faces are: else its answers differ from machine to machine."""
        core = openvino.Core()
        core.set_property({"CACHE_DIR": str(cache_dir() / "compiled")})
        session.session = core.compile_model(
            session.model, "CPU", settings(self._threads)
        ).create_infer_request()

    def _decode(self, steps: np.ndarray, allowed: str | None) -> Text:
        """The likeliest character of each step (steps, characters), repeats and blanks left out (CTC)."""
        if allowed is not None:
            places = self._places_of(allowed)
            best = places[steps[:, places].argmax(axis=1)]
        else:
            best = steps.argmax(axis=1)
        kept = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
        words = "".join(self._characters[index] for index in best[kept]).strip()
        if not words:
            return Text("", 0.0)
        return Text(words, float(steps[np.flatnonzero(kept), best[kept]].mean()))

    def _places_of(self, allowed: str) -> np.ndarray:
        if allowed not in self._places:
            wanted = {*allowed, " "}
            places = [index for index, sign in enumerate(self._characters) if sign in wanted]
            self._places[allowed] = np.array([0, *places])  # 0 is the blank
        return self._places[allowed]


@cache
def _of_process(process: int) -> Ocr:
    return Ocr()


def ocr() -> Ocr:
    """The one of this process, on one thread as everything that serves many at once."""
    return _of_process(os.getpid())


def _prepared(line: np.ndarray) -> np.ndarray:
    """A line as the network takes it: (3, 48, width), -1 to 1, the width rounded up with grey."""
    height, width = line.shape[:2]
    wanted = min(_LONGEST, max(1, round(width * _HEIGHT / max(1, height))))
    padded = max(_SHORTEST, -(-wanted // _STEP) * _STEP)
    shrinks = height > _HEIGHT
    small = cv2.resize(line, (wanted, _HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    values = np.zeros((3, _HEIGHT, padded), np.float32)
    values[:, :, :wanted] = small.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    return values


def _cut(picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The line between ``corners``, upright; one that is far higher than wide is taken to run downwards."""
    width = max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[3] - corners[2]))
    height = max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2]))
    width, height = max(2, round(float(width))), max(2, round(float(height)))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    line = cv2.warpPerspective(
        picture,
        cv2.getPerspectiveTransform(corners, flat),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.rot90(line) if height > 1.5 * width else line
