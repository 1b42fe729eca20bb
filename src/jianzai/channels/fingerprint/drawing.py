"""Prints of fingers that nobody has: for the demonstration, the tests and the benchmark.

A finger is an orientation field with random loops and deltas (B. G. Sherlock and D. M. Monro, A model for
interpreting fingerprint topology, Pattern Recognition 26(7), 1993) along which ridges grow from a few points
by filtering again and again with Gabor filters (R. Cappelli, D. Maio and D. Maltoni, Synthetic
fingerprint-image generation, ICPR 2000). Impressions of it differ by place, turn, stretched skin, pressure,
area and noise.

They are regular and clean beside the worn fingers of old people: nothing measured on them is a promise.
"""

from __future__ import annotations

import cv2
import numpy as np

WIDTH, HEIGHT = 320, 400
"""Pixels of an impression: 16 x 20 mm at 500 to the inch."""

_MARGIN = 40  # of the finger around the middle of an impression
_PERIOD = 9.0  # pixels from ridge to ridge at 500 to the inch
_DIRECTIONS = 24
_ROUNDS = 36  # of filtering, after which ridges fill the finger
_SEED_AREA = 900  # pixels of the finger for each point from which ridges grow


def finger(number: int) -> np.ndarray:
    """The ridges of finger ``number``: -1 in valleys to 1 on ridges. The same number gives the same ones."""
    chance = np.random.default_rng([7, number])
    height, width = HEIGHT + 2 * _MARGIN, WIDTH + 2 * _MARGIN
    directions = _orientations(chance, height, width)
    period = _PERIOD * chance.uniform(0.9, 1.1)
    nearest = np.rint(directions / np.pi * _DIRECTIONS).astype(int) % _DIRECTIONS
    filters = [_gabor(each * np.pi / _DIRECTIONS, period) for each in range(_DIRECTIONS)]
    masks = [nearest == each for each in range(_DIRECTIONS)]
    ridges = np.zeros((height, width), np.float32)
    seeds = height * width // _SEED_AREA
    ridges[chance.integers(0, height, seeds), chance.integers(0, width, seeds)] = 1
    for _ in range(_ROUNDS):
        grown = np.zeros_like(ridges)
        for kernel, mask in zip(filters, masks, strict=True):
            grown[mask] = cv2.filter2D(ridges, cv2.CV_32F, kernel)[mask]
        ridges = np.tanh(3 * grown)
    return ridges


def impression(ridges: np.ndarray, number: int, wear: float = 0.3) -> np.ndarray:
    """Impression ``number`` of a finger as a scanner gives it: grey, HEIGHT x WIDTH, uint8, ridges dark.

    wear: 0 to 1, how much of the ridges is lost to dry, creased or worn skin.
    """
    chance = np.random.default_rng([11, number])
    height, width = ridges.shape
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    down, across = down - HEIGHT / 2, across - WIDTH / 2
    turn = np.radians(chance.normal(0, 8))
    stretch = [_smooth(chance, 60) * 4 for _ in range(2)]
    from_x = np.cos(turn) * across - np.sin(turn) * down + width / 2 + chance.normal(0, 10) + stretch[0]
    from_y = np.sin(turn) * across + np.cos(turn) * down + height / 2 + chance.normal(0, 12) + stretch[1]
    # Beyond the skin that the finger has there is nothing.
    seen = cv2.remap(
        ridges, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR, borderValue=-1
    )
    pressure = chance.uniform(-0.25, 0.25) + 0.25 * _smooth(chance, 50)
    loss = wear * (0.9 * _smooth(chance, 2) + 0.7 * _smooth(chance, 9))
    dark = 1 / (1 + np.exp(-5 * (seen + pressure + loss)))
    for _ in range(chance.poisson(6 * wear)):  # creases
        dark = _creased(dark, chance)
    size = chance.uniform(0.78, 1.0)
    edge = (
        (across / (0.47 * WIDTH * size)) ** 2
        + (down / (0.48 * HEIGHT * size)) ** 2
        + 0.15 * _smooth(chance, 20)
    )
    dark = dark / (1 + np.exp(25 * (edge - 1)))
    grey = 240 - 190 * dark + chance.normal(0, 6, dark.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def png(image: np.ndarray) -> bytes:
    """``image`` as a PNG file."""
    return cv2.imencode(".png", image)[1].tobytes()


def _orientations(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """The direction of the ridges at every pixel, 0 to pi, by loops (zeros) and deltas (poles)."""
    across = np.linspace(-1, 1, width)[None, :] * width / 2
    up = -np.linspace(-1, 1, height)[:, None] * height / 2
    place = across + 1j * up
    nudge = lambda x, y, spread=12: complex(*chance.normal((x, y), spread))  # noqa: E731
    kind = chance.choice(["arch", "left", "right", "whorl"], p=[0.07, 0.33, 0.33, 0.27])
    if kind == "arch":
        steep = chance.uniform(0.5, 1.1) * np.exp(-(((up - chance.normal(0, 15)) / (0.35 * height)) ** 2))
        return (
            np.broadcast_to(-np.arctan(steep * np.sin(np.pi * across / (0.5 * width))), (height, width))
            % np.pi
        )
    if kind == "whorl":
        gap = chance.uniform(12, 35)
        loops = [nudge(0, 20 + gap, 6), nudge(0, 20 - gap, 6)]
        deltas = [nudge(-110, -130), nudge(110, -130)]
    else:
        side = -1 if kind == "left" else 1
        loops, deltas = [nudge(0, 25)], [nudge(side * 90, -120)]
    half = sum(np.angle(place - each) for each in loops) - sum(np.angle(place - each) for each in deltas)
    return (-half / 2) % np.pi


def _gabor(direction: float, period: float) -> np.ndarray:
    """A filter for ridges that run in ``direction`` (image axes), with no answer to plain grey."""
    half = int(1.5 * period)
    down, across = np.mgrid[-half : half + 1, -half : half + 1]
    over = -np.sin(direction) * across + np.cos(direction) * down  # across the ridge
    width = 0.45 * period
    kernel = np.exp(-(across**2 + down**2) / (2 * width**2)) * np.cos(2 * np.pi * over / period)
    kernel -= np.exp(-(across**2 + down**2) / (2 * width**2)) * (
        kernel.sum() / np.exp(-(across**2 + down**2) / (2 * width**2)).sum()
    )
    return (kernel / np.abs(kernel).sum() * 2).astype(np.float32)


def _smooth(chance: np.random.Generator, scale: float) -> np.ndarray:
    """Noise that changes over ``scale`` pixels, of deviation 1."""
    small = chance.normal(0, 1, (int(HEIGHT / scale) + 3, int(WIDTH / scale) + 3)).astype(np.float32)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def _creased(dark: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    line = np.zeros(dark.shape, np.float32)
    ends = [(int(chance.integers(0, WIDTH)), int(chance.integers(0, HEIGHT))) for _ in range(2)]
    cv2.line(line, *ends, 1.0, thickness=int(chance.integers(2, 4)), lineType=cv2.LINE_AA)
    return dark * (1 - 0.85 * line)
