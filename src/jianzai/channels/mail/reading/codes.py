"""The QR code on a page: read as it is, then in ever more ways before giving up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

_QR = zxingcpp.BarcodeFormat.QRCode
_BINARIZERS = (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says, and its corners (4, 2) in pixels: its own top left, top right, bottom right, bottom
    left.
    """

    text: str
    corners: np.ndarray


def read_codes(picture: np.ndarray) -> list[Code]:
    """The codes in a whole page or photograph (BGR): a quick look at two sizes."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    found = _read(grey, _BINARIZERS[0])
    if not found:
        found = [
            Code(code.text, code.corners * 2)
            for code in _read(
                cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), _BINARIZERS[0]
            )
        ]
    return found


def read_code_in(cell: np.ndarray) -> str | None:
    """The text of the one code in ``cell``, a straightened piece of a page (BGR) with little around it."""
    grey = cv2.cvtColor(cell, cv2.COLOR_BGR2GRAY)
    for variant in _variants(grey):
        for binarizer in _BINARIZERS:
            codes = _read(variant, binarizer)
            if codes:
                return codes[0].text
    return None


def _variants(grey: np.ndarray) -> Iterator[np.ndarray]:
    """The cell in other sizes, sharper, evenly lit, and in pure black and white, cheap ones first."""
    yield grey
    even = cv2.normalize(_evenly_lit(grey), None, 0, 255, cv2.NORM_MINMAX)
    for scale in (1.5, 2.0, 3.0, 0.6):
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        scaled = cv2.resize(even, None, fx=scale, fy=scale, interpolation=way)
        yield scaled
        for sigma in (1.5, 3.0):
            soft = cv2.GaussianBlur(scaled, (0, 0), sigma * scale)
            yield cv2.addWeighted(scaled, 2.5, soft, -1.5, 0)
        yield cv2.medianBlur(scaled, 5)
    large = cv2.resize(even, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    for size, offset in ((61, 5), (121, 10)):
        yield cv2.adaptiveThreshold(
            large, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, size, offset
        )


def _evenly_lit(grey: np.ndarray) -> np.ndarray:
    size = max(15, min(grey.shape) // 3 | 1)
    paper = cv2.GaussianBlur(cv2.dilate(grey, np.ones((size, size), np.uint8)), (0, 0), size / 2)
    return cv2.divide(grey, paper, scale=255)


def _read(grey: np.ndarray, binarizer: zxingcpp.Binarizer) -> list[Code]:
    codes = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey), formats=_QR, binarizer=binarizer, try_invert=False
    )
    found = []
    for code in codes:
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        found.append(Code(code.text, np.array([[corner.x, corner.y] for corner in corners], np.float64)))
    return found
