"""A browser and a server in one process: pictures in, batches, clocks, prompts, a finished session out.

Pictures go the way a camera's go: JPEG at 9 frames a second, eight to a batch, each
batch observed and then handed to `advance` with the server's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Protocol

import av
import cv2
import numpy as np
from observing import Direct, Observer

from jianzai.faces.liveness import Progress, advance, is_covered, measure_parallax
from jianzai.faces.types import Action, Challenge, Frame, Observation, Observations, Parallax, Prompt

RATE = 9.0  # frames a second
BATCH = 8
NETWORK = 0.2  # seconds a batch is under way
ANALYSIS = 0.25  # seconds until `advance` is called
REACTION = 0.15  # seconds until the page shows the prompt
OPENING = 1.5  # seconds of the server's clock before the first frame
JPEG_QUALITY = 85


class Camera(Protocol):
    """Whatever stands in front of, or in place of, the camera."""

    def picture(self, time: float) -> np.ndarray:
        """BGR picture at camera time, seconds since the camera opened."""

    def told(self, prompt: Prompt, time: float) -> None:
        """The page shows a prompt from camera time on."""


@dataclass
class Clip:
    """A recording, each frame kept as the JPEG a browser would send."""

    path: Path
    times: np.ndarray
    pictures: list[bytes]

    @classmethod
    def open(cls, path: Path, until: float = 60.0, width: int = 480) -> Clip:
        times, pictures = [], []
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                seconds = float(frame.time)
                if seconds > until:
                    break
                image = frame.to_ndarray(format="bgr24")
                if image.shape[1] > width:
                    size = (width, round(image.shape[0] * width / image.shape[1]))
                    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
                times.append(seconds)
                pictures.append(encode(image))
        return cls(path, np.array(times) - times[0], pictures)

    @property
    def length(self) -> float:
        return float(self.times[-1])

    def at(self, time: float) -> np.ndarray:
        """The last frame shown at `time` seconds."""
        number = int(np.searchsorted(self.times, time + 1e-6, side="right")) - 1
        return decode(self.pictures[max(number, 0)])


@dataclass
class Playing:
    """A clip played straight through from `start`, whatever is asked; from its beginning again at its end."""

    clip: Clip
    start: float = 0.0
    speed: float = 1.0

    def picture(self, time: float) -> np.ndarray:
        return self.clip.at((self.start + time * self.speed) % self.clip.length)

    def told(self, prompt: Prompt, time: float) -> None:
        pass


@dataclass
class Answering:
    """Someone who answers each prompt with a stretch of a clip and rests on another meanwhile.

    `stretches` maps an action to (clip, start, end) in seconds. `rest` is such a triple too;
    it goes on after an answer where it stopped, and to and fro once it is used up.
    """

    rest: tuple[Clip, float, float]
    stretches: dict[Action, tuple[Clip, float, float]]
    delay: float = 0.6
    asked: list[Prompt] = field(default_factory=list)
    _answer: tuple[Clip, float, float] | None = None
    _began: float = 0.0
    _away: float = 0.0

    def told(self, prompt: Prompt, time: float) -> None:
        self.asked.append(prompt)
        self._answer, self._began = self.stretches.get(prompt.action), time + self.delay

    def picture(self, time: float) -> np.ndarray:
        if self._answer is not None and time >= self._began:
            clip, start, end = self._answer
            if start + time - self._began < end:
                return clip.at(start + time - self._began)
            self._answer = None
            self._away += end - start
        clip, start, end = self.rest
        phase = (time - self._away) % (2 * (end - start))
        return clip.at(start + min(phase, 2 * (end - start) - phase))


@dataclass
class Session:
    """What a capture left behind."""

    challenge: Challenge
    observations: Observations
    steps: list[Progress]

    @property
    def complete(self) -> bool:
        return self.steps[-1].complete

    @property
    def over(self) -> bool:
        return self.steps[-1].over


Times = Callable[[int], float]


def steady(number: int) -> float:
    """Camera time of a frame: 9 a second, with the unsteadiness of a timer."""
    return number / RATE + 0.004 * ((number * 7919) % 5 - 2)


def run(
    camera: Camera,
    challenge: Challenge,
    observer: Observer | Direct,
    random: Random | None = None,
    seconds: float = 130.0,
    stamp: Times = steady,
    sent: Times = steady,
) -> Session:
    """One capture until it is complete, over, or `seconds` long.

    `stamp` gives each frame's camera time as claimed; `sent` when it was really taken.
    """
    random = random or Random(7)
    frames: list[Frame] = []
    seen: list[Observation] = []
    turns: list[Parallax] = []
    steps: list[Progress] = []
    batch: list[Frame] = []
    pending: list[tuple[float, Prompt]] = []
    shown: Prompt | None = None
    number = 0
    while sent(number) < seconds:
        real = sent(number)
        while pending and pending[0][0] <= real:
            camera.told(pending.pop(0)[1], real)
        batch.append(Frame(decode(encode(camera.picture(real))), stamp(number)))
        number += 1
        if len(batch) < BATCH:
            continue
        received = OPENING + real + NETWORK
        taken = [replace(frame, received=received) for frame in batch]
        frames = (frames + taken)[-80:]
        chosen = observer.batch(seen, taken)
        batch = []
        now = received + ANALYSIS
        known = Observations(observer.pack, (*seen, *chosen), tuple(turns))
        step = advance(challenge, known, now, random)
        challenge = step.challenge
        if step.answered and not is_covered(known.frames, chosen[-1].time):
            chosen = observer.answered(chosen, taken)
        seen += chosen
        if step.turn:
            started, ended = step.turn
            parallax = measure_parallax([f for f in frames if started <= f.time <= ended], seen)
            turns += [parallax] if parallax else []
        if step.prompt is not None and step.prompt != shown:
            shown = step.prompt
            pending.append((now - OPENING + REACTION, shown))
        steps.append(step)
        if step.complete or step.over:
            break
    return Session(challenge, Observations(observer.pack, tuple(seen), tuple(turns)), steps)


def encode(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def decode(picture: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
