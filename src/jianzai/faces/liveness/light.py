"""Does the face change colour with the screen it looks at?

After the last action the page shows a few pale colours, drawn at random. Skin near the screen takes part in
them, the room behind it hardly. A film of the face on another screen does not: it shines by itself. The
colour of the skin is held against that of the room beside it, which leaves out what a camera does to the
whole picture, white balance and exposure, and a tint that a program lays over it.

How surely a face follows needs no recordings of people. The colours were drawn; so whatever does not depend
on them is as likely to fit any other sequence that could have been drawn. The share of these that fit as well
as ours is the chance of being taken for a reflection all the same.

Nothing flashes: the colours are pale, of a relative luminance of 0.5 and more, none a saturated red, and
change less than twice a second; WCAG 2.2 (2.3.1) allows three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from random import Random

import numpy as np

from jianzai.faces.types import Challenge, Colour, Comparison, Light, Observation, Reason, Reflection

from .clock import clock_offset
from .voice import Verdict, Voice

COLOURS = 8  # of four: 8,748 sequences without two alike in a row
SECONDS = 0.6  # that each is shown
LIMIT_SECONDS = 20.0  # from sending the colours to the last picture of them; the page says first what comes

LAGS = (0.0, 0.1, 0.2, 0.3, 0.4)  # seconds from a colour on the page to its light in a picture
FEWEST = 16  # pictures with skin: two to a colour
DEGREE = 2  # of the drift over time that counts for nothing: heads sink, lamps warm up
LEAST_NOISE = 2e-4  # of a logarithm
HURRY = 0.5  # colours by which a picture's mark may be ahead of the camera's clock

CHANCE = 0.001  # of being taken for a reflection without following the colours
# Root mean squares of the logarithm of colour. Figures in `judge_light`
FOLLOWS = 0.03  # from here on light of the page: the glass before a film throws back less
STEPS = 0.06  # from here on the face changes colour so much that something must light it
STEPS_ASTRAY = 0.5  # share of these changes, at most, that may follow the page


def draw_light(random: Random, required: bool) -> Light:
    """Colours for a new challenge, each sequence as likely as any other.

    `required`: a clerk must look where they are not seen on the face.
    """
    colours = [random.choice(tuple(Colour))]
    while len(colours) < COLOURS:
        colours.append(random.choice([one for one in Colour if one is not colours[-1]]))
    return Light(tuple(colours), required, compared=random.randrange(COLOURS))


def end(light: Light, frames: Sequence[Observation], now: float) -> Light:
    """`light`, which was issued, ended at `now` (server clock) where all was shown or the time is up."""
    shown = any(one.reflection.shown >= len(light.colours) for one in lit(light, frames))
    return replace(light, ended=now) if shown or now > light.issued + LIMIT_SECONDS else light


def lit(light: Light, frames: Sequence[Observation]) -> list[Observation]:
    """The frames that were taken, by both clocks, after the colours were sent, and say which they show."""
    if light.issued is None:
        return []
    offset = clock_offset([one for one in frames if one.received <= light.issued])
    return [
        one
        for one in frames
        if one.reflection is not None and one.received > light.issued and one.time + offset > light.issued
    ]


def to_compare(light: Light | None, frames: Sequence[Observation], fresh: Sequence[Observation]) -> list[int]:
    """Which of `fresh`, the last of `frames`, may be embedded so that nobody lends another face to the light.

    Empty where none has to be: it is done at a colour that was drawn with the others, and kept secret.
    """
    if light is None:
        return []
    due = _due(light, lit(light, frames))
    if any(one.embedding is not None for one in due):
        return []
    times = {one.time for one in due}
    return [place for place, one in enumerate(fresh) if one.time in times]


def _due(light: Light, frames: Sequence[Observation]) -> list[Observation]:
    """Those of `frames` one of which must be embedded."""
    return [one for one in frames if light.compared <= one.reflection.shown < len(light.colours)]


def judge_light(challenge: Challenge, observed: Sequence[Observation], comparison: Comparison) -> Voice:
    """Value: share of the sequences that could have been drawn which fit the face worse, 0 to 1.

    None where the face shows nothing of them, as in daylight, or none were shown. That is for a clerk only
    where the office says so; a face that changes colour clearly otherwise than the page is too. Nobody is
    refused. Asked only where `challenge` has a light.
    """
    light = challenge.light
    unseen = Voice(None, Verdict.ABSENT)
    if light.required:
        unseen = Voice(None, Verdict.UNDECIDED, Reason.NO_LIGHT)
    frames = lit(light, observed)
    found = fit(light.colours, frames)
    if found is None:
        return unseen
    if found.worse >= 1 - CHANCE and found.follows >= FOLLOWS:
        compared = any(one.time in comparison.times for one in _due(light, frames))
        return Voice(found.worse, Verdict.PASSED) if compared else unseen
    if found.changes >= STEPS and found.follows <= STEPS_ASTRAY * found.changes:
        return Voice(found.worse, Verdict.UNDECIDED, Reason.OTHER_LIGHT)
    return unseen


@dataclass(frozen=True, slots=True)
class Fit:
    """How a face's colour goes with a sequence of colours."""

    worse: float  # share of all sequences that explain less of it, 0-1
    follows: float  # root mean square of what the sequence explains, of the logarithm of colour
    changes: float  # of all that changes, but for a slow drift


def fit(colours: Sequence[Colour], frames: Sequence[Observation]) -> Fit | None:
    """How far the skin in `frames` follows `colours`; None where too few show skin or they come too fast."""
    shown = [one for one in frames if one.reflection.skin and one.reflection.shown < len(colours)]
    if len(shown) < FEWEST:
        return None
    marks = np.array([one.reflection.shown for one in shown])
    times = np.array([one.time for one in shown])
    ahead = marks - times / SECONDS
    if np.any(np.diff(marks) < 0) or np.any(ahead - np.minimum.accumulate(ahead) > HURRY):
        return None
    tint = _tint([one.reflection for one in shown])
    sequences = _sequences(len(colours))
    own = int(np.argmax((sequences == [list(Colour).index(one) for one in colours]).all(axis=1)))
    shares = np.zeros(len(sequences))
    best = (-1.0, 0.0, 0.0)  # our share, what follows, all that changes
    for lag in LAGS:
        number = np.floor(marks - lag / SECONDS).astype(int)
        kept = number >= 0
        if kept.sum() < FEWEST:
            continue
        share, power, all_power = _explained(tint[kept], times[kept], number[kept], len(colours))
        best = max(best, (share[own], power[own], all_power))
        shares = np.maximum(shares, share)
    return Fit(float((shares < shares[own]).mean()), float(best[1] ** 0.5), float(best[2] ** 0.5))


def _tint(reflections: Sequence[Reflection]) -> np.ndarray:
    """(n, 2): logarithms of red and of blue over green on the skin, over the same of the room beside it."""
    skin = np.log([one.skin for one in reflections])
    if all(one.around for one in reflections):
        skin -= np.log([one.around for one in reflections])
    return skin[:, [0, 2]] - skin[:, [1]]


def _explained(
    tint: np.ndarray, times: np.ndarray, number: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Of the tint's changes: the share that each sequence explains, that as a mean square, and that of all.

    `number` (n,) says which of a sequence's `length` colours lights each frame. Each axis has a gain of its
    own, not below 0, as the room's light is coloured itself, and counts by its noise from frame to frame.
    """
    drift, _ = np.linalg.qr(np.vander((times - times.mean()) / np.ptp(times), DEGREE + 1))
    noise = np.maximum(np.median(np.abs(np.diff(tint, axis=0)), axis=0), LEAST_NOISE)
    left = tint - drift @ (drift.T @ tint)
    shown = np.eye(length)[number]
    shown -= drift @ (drift.T @ shown)
    along, spread = shown.T @ left, shown.T @ shown
    explained = np.zeros((len(_sequences(length)), 2))
    for axis, thrown in enumerate(_thrown(length)):
        size = np.maximum(((thrown @ spread) * thrown).sum(axis=1), 1e-9)
        explained[:, axis] = np.maximum(thrown @ along[:, axis], 0) ** 2 / size
    total = (left**2).sum(axis=0)
    shares = (explained / noise**2).sum(axis=1) / max(float((total / noise**2).sum()), 1e-9)
    return shares, explained.sum(axis=1) / len(left), float(total.sum() / len(left))


@cache
def _sequences(length: int) -> np.ndarray:
    """(m, length) numbers of colours: every sequence without two alike in a row."""
    every = np.array(list(product(range(len(Colour)), repeat=length)))
    return every[(np.diff(every, axis=1) != 0).all(axis=1)]


@cache
def _thrown(length: int) -> tuple[np.ndarray, np.ndarray]:
    """What the colours of every sequence (m, length) throw, of linear light: red and blue less green."""
    codes = np.array([[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in Colour])
    red, green, blue = (((codes + 0.055) / 1.055) ** 2.4).T  # sRGB; none is in the straight part of its curve
    return (red - green)[_sequences(length)], (blue - green)[_sequences(length)]
