"""A face as a vector: aligned by five points, by the networks of a pack.

Each network gives a unit vector; where the pack says so (``mirror``) also one for the
mirror image, and their sum is made a unit vector again. A pack's embedding holds those
of its networks one after the other, each times the square root of its weight, so it is
a unit vector itself and the dot product of two is the weighted sum of their networks'
cosines.
"""

from __future__ import annotations

import cv2
import numpy as np

from .models import Networks, RecognitionNetwork
from .runtime import network


class Embedder:
    """The recognition networks of one pack."""

    def __init__(self, pack: Networks, threads: int = 1):
        self._mirror = pack.mirror
        inputs = 2 if pack.mirror else 1  # the face and its mirror image at once
        self._networks = [
            (net, network(net.file, threads, net.weights, batch=inputs)) for net in pack.recognition
        ]

    def embed(self, image: np.ndarray, five_points: np.ndarray) -> np.ndarray:
        """(d,) float32 unit vector of the face with ``five_points`` (5, 2) in a BGR picture."""
        parts = []
        for net, run in self._networks:
            chip = align(image, five_points, net)
            (answer,) = run(prepare(chip, net, run.channels_last, self._mirror))
            vectors = answer.reshape(2 if self._mirror else 1, -1)
            total = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).sum(axis=0)
            parts.append(total / np.linalg.norm(total) * np.sqrt(net.weight))
        return np.concatenate(parts).astype(np.float32)


def align(image: np.ndarray, five_points: np.ndarray, net: RecognitionNetwork) -> np.ndarray:
    """(side, side, 3) uint8: the face turned, scaled and moved so that its points fit the network's."""
    transform = similarity_transform(five_points, np.array(net.points))
    return cv2.warpAffine(image, transform, (net.side, net.side), flags=cv2.INTER_LINEAR)


def similarity_transform(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(2, 3) rotation, scale and shift that takes points ``start`` nearest to ``end`` (Umeyama, 1991).

    Nothing is mirrored. In the plane the least-squares answer is one complex division.
    """
    before, after = start @ (1, 1j), end @ (1, 1j)
    centred = before - before.mean()
    factor = np.vdot(centred, after - after.mean()) / np.vdot(centred, centred).real
    shift = after.mean() - factor * before.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def prepare(chip: np.ndarray, net: RecognitionNetwork, channels_last: bool, mirror: bool) -> np.ndarray:
    """The chip as the network wants it, float32 (n, side, side, 3) or (n, 3, side, side).

    n is 2 with its mirror image, else 1.
    """
    values = chip[..., ::-1] if net.colour == "rgb" else chip
    values = (values.astype(np.float32) - np.float32(net.mean)) / np.float32(net.deviation)
    inputs = np.stack([values, values[:, ::-1]] if mirror else [values])
    return np.ascontiguousarray(inputs if channels_last else inputs.transpose(0, 3, 1, 2))
