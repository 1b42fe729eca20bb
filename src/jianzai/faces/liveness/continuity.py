"""One face from the first frame to the last?

The embedded frames are compared with each other (`Comparison.continuity`), and
between them the box must move as a head can. A cut alone is no fraud (a lost
frame, a stumble), so it only asks for a person to look; another face is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from jianzai.faces.types import Challenge, Comparison, Observation, Reason

from .actions import since_opened
from .voice import Verdict, Voice

SHORT_GAP = 0.4  # seconds; over longer ones a head may be anywhere
JUMP = 0.8  # face widths that the centre moves from one frame to the next
GROWTH = 1.5  # ratio of widths from one frame to the next
LONGEST_ABSENCE = 1.5  # seconds without a face, between frames that show one
SEVERAL_SHARE = 0.15  # of the frames may show a second face: somebody passes behind
COVERAGE = 3.0  # seconds that may lie between the first or last answer and the nearest embedded frame


def judge_continuity(
    challenge: Challenge,
    observed: Sequence[Observation],
    comparison: Comparison,
    same_face: float,
    other_face: float,
) -> Voice:
    """Value: lowest comparison score between embedded frames of the capture, None without two.

    `same_face` and `other_face` are the pack's scores from which frames surely show one
    face, and below which they surely do not.
    """
    frames = since_opened(challenge, observed)
    score = comparison.continuity
    if score is not None and score < other_face:
        return Voice(score, Verdict.FAILED, Reason.FACE_CHANGED)
    if score is None or score < same_face or not _covered(challenge, frames, comparison):
        return Voice(score, Verdict.UNDECIDED, Reason.FACE_CHANGED)
    if sum(frame.faces > 1 for frame in frames) > SEVERAL_SHARE * len(frames):
        return Voice(score, Verdict.UNDECIDED, Reason.SEVERAL_FACES)
    if cuts(frames):
        return Voice(score, Verdict.UNDECIDED, Reason.FACE_CHANGED)
    return Voice(score, Verdict.PASSED)


def cuts(frames: Sequence[Observation]) -> int:
    """How often the face jumps, grows or is away as a head in front of a camera cannot."""
    shown = [frame for frame in frames if frame.box is not None]
    return sum(_is_cut(before, after) for before, after in pairwise(shown))


def _is_cut(before: Observation, after: Observation) -> bool:
    gap = after.time - before.time
    if gap > LONGEST_ABSENCE:
        return True
    if gap > SHORT_GAP:
        return False
    x, y, width, height = before.box
    to_x, to_y, to_width, to_height = after.box
    # Boxes are shares of a frame of unknown shape, so each axis is measured against the face's own size.
    across = (to_x + to_width / 2 - x - width / 2) / width
    down = (to_y + to_height / 2 - y - height / 2) / height
    growth = max(to_width / width, width / to_width)
    return (across**2 + down**2) ** 0.5 > JUMP or growth > GROWTH


def is_covered(frames: Sequence[Observation], time: float) -> bool:
    """Whether an embedded frame lies near ``time`` (camera clock), as every answer needs one."""
    return any(frame.embedding is not None and abs(frame.time - time) <= COVERAGE for frame in frames)


def _covered(challenge: Challenge, frames: Sequence[Observation], comparison: Comparison) -> bool:
    """Whether embedded frames lie near the first and the last answer, so that no face was there unseen."""
    ends = [
        max((frame.time for frame in frames if frame.received <= prompt.answered), default=None)
        for prompt in challenge.prompts
        if prompt.answered is not None and not prompt.lapsed
    ]
    return all(
        end is not None and any(abs(time - end) <= COVERAGE for time in comparison.times) for end in ends
    )
