"""People lit by the colours of the screen they look at, in a simple model of room, screen, skin and camera.

Light adds up in linear light: a place that reflects ``a`` gives ``a (room + screen)``. Recordings were made
in some light, which is taken for the room's. The head is lit as a rounded body before the screen, the wall
behind it less. The camera follows slowly with exposure and white balance and adds noise; eight bits and
JPEG come after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from attackers import mesher
from page import Page
from screens import fitted, noisy
from simulator import Camera

from jianzai.faces.reflection import LINEAR
from jianzai.faces.types import Prompt

SEEN = 0.12  # seconds from painting a colour to the picture that shows its light
EXPOSURE, BALANCE = 0.4, 1.5  # seconds in which a camera makes up for most of a change
BALANCED = 0.5  # share of a cast that its white balance takes out

_CODES = np.arange(4097) / 4096
_TONES = (255 * np.where(_CODES <= 0.0031308, 12.92 * _CODES, 1.055 * _CODES ** (1 / 2.4) - 0.055)).astype(
    np.float32
)


@dataclass(frozen=True)
class Room:
    """Light of a room on the face: lux, colour (red, green, blue), and what its darkness does to the camera.

    `wall`: how much of the screen's light the wall behind gets, of what the face gets.
    """

    name: str
    lux: float
    colour: tuple[float, float, float]
    noise: float = 1.5  # deviation of the camera's noise, of 255
    wall: float = 0.1


# A lamp gives an upright face some 20 to 100 lux; rooms for work are lit by 300 to 500 on the table
# (EN 12464-1), half of it on the face; a window by day gives 500 and more.
ROOMS = (
    Room("one far lamp", 20, (1.3, 1.0, 0.7), noise=3.0),
    Room("a lamp in the evening", 75, (1.3, 1.0, 0.7), noise=2.0),
    Room("the same, a wall close behind", 75, (1.3, 1.0, 0.7), noise=2.0, wall=0.35),
    Room("office light", 250, (1.05, 1.0, 0.95)),
    Room("facing a window by day", 1000, (0.95, 1.0, 1.05)),
)

# Lux of a white screen on a face before it: luminance (cd/m2) x area (m2) / distance (m) squared.
SCREENS = {
    "telephone at 35 cm": 300 * 0.068 * 0.140 / 0.35**2,
    "laptop at 50 cm": 220 * 0.310 * 0.170 / 0.50**2,
}


@dataclass
class Sensor:
    """A camera's exposure and white balance, which follow what it sees, its noise and its tones."""

    noise: float = 1.5
    bright: float = 0.18  # mean linear light that exposure aims at
    _gains: np.ndarray | None = None
    _time: float = 0.0

    def picture(self, light: np.ndarray, time: float) -> np.ndarray:
        """(height, width, 3) uint8 BGR of linear light (float32)."""
        mean = light[::8, ::8].mean(axis=(0, 1))
        wanted = (mean.mean() / mean) ** BALANCED * (self.bright / mean.mean())
        if self._gains is None:
            self._gains = wanted
        step = time - self._time
        exposed, balanced = 1 - np.exp(-step / EXPOSURE), 1 - np.exp(-step / BALANCE)
        before, level = np.log(self._gains), np.log(wanted)
        after = before + balanced * (level - before)
        after += (before.mean() + exposed * (level.mean() - before.mean())) - after.mean()
        self._gains, self._time = np.exp(after), time
        codes = np.clip(light * self._gains * 4096, 0, 4096).astype(np.int32)
        return noisy(_TONES[codes], self.noise, round(time * 1000))


@dataclass
class Lit:
    """What `camera` sees, lit by a room and by a page whose white gives it `lux`."""

    camera: Camera
    room: Room
    lux: float
    page: Page
    late: float = SEEN
    sensor: Sensor = field(init=False)

    def __post_init__(self):
        self.sensor = Sensor(self.room.noise)

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        image = fitted(self.camera.picture(time))
        reached = self.room.wall + (1 - self.room.wall) * _near(image.tobytes(), image.shape)
        share = self.lux / self.room.lux * self.page.light(time - self.late)
        light = LINEAR[image] * (np.array(self.room.colour[::-1], np.float32) + reached[..., None] * share)
        return self.sensor.picture(light.astype(np.float32), time)


@dataclass
class Glazed:
    """`camera`'s pictures on a screen whose glass throws back the page: `veil` of what is white on both."""

    camera: Camera
    veil: float
    page: Page
    sensor: Sensor = field(default_factory=Sensor)

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        light = LINEAR[fitted(self.camera.picture(time))] + self.veil * self.page.light(time - SEEN)
        return self.sensor.picture(light.astype(np.float32), time)


@dataclass
class Tinted:
    """`camera`'s pictures as a program colours them all over, as if a page had lit them by `share`."""

    camera: Camera
    share: float
    page: Page

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        light = LINEAR[fitted(self.camera.picture(time))] * (1 + self.share * self.page.light(time - SEEN))
        codes = np.clip(light / (1 + self.share) * 4096, 0, 4096).astype(np.int32)
        return noisy(_TONES[codes], 1.5, round(time * 1000))


@lru_cache(maxsize=96)
def _near(content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """(height, width) share of a screen's light that reaches each place: a rounded head, less of its body."""
    image = np.frombuffer(content, np.uint8).reshape(shape)
    height, width = shape[:2]
    points = mesher().points(image)
    if points is None:
        return np.zeros((height, width), np.float32)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    (across, down), (middle, centre) = high - low, (low + high) / 2
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    squared = ((columns - middle) / (0.72 * across)) ** 2 + (
        (rows - centre + 0.1 * down) / (0.85 * down)
    ) ** 2
    head = np.where(squared < 1, 1 - 0.5 * squared, 0)
    body = (rows > high[1] - 0.1 * down) & (np.abs(columns - middle) < 1.3 * across)
    return cv2.GaussianBlur(np.maximum(head, 0.6 * body).astype(np.float32), (0, 0), 4)
