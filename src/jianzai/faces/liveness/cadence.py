"""Do the frames come like a camera's: each new, in order, at a camera's pace, by the server's clock?

Numbers only: digests of the pictures, camera times, times of arrival, and the
measures of the face, which repeat when a loop is played.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jianzai.faces.types import Challenge, Observation, Reason

from .actions import since_opened
from .clock import clock_offset
from .voice import Verdict, Voice

FEWEST_FRAMES = 20  # two prompts and a settled second take longer than these at 4 a second
SLOWEST = 4.0  # distinct frames a second; an action of half a second then shows in two
FASTEST = 35.0
LONGEST_GAP = 2.0  # seconds without a frame
LONGEST_FREEZE = 1.0  # seconds of one and the same picture; in the dark a camera gives 5 frames a second
REPEATS = 3  # pictures that come back after others came between: a camera never does that
LATEST = 10.0  # seconds between taking a frame and its arrival, beyond the quickest seen
PACE = (0.85, 1.18)  # camera seconds per server second; quartz is exact, networks are not
PACE_SECONDS = 5.0  # shorter captures say nothing of the pace
PACE_APART = 3.0  # seconds between two batches that are compared

LOOP_RATE = 8.0  # grid, frames a second
LOOP_SECONDS = 2.0  # a stretch this long that comes back is a loop
LOOP_MOVEMENT = (
    3.0  # standard deviations of the noise that the stretch must move by, else every rest is a loop
)
LOOP_NOISE = np.array([1.0, 1.0, 1.0, 0.02, 0.03, 0.01, 0.01])  # yaw, pitch, roll, eyes, mouth, box centre
LOOP_DISTANCE = 0.6  # root mean square difference of the two stretches, in units of the noise


def judge_cadence(challenge: Challenge, observed: Sequence[Observation]) -> Voice:
    """Value: distinct frames per second of camera time."""
    frames = since_opened(challenge, observed)
    if len(frames) < FEWEST_FRAMES:
        return Voice(None, Verdict.UNDECIDED, Reason.TOO_SHORT)
    rate = _distinct_rate(frames)
    if _impossibly_timed(frames) or rate > FASTEST:
        return Voice(rate, Verdict.FAILED, Reason.BAD_TIMES)
    if _comes_back(frames) or _longest_freeze(frames) > LONGEST_FREEZE or loops(frames):
        return Voice(rate, Verdict.FAILED, Reason.REPEATED_FRAMES)
    if rate < SLOWEST or _longest_gap(frames) > LONGEST_GAP:
        return Voice(rate, Verdict.UNDECIDED, Reason.BAD_TIMES)
    return Voice(rate, Verdict.PASSED)


def _distinct_rate(frames: Sequence[Observation]) -> float:
    seconds = frames[-1].time - frames[0].time
    return (len({frame.digest for frame in frames}) - 1) / seconds if seconds > 0 else float("inf")


def _impossibly_timed(frames: Sequence[Observation]) -> bool:
    """Out of order on either clock, arriving far too late, or one clock running faster than the other."""
    camera = np.array([frame.time for frame in frames])
    server = np.array([frame.received for frame in frames])
    if np.any(np.diff(camera) <= 0) or np.any(np.diff(server) < 0):
        return True
    held = np.array([frame.held for frame in frames])
    if np.any(server - held - camera - clock_offset(frames) > LATEST):
        return True
    last = np.append(np.diff(server) > 0, True)  # of its batch
    return _another_pace(camera[last], server[last], held[last])


def _another_pace(camera: np.ndarray, server: np.ndarray, held: np.ndarray) -> bool:
    """Whether the camera's clock runs at another pace than the server's, by each batch's last frame.

    The median of the paces between all pairs of batches far enough apart, which a few batches delayed on
    their way do not move (P. K. Sen 1968, "Estimates of the regression coefficient based on Kendall's tau").
    By as much as the server itself may have delayed a frame it may have come earlier: only a camera that
    is too slow or too fast even so is.
    """
    if server[-1] - server[0] < PACE_SECONDS:
        return False
    before, after = np.nonzero(server[None, :] - server[:, None] >= PACE_APART)
    taken, seconds = camera[after] - camera[before], server[after] - server[before]
    too_slow = np.median(taken - PACE[0] * (seconds - held[after])) < 0
    too_fast = np.median(taken - PACE[1] * (seconds + held[before])) > 0
    return bool(too_slow or too_fast)


def _comes_back(frames: Sequence[Observation]) -> bool:
    """Whether pictures appear again after different ones."""
    seen: set[str] = set()
    repeats = 0
    for previous, frame in zip([None, *frames], frames, strict=False):
        if previous is None or frame.digest != previous.digest:
            repeats += frame.digest in seen
            seen.add(frame.digest)
    return repeats >= REPEATS


def _longest_freeze(frames: Sequence[Observation]) -> float:
    """Seconds for which one picture stood."""
    longest, began = 0.0, frames[0]
    for frame in frames:
        if frame.digest != began.digest:
            began = frame
        longest = max(longest, frame.time - began.time)
    return longest


def _longest_gap(frames: Sequence[Observation]) -> float:
    return float(np.max(np.diff([frame.time for frame in frames])))


def loops(frames: Sequence[Observation]) -> bool:
    """Whether a stretch of movement comes back as it was, as in a loop that was filmed or encoded again."""
    faces = [frame for frame in frames if frame.yaw is not None and frame.eye_opening is not None]
    if len(faces) < FEWEST_FRAMES:
        return False
    times = np.array([frame.time for frame in faces])
    measures = np.array([_measures(frame) for frame in faces]) / LOOP_NOISE
    grid = np.arange(times[0], times[-1], 1 / LOOP_RATE)
    track = np.stack([np.interp(grid, times, column) for column in measures.T], axis=1)
    length = int(LOOP_SECONDS * LOOP_RATE)
    for lag in range(length, len(track) - length):
        squared = np.mean((track[lag:] - track[:-lag]) ** 2, axis=1)
        summed = np.concatenate([[0.0], np.cumsum(squared)])
        distances = np.sqrt((summed[length:] - summed[:-length]) / length)
        for start in np.flatnonzero(distances < LOOP_DISTANCE):
            if np.max(np.std(track[start : start + length], axis=0)) > LOOP_MOVEMENT:
                return True
    return False


def _measures(frame: Observation) -> tuple[float, ...]:
    x, y, width, height = frame.box
    return (
        frame.yaw,
        frame.pitch,
        frame.roll,
        frame.eye_opening,
        frame.mouth_opening,
        x + width / 2,
        y + height / 2,
    )
