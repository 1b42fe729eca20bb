"""Passive texture: does the skin look like skin, or like print and screen?

MiniFASNet (Silent-Face-Anti-Spoofing, Minivision 2020) in two sizes of crop, averaged.
"""

from __future__ import annotations

import cv2
import numpy as np

from .models import Pack, TextureNetwork
from .runtime import network


class TextureMeter:
    """The texture networks of one pack."""

    def __init__(self, pack: Pack, threads: int = 1):
        self._networks = [(net, network(net.file, threads)) for net in pack.texture]

    def measure(self, image: np.ndarray, box: tuple[float, float, float, float]) -> float | None:
        """Share of a live face, 0-1, for the face in ``box`` (x, y, width, height, pixels) of a BGR picture.

        None where the pack has no texture networks.
        """
        if not self._networks:
            return None
        shares = []
        for net, run in self._networks:
            values = crop(image, box, net).astype(np.float32).transpose(2, 0, 1)[None]
            (logits,) = run(np.ascontiguousarray(values))
            powers = np.exp(logits.reshape(-1) - logits.max())
            shares.append(float(powers[net.live] / powers.sum()))
        return sum(shares) / len(shares)


def crop(image: np.ndarray, box: tuple[float, float, float, float], net: TextureNetwork) -> np.ndarray:
    """(side, side, 3) uint8: ``scale`` times the box around its middle.

    As the networks were trained: the scale shrinks until the crop fits into the picture, and a crop that
    would still reach over an edge is moved inside.
    """
    height, width = image.shape[:2]
    x, y, box_width, box_height = box
    scale = min(net.scale, (width - 1) / box_width, (height - 1) / box_height)
    crop_width, crop_height = box_width * scale, box_height * scale
    left = np.clip(x + box_width / 2 - crop_width / 2, 0, max(0, width - 1 - crop_width))
    top = np.clip(y + box_height / 2 - crop_height / 2, 0, max(0, height - 1 - crop_height))
    cut = image[int(top) : int(top + crop_height) + 1, int(left) : int(left + crop_width) + 1]
    return cv2.resize(cut, (net.side, net.side))
