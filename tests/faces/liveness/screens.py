"""Recordings shown to the camera on a screen, in a simple model of screen and camera.

A screen differs from the scene in its tones (gamma, a black that glows, a bluish white), in
what its pixels and its refresh do to a camera (moire, bands), in its glass (glare) and, where
it does not fill the camera's picture, in its edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from prints import SIZE
from simulator import Camera

from jianzai.faces.types import Prompt

DRIFTS = 12  # places the hand's sway moves the moire to
_PLACES = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)  # rows, columns


@dataclass(frozen=True)
class Screen:
    """One screen before one camera. Contrasts and shares are 0-1, sizes in pixels of the camera's picture."""

    fill: float = 1.15  # height of the screen over the picture's; above 1 no edge is seen
    gamma: float = 1.2  # of shown over recorded tones
    black: float = 0.05  # luminance of black
    moire: float = 0.05  # contrast of the beat between the screen's grid and the camera's
    period: float = 5.0  # of that beat
    bands: float = 0.0  # contrast of refresh bands
    glare: float = 0.0  # luminance of a lamp's reflection
    blur: float = 0.5  # deviation; the camera focuses on glass
    noise: float = 1.5  # deviation of the camera's noise, of 255
    tilt: float = 4.0  # degrees by which the screen is turned from the camera
    tremor: float = 1.0  # by which a hand moves it


@dataclass
class Shown:
    """`camera`'s pictures on a screen in front of another camera."""

    camera: Camera
    screen: Screen
    seed: int = 0

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        screen = self.screen
        image = _tones(fitted(self.camera.picture(time)), screen)
        image = self._placed(image, time)
        rows, columns = _PLACES
        if screen.bands:
            phase = 2 * np.pi * (rows[:, :1] / SIZE[1] * 1.5 + 0.37 * time * 9)
            image *= (1 - screen.bands / 2 * (1 + np.cos(phase)))[..., None]
        if screen.glare:
            spot = ((columns - 0.7 * SIZE[0]) / 90) ** 2 + ((rows - 0.25 * SIZE[1]) / 60) ** 2
            image += 255 * screen.glare * np.exp(-spot)[..., None]
        if screen.blur:
            image = cv2.GaussianBlur(image, (0, 0), screen.blur)
        return noisy(image, screen.noise, round(time * 1000) + self.seed)

    def _placed(self, image: np.ndarray, time: float) -> np.ndarray:
        """The screen's light (float32) as the camera sees it, with its moire, its edge and a plain room."""
        screen, (width, height) = self.screen, SIZE
        sway = screen.tremor * np.array([np.sin(1.9 * time + self.seed), np.sin(2.7 * time)])
        half = np.array([width, height]) * screen.fill / 2
        narrow = np.sin(np.radians(screen.tilt)) * 0.4
        corners = np.array([[-1, -1 + narrow], [1, -1 - narrow], [1, 1 + narrow], [-1, 1 - narrow]]) * half
        corners = (corners + [width / 2, height / 2] + sway).astype(np.float32)
        source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        if screen.moire:
            drift = round(DRIFTS * (1 + np.sin(1.3 * time)) / 2) % DRIFTS
            image = image * _moire(screen.moire, screen.period, drift, self.seed % 5)
        matrix = cv2.getPerspectiveTransform(source, corners)
        if screen.fill >= 1:
            return cv2.warpPerspective(image, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)
        room = np.full((height, width, 3), (120, 128, 132), np.float32)
        edge = corners + np.sign(corners - [width / 2, height / 2]) * 0.03 * width
        cv2.fillConvexPoly(room, np.round(edge).astype(np.int32), (18, 18, 18))
        inside = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, SIZE)[..., None]
        return room * (1 - inside) + cv2.warpPerspective(image, matrix, SIZE) * inside


def fitted(image: np.ndarray) -> np.ndarray:
    """A picture in the camera's size, its edges drawn out where its shape is another."""
    scale = min(SIZE[0] / image.shape[1], SIZE[1] / image.shape[0])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    left, top = (SIZE[0] - size[0]) // 2, (SIZE[1] - size[1]) // 2
    right, bottom = SIZE[0] - size[0] - left, SIZE[1] - size[1] - top
    return cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REPLICATE)


def _tones(image: np.ndarray, screen: Screen) -> np.ndarray:
    table = 255 * (screen.black + (1 - screen.black) * (np.arange(256) / 255) ** screen.gamma)
    return cv2.LUT(image, table.astype(np.float32)) * np.array([1.04, 1.0, 0.95], np.float32)


@lru_cache(maxsize=2 * DRIFTS)
def _moire(contrast: float, period: float, drift: int, seed: int) -> np.ndarray:
    """What the two grids' beat multiplies the light by, (height, width, 3) float32."""
    rows, columns = _PLACES
    beat = []
    for channel in range(3):
        angle = 0.35 + 0.2 * seed + 0.04 * channel
        along = columns * np.cos(angle) + rows * np.sin(angle)
        across = rows * np.cos(angle) - columns * np.sin(angle)
        phase = 2.1 * channel + 2 * np.pi * drift / DRIFTS
        beat.append(
            np.cos(2 * np.pi * along / period + phase)
            + 0.5 * np.cos(2 * np.pi * across / (1.3 * period) + phase)
        )
    return (1 + contrast * np.stack(beat, axis=-1) / 1.5).astype(np.float32)


@cache
def _noise() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(2 * SIZE[1], 2 * SIZE[0], 3)).astype(np.float32)


def noisy(image: np.ndarray, deviation: float, number: int) -> np.ndarray:
    """A picture of the camera's size (floating point) with a camera's noise, another one for every number."""
    height, width = image.shape[:2]
    down, right = number * 7919 % height, number * 104729 % width
    return np.clip(image + deviation * _noise()[down : down + height, right : right + width], 0, 255).astype(
        np.uint8
    )
