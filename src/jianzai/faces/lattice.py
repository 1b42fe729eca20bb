"""Does a fine pattern repeat all over the face, as a screen's grid before a camera's grid makes one?

The moire of two grids is a wave of one direction and length all over the picture: one
point of the spectrum stands out of its surroundings. Skin has no such wave, and blur,
noise, compression and size change a point and its surroundings alike. What comes of an
axis-aligned grid is left out, as JPEG's own blocks lie there.
"""

from __future__ import annotations

import cv2
import numpy as np

from .mesh import SIDE

_WINDOW = 96  # pixels of the cut's middle that are looked at: within a face of any shape
_TOP, _LEFT = 56, (SIDE - _WINDOW) // 2
_SMOOTH = 2.0  # pixels; what is coarser than this is the face itself
_COARSEST, _FINEST = 12, 46  # waves over the window
_AXIS = 2  # waves; nearer to an axis lie the blocks of a compression
_AROUND = 9  # points across that a point of the spectrum is held against

_TAPER = np.outer(np.hanning(_WINDOW), np.hanning(_WINDOW)).astype(np.float32)
_DOWN, _ACROSS = np.mgrid[-_WINDOW // 2 : _WINDOW // 2, -_WINDOW // 2 : _WINDOW // 2]
_LENGTH = np.hypot(_DOWN, _ACROSS)
_LOOKED_AT = (_LENGTH > _COARSEST) & (_LENGTH < _FINEST) & (np.abs(_DOWN) > _AXIS) & (np.abs(_ACROSS) > _AXIS)


def measure(cut: np.ndarray) -> float:
    """The strongest wave's height over the mean of its surroundings, for a mesh's (192, 192, 3) BGR cut.

    About 2.5 to 3.8 on skin; see ``liveness/screen.py`` for figures.
    """
    grey = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY).astype(np.float32)
    part = grey[_TOP : _TOP + _WINDOW, _LEFT : _LEFT + _WINDOW]
    fine = (part - cv2.GaussianBlur(part, (0, 0), _SMOOTH)) * _TAPER
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2(fine))).astype(np.float32)
    around = cv2.blur(spectrum, (_AROUND, _AROUND))
    return float((spectrum / np.maximum(around, 1e-3))[_LOOKED_AT].max())
