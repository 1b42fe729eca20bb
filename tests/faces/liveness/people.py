"""Observations of faces that nobody has: numbers made for one purpose each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from jianzai.faces.liveness import Progress, advance
from jianzai.faces.types import Challenge, Observation, Observations, Quality

GOOD = Quality(70.0, 0.5, 0.2, 0.0, 0.0, 0.9, 0.2, 0.0)
RATE = 9.0
NETWORK = 0.3


def face(time: float = 0.0, received: float = 0.0, **differences) -> Observation:
    """A frontal, neutral, well lit face."""
    values = {
        "faces": 1,
        "digest": f"{time:.4f}",
        "box": (0.35, 0.3, 0.3, 0.4),
        "yaw": 0.0,
        "pitch": 0.0,
        "roll": 0.0,
        "eye_opening": 0.3,
        "mouth_opening": 0.03,
        "quality": GOOD,
    }
    return Observation(time, received, **(values | differences))


@dataclass
class Conversation:
    """A person made of numbers in a session: `show` sends a stretch of frames as one batch and advances."""

    challenge: Challenge
    random: Random = field(default_factory=lambda: Random(1))
    frames: list[Observation] = field(default_factory=list)
    time: float = 0.0
    usual: dict = field(default_factory=dict)

    def show(self, seconds: float, changes: Iterable[dict] | None = None, **change) -> Progress:
        """`change` throughout, or `changes` one after the other over the stretch."""
        count = round(seconds * RATE)
        steps = list(changes) if changes is not None else [change]
        stretch = []
        for number in range(count):
            step = steps[number * len(steps) // count]
            stretch.append((self.time, self.usual | step))
            self.time += 1 / RATE
        received = self.time + NETWORK
        self.frames += [face(time, received, **values) for time, values in stretch]
        step = advance(self.challenge, Observations("x", tuple(self.frames)), received + 0.1, self.random)
        self.challenge = step.challenge
        return step

    def rest(self) -> Progress:
        """Long enough for a prompt to be issued and its moment to be past."""
        self.show(1.3)
        return self.show(0.9)
