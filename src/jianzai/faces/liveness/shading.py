"""Does the light on the face change as the head turns?

Skin that turns meets the light at another angle, and every place of it by another amount.
A picture of a face that is made to turn, by warping it or laying it over somebody else's,
takes its light along: what was bright stays as bright. So the same places are compared
before and after the turn, each against the face as a whole, so that neither a lamp that is
switched on nor a camera or a program that changes tones counts.

Where a place is followed a little wrongly its light seems to change too, the more so the
steeper the light is on that face. So the change is counted in steps of that steepness.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from jianzai.faces.types import Challenge, Observation, Parallax, Reason

from .actions import answered_turns
from .voice import Verdict, Voice

APART = 5  # pixels between places, at parallax's working size
NEIGHBOURS = 4  # followed points that say where a place went
FURTHEST = 12.0  # pixels to the nearest of them
FEWEST = 20  # places
SMOOTH = 2.5  # pixels; finer than this is detail, and where exactly it went decides
DARK = 8.0  # of 255, added so that noise in shadows is no change of light
QUARTILE = 25  # of all places: hair, lips and what was followed wrongly change most and prove nothing
LEAST_STEEP = 0.012  # of the logarithm a pixel; on flatter faces noise would count for light

TAKEN_ALONG = 1.6  # hundredths of a pixel a degree. Figures in `judge_shading`


def change(
    first: np.ndarray, last: np.ndarray, face: np.ndarray, began: np.ndarray, ended: np.ndarray, turned: float
) -> float | None:
    """How much the light of a face's places changed over a turn of `turned` degrees.

    In hundredths of a pixel a degree: by so much would places have to be followed wrongly to seem to
    change as much. The quartile of all places: three in four changed by more. `first` and `last` are grey
    pictures at parallax's working size, `face` a mask over the first, `began` and `ended` where points of
    the face lay in them, (n, 2). None where too few places lie near such points.
    """
    down, right = np.mgrid[0 : face.shape[0] : APART, 0 : face.shape[1] : APART]
    places = np.column_stack([right.ravel(), down.ravel()])[face[down, right].ravel() > 0].astype(np.float32)
    distances = np.linalg.norm(places[:, None] - began[None], axis=2)
    nearest = np.argsort(distances, axis=1)[:, :NEIGHBOURS]
    distances = np.take_along_axis(distances, nearest, axis=1)
    close = distances[:, 0] < FURTHEST
    if close.sum() < FEWEST:
        return None
    weights = 1 / (distances + 2) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    moved = ((ended - began)[nearest] * weights[..., None]).sum(axis=1)
    light = _light(first)
    before, after = _at(light, places[close]), _at(_light(last), (places + moved)[close])
    steepness = np.hypot(*np.gradient(light)).astype(np.float32)
    steep = max(float(np.median(_at(steepness, places[close]))), LEAST_STEEP)
    return float(100 * _unexplained(before, after) / steep / turned)


def _unexplained(before: np.ndarray, after: np.ndarray) -> float:
    """By how much the light (n,) of three places in four changed beyond one change of all.

    As a lamp makes it, the same for all, or as a camera does that changes its contrast too: whichever
    leaves less over.
    """
    shifted = after - before - np.median(after - before)
    tones = np.column_stack([before, np.ones_like(before)])
    toned = after - tones @ np.linalg.lstsq(tones, after, rcond=None)[0]
    return min(float(np.percentile(np.abs(left), QUARTILE)) for left in (shifted, toned))


def _light(grey: np.ndarray) -> np.ndarray:
    """The logarithm of the luminance, without detail."""
    return np.log(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), SMOOTH) + DARK)


def _at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The values of a picture at places (n, 2)."""
    return cv2.remap(values, places.astype(np.float32)[None], None, cv2.INTER_LINEAR)[0]


def judge_shading(challenge: Challenge, observed: Sequence[Observation], turns: Sequence[Parallax]) -> Voice:
    """Value: change of light over the answered turn, hundredths of a pixel a degree.

    A soft light from all sides changes little too, so this voice only asks for a person to look.

    Figures of turns of `tests/faces/liveness/recordings.py`'s people. The four in view: living, as recorded,
    in a dim room and with the phone in a hand, 2.5 to 9.4 (45 turns); photographs animated 0.7 to 0.9 (4);
    one's face laid over another's 1.1 to 2.0 (6). In a browser, at a loaded server, one man's turn gave
    1.97 and 2.16, so TAKEN_ALONG stands below: living people weigh more than faces laid over, of
    which it now lets some pass. The others: photographs animated 0.4 to 1.0 (13), laid over 0.8 to 2.5 (26),
    living 2.5 to 7.2 (18).
    """
    changes = [
        turn.shading for turn in answered_turns(challenge, observed, turns) if turn.shading is not None
    ]
    if not changes:
        return Voice(None, Verdict.ABSENT)
    value = max(changes)
    if value < TAKEN_ALONG:
        return Voice(value, Verdict.UNDECIDED, Reason.FLAT)
    return Voice(value, Verdict.PASSED)
