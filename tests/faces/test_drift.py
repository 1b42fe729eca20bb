"""When a person should be modelled anew: a pure rule over the scores of their certifications."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces.comparison import anchored, decide
from jianzai.faces.drift import FEWEST, Point, falls, margin
from jianzai.faces.models import packs
from jianzai.faces.types import Comparison, Decision

PACK = packs()["embedded"]
YEARS = [date(2020 + year, 7, 1) for year in range(12)]
margins = st.floats(0.5, 4.0)
days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
points = st.lists(st.builds(Point, days, margins), max_size=14)


def yearly(*scored: float) -> list[Point]:
    return [Point(day, margin) for day, margin in zip(YEARS, scored, strict=False)]


@pytest.mark.parametrize(
    "scored", [(1.9, 1.6, 1.35, 1.1), (2.4, 2.1, 1.9, 1.6, 1.4, 1.2), (1.6, 1.65, 1.5, 1.3, 1.1, 0.9)]
)
def test_scores_that_fall_towards_the_threshold_speak(scored):
    assert falls(yearly(*scored))


@pytest.mark.parametrize(
    "scored",
    [
        (),
        (1.9, 1.5, 1.1),  # too few years
        (3.4, 3.0, 2.7, 2.4),  # far from the threshold
        (1.5, 1.2, 1.55, 1.25),  # up and down
        (1.1, 1.1, 1.1, 1.1, 1.1),  # low from the start: nothing has changed
    ],
)
def test_others_do_not(scored):
    assert not falls(yearly(*scored))


@given(st.lists(margins, min_size=FEWEST, max_size=12))
def test_scores_that_never_fall_never_speak(scored):
    assert not falls(yearly(*sorted(scored)))


@given(margins, st.lists(days, max_size=12))
def test_level_scores_never_speak(level, when):
    assert not falls([Point(day, level) for day in when])


@given(points, st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_says_nothing(told, random):
    mixed = list(told)
    random.shuffle(mixed)
    assert falls(mixed) == falls(told)


@given(points, st.integers(-3000, 3000))
def test_only_the_time_between_them_counts(told, later):
    moved = [Point(one.on + timedelta(days=later), one.margin) for one in told]
    assert falls(moved) == falls(told)


@given(points, st.floats(0.0, 0.4))
def test_a_worse_last_one_never_silences(told, worse):
    if falls(told):
        last = max(one.on for one in told)
        assert falls([Point(one.on, one.margin - worse * (one.on == last)) for one in told])


@given(points, st.integers(0, 13))
def test_the_same_day_told_twice_is_one_day(told, number):
    if told:
        again = told[number % len(told)]
        alone = [one for one in told if one.on != again.on or one is again]
        assert falls([*alone, again]) == falls(alone)


@given(st.floats(-1, 30), st.none() | st.floats(-1, 30))
def test_a_margin_of_one_is_just_what_certifies(score, anchors):
    found = Comparison("embedded", (0.5,), 0.5, score, 3000, None, drawn=True, anchors=anchors)
    point = PACK.drawn
    certified = anchored(decide(score, point), found, point.uncertain) is Decision.SAME
    assert (margin(found, PACK) >= 1) == certified
