"""Words in the boxes of a straightened page."""

from __future__ import annotations

import cv2
import numpy as np

from jianzai.ocr import Text, ocr

from .marks import INK
from .straighten import PIXELS
from .types import Box

DIGITS = "0123456789"
ALLOWED = {
    "identity": DIGITS + "Xx",
    "personal_number": DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
"""Characters a field may have, where they are few: a smudged 0 is then no O."""

_INSET = round(0.9 * PIXELS)  # the frame, drawn and scanned
_AROUND = round(0.5 * PIXELS)


def read_boxes(white: np.ndarray, boxes: dict[str, Box]) -> dict[str, Text]:
    """What stands in each of ``boxes`` on an evenly lit page (BGR); an empty text where there is no ink.

    Red ink is left out, so that a seal over a word does not hide it. Lines of a box are read one by one and
    joined; the confidence is that of the worst.
    """
    grey = white[:, :, 2]
    pieces: dict[str | None, list[tuple[str, np.ndarray]]] = {}
    for name, box in boxes.items():
        for line in _lines(grey, box):
            pieces.setdefault(ALLOWED.get(name), []).append((name, cv2.cvtColor(line, cv2.COLOR_GRAY2BGR)))
    told: dict[str, list[Text]] = {}
    for allowed, lines in pieces.items():
        texts = ocr().read([line for _, line in lines], allowed)
        for (name, _), text in zip(lines, texts, strict=True):
            if text.words:
                told.setdefault(name, []).append(text)
    return {name: _joined(told.get(name, [])) for name in boxes}


def _joined(texts: list[Text]) -> Text:
    if not texts:
        return Text("", 0.0)
    return Text("".join(text.words for text in texts), min(text.confidence for text in texts))


def _lines(grey: np.ndarray, box: Box) -> list[np.ndarray]:
    """The lines of writing in ``box``, cut out close to their ink, from top to bottom."""
    x, y, width, height = box
    cell = grey[y + _INSET : y + height - _INSET, x + _INSET : x + width - _INSET]
    dark = (cell < INK).astype(np.uint8)
    dark = _without_rules(dark)
    if dark.sum() < 0.25 * PIXELS**2:
        return []
    rows = np.flatnonzero(cv2.blur(dark.astype(np.float32), (1, 3)).sum(axis=1) > 1)
    if not len(rows):
        return []
    lines = []
    for top, bottom in _runs(rows, gap=round(0.35 * PIXELS)):
        if bottom - top < 1.0 * PIXELS:  # no line of print is less than a millimetre high
            continue
        columns = np.flatnonzero(dark[top:bottom].sum(axis=0))
        left, right = max(0, columns[0] - _AROUND), columns[-1] + 1 + _AROUND
        lines.append(cell[max(0, top - _AROUND) : bottom + _AROUND, left:right])
    return lines


def _without_rules(dark: np.ndarray) -> np.ndarray:
    """Ink without what is left of the frame: long thin lines along an edge."""
    height, width = dark.shape
    for edge in (slice(0, _INSET), slice(height - _INSET, height)):
        rows = dark[edge]
        rows[rows.mean(axis=1) > 0.5] = 0
    for edge in (slice(0, _INSET), slice(width - _INSET, width)):
        columns = dark[:, edge]
        columns[:, columns.mean(axis=0) > 0.6] = 0
    return dark


def _runs(places: np.ndarray, gap: int) -> list[tuple[int, int]]:
    """Neighbouring rows as (first, last + 1); rows less than ``gap`` apart belong together."""
    breaks = np.flatnonzero(np.diff(places) > gap)
    starts = [places[0], *places[breaks + 1]]
    ends = [*places[breaks], places[-1]]
    return [(int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True)]
