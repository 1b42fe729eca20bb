"""What colour the skin and the room have in a picture, in linear light.

For the colours that a page throws on a face (liveness/light.py). Light adds up in linear light only, so the
camera's tones are undone first, by the curve of sRGB (IEC 61966-2-1), which cameras follow roughly.
"""

from __future__ import annotations

import cv2
import numpy as np

from .mesh import SIDE, Mesh
from .types import Reflection

# Points of the mesh around the forehead above the brows and around each cheek: no hair, eyes or lips.
_PATCHES = (
    (105, 66, 107, 9, 336, 296, 334, 333, 299, 337, 151, 108, 69, 104),
    (117, 118, 101, 36, 205, 187, 123, 116),
    (346, 347, 330, 266, 425, 411, 352, 345),
)
_CLIPPED = 250  # of 255; a channel that is full tells nothing of its light
_FEWEST = 60  # pixels
_EVERY = 2  # of the cut's pixels: enough for a mean
_SPARSE = 8  # pixels from one looked at to the next around the head
_BESIDE, _ABOVE = 0.35, 0.6  # of the face's width and height: as far the hair may reach
_DARKEST = 0.004  # mean linear light; below it a camera's noise decides the colour

_STEPS = np.arange(256) / 255
LINEAR = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def measure(shown: float, image: np.ndarray, mesh: Mesh | None) -> Reflection:
    """The colours of a (height, width, 3) uint8 BGR picture, taken while the page showed ``shown``."""
    if mesh is None:
        return Reflection(shown, None)
    return Reflection(shown, _mean(mesh.cut[::_EVERY, ::_EVERY][skin_mask(mesh)]), _around(image, mesh))


def skin_mask(mesh: Mesh) -> np.ndarray:
    """(96, 96) bool: every second pixel of the cut's, where it lies on forehead or cheeks."""
    mask = np.zeros((SIDE // _EVERY, SIDE // _EVERY), np.uint8)
    places = np.round(mesh.in_cut[:, :2] / _EVERY).astype(np.int32)
    cv2.fillPoly(mask, [places[list(patch)] for patch in _PATCHES], 1)
    return mask.astype(bool)


def _around(image: np.ndarray, mesh: Mesh) -> tuple[float, float, float] | None:
    """The mean colour beside and above the head, down to the chin."""
    small = image[::_SPARSE, ::_SPARSE]
    x, y, width, height = (value / _SPARSE for value in mesh.box)
    left, right = max(0, int(x - _BESIDE * width)), max(0, int(x + (1 + _BESIDE) * width) + 1)
    top, chin = max(0, int(y - _ABOVE * height)), max(0, int(y + height))
    parts = (small[:top], small[top:chin, :left], small[top:chin, right:])
    return _mean(np.concatenate([part.reshape(-1, 3) for part in parts]))


def _mean(pixels: np.ndarray) -> tuple[float, float, float] | None:
    """Red, green and blue of BGR pixels (n, 3); None where too few say anything."""
    kept = pixels[pixels.max(axis=1) < _CLIPPED] if len(pixels) else pixels
    if len(kept) < max(_FEWEST, len(pixels) // 2):
        return None
    blue, green, red = (float(value) for value in LINEAR[kept].mean(axis=0))
    return None if min(blue, green, red) < _DARKEST else (red, green, blue)
