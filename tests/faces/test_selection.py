"""Which frames are embedded: five at most, and after a movement one, however long somebody waited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces import Observation, Quality
from jianzai.faces.selection import APART, KEPT, MOST, choose, stretches

GOOD = Quality(60, 0.5, 0.1, 0.0, 0.0, 0.8, 0.06, 0.0)


def at(
    time: float, yaw: float = 0.0, mouth: float = 0.05, eyes: float = 0.3, good: bool = True
) -> Observation:
    quality = GOOD if good else replace(GOOD, luminance=0.01)
    box = (0.3, 0.3, 0.3, 0.4)
    return Observation(time, time, 1, f"{time}", box, yaw, 0.0, 0.0, eyes, mouth, quality)


def capture(frames: list[Observation], batch: int = 8) -> list[float]:
    """Times of the frames that are embedded when the capture arrives in batches."""
    seen: list[Observation] = []
    for start in range(0, len(frames), batch):
        part = frames[start : start + batch]
        for stretch in stretches(part):
            chosen = choose(seen, [part[index] for index in stretch])
            seen += [
                replace(part[index], embedding=np.ones(1)) if place == chosen else part[index]
                for place, index in enumerate(stretch)
            ]
    return [frame.time for frame in seen if frame.embedding is not None]


def seconds(start: float, end: float, **changes) -> list[Observation]:
    return [at(start + index / 8, **changes) for index in range(int((end - start) * 8))]


def test_the_first_good_frame_is_embedded():
    times = capture(seconds(0, 2, good=False) + seconds(2, 4))
    assert 2 <= times[0] < 3.1


@pytest.mark.parametrize("movement", [{"yaw": 18.0}, {"yaw": -18.0}, {"mouth": 0.6}, {"eyes": 0.1}])
@pytest.mark.parametrize("wait", [3.0, 20.0, 90.0])
def test_a_movement_has_an_embedded_frame_near_it_however_long_somebody_waited(movement, wait):
    frames = seconds(0, wait) + seconds(wait, wait + 1, **movement) + seconds(wait + 1, wait + 4)
    assert any(wait <= time <= wait + 3 for time in capture(frames))


def test_two_answers_after_a_long_wait_each_have_one():
    frames = (
        seconds(0, 60)
        + seconds(60, 61, yaw=18.0)
        + seconds(61, 66)
        + seconds(66, 67, mouth=0.6)
        + seconds(67, 70)
    )
    times = capture(frames)
    assert len(times) == MOST
    assert any(60 <= time <= 63 for time in times)
    assert any(66 <= time <= 69 for time in times)


def test_waiting_alone_leaves_two_places():
    assert len(capture(seconds(0, 120))) == MOST - KEPT


def test_a_blink_is_no_movement():
    frames = seconds(0, 3) + [at(3.0, eyes=0.1), at(3.125, eyes=0.1)] + seconds(3.25, 3.9)
    assert len(capture(frames)) == 1


def test_frames_that_cannot_be_used_are_never_embedded():
    assert capture(seconds(0, 30, good=False)) == []


@given(
    st.lists(
        st.tuples(st.floats(-40, 40), st.floats(0, 1), st.floats(0, 0.4), st.booleans()),
        min_size=1,
        max_size=200,
    ),
    st.integers(1, 30),
)
def test_no_behaviour_makes_it_more_than_five_or_nearer_than_they_should_be(moves, batch):
    frames = [at(i / 8, yaw, mouth, eyes, good) for i, (yaw, mouth, eyes, good) in enumerate(moves)]
    times = capture(frames, batch)
    assert len(times) <= MOST
    assert all(gap >= APART for gap in np.diff(times))
