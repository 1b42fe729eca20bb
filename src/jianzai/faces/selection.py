"""Which frames of a capture are embedded: at most five, so that its cost does not grow with its length.

The frames must show that one person was there from the first frame to the last
answer, whichever batch a process happens to see. The rule looks at the numbers so
far and nothing else, one stretch of about a second at a time:

- the first good frame is embedded;
- after a movement (turn, mouth, eyes: what prompts ask for) the next good frame is
  embedded, so that every answer has one near it;
- in between, one every few seconds, but never with the last two places: those are
  kept for movements, so nobody gets rid of the check by waiting.

Who uses up the places by moving about would leave an answer without an embedded
frame near it. In a conversation the server knows when an answer comes, so there the
rule fills only three places and the last two are for the answers themselves
(``FaceEngine.embed_answer``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import quality
from .types import Observation

MOST = 5
STRETCH = 1.0  # seconds looked at together
APART = 1.5  # seconds between embedded frames at least
RHYTHM = 4.0  # seconds without movement after which one is embedded all the same
KEPT = 2  # places that only movements may use

_TURNED = 10.0  # degrees off the person's usual yaw
_OPENED = 0.25  # mouth opening above the usual one
_CLOSED = 0.75  # of the usual eye opening
_CLOSED_SECONDS = 0.4  # longer than a blink


def stretches(observations: Sequence[Observation]) -> list[range]:
    """Indices of consecutive frames, cut into stretches of about a second of the camera's clock."""
    parts, begin = [], 0
    for index, observation in enumerate(observations):
        if abs(observation.time - observations[begin].time) >= STRETCH:
            parts.append(range(begin, index))
            begin = index
    if begin < len(observations):
        parts.append(range(begin, len(observations)))
    return parts


def best(observed: Sequence[Observation]) -> int | None:
    """The frame fittest to be embedded, the straightest where none is good; None where none has a face."""
    shown = [index for index, frame in enumerate(observed) if frame.quality is not None]
    if not shown:
        return None
    return max(shown, key=lambda index: (quality.score(observed[index]), -abs(observed[index].yaw)))


def choose(earlier: Sequence[Observation], stretch: Sequence[Observation], places: int = MOST) -> int | None:
    """Which frame of ``stretch`` to embed, given all observations before it; None for none.

    ``places``: how many frames of the capture may be embedded in all.
    """
    embedded = [frame for frame in earlier if frame.embedding is not None]
    if len(embedded) >= places:
        return None
    grades = [quality.score(frame) for frame in stretch]
    if not grades or max(grades) == 0:
        return None
    best = int(np.argmax(grades))
    if not embedded:
        return best
    last = max(frame.time for frame in embedded)
    since = stretch[best].time - last
    if since < APART:
        return None
    moved = _moved(earlier, stretch, last)
    rests = since >= RHYTHM and len(embedded) < MOST - KEPT
    return best if moved or rests else None


def _moved(earlier: Sequence[Observation], stretch: Sequence[Observation], last: float) -> bool:
    """Whether the person began to move, as prompts ask, after the frame embedded last.

    A movement that was already under way then has its frame: one answer must not use up two places.
    """
    shown = [frame for frame in (*earlier, *stretch) if frame.quality is not None]
    usual_yaw = np.median([frame.yaw for frame in shown])
    usual_eyes = np.median([frame.eye_opening for frame in shown])
    usual_mouth = np.median([frame.mouth_opening for frame in shown])
    began = closed_since = None
    for frame in shown:
        closed = frame.eye_opening < _CLOSED * usual_eyes
        closed_since = (frame.time if closed_since is None else closed_since) if closed else None
        if (
            abs(frame.yaw - usual_yaw) > _TURNED
            or frame.mouth_opening > usual_mouth + _OPENED
            or (closed and frame.time - closed_since >= _CLOSED_SECONDS)
        ):
            began = frame.time if began is None else began
            if began > last:
                return True
        else:
            began = None
    return False
