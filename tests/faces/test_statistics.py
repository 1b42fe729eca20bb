"""Intervals against published values and against the binomial distribution itself."""

from __future__ import annotations

from math import comb, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces.evaluation import rate, threshold_at
from jianzai.faces.evaluation.statistics import bootstrap


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    [
        # Closed forms at the ends: 1 - (1/40)^(1/n), (1/40)^(1/n).
        (0, 100, 0.0, 1 - 0.025**0.01),
        (100, 100, 0.025**0.01, 1.0),
        (0, 1, 0.0, 0.975),
    ],
)
def test_ends(errors, trials, low, high):
    found = rate(errors, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_each_bound_leaves_a_fortieth_in_the_binomial_tail(counts):
    errors, trials = counts
    found = rate(errors, trials)

    def probability(chance, values):
        return sum(comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in values)

    if errors > 0:
        assert probability(found.low, range(errors, trials + 1)) == pytest.approx(0.025, rel=1e-6)
    if errors < trials:
        assert probability(found.high, range(errors + 1)) == pytest.approx(0.025, rel=1e-6)
    assert found.low <= found.share <= found.high


def test_impossible_counts_are_refused():
    for errors, trials in ((-1, 5), (6, 5)):
        with pytest.raises(ValueError):
            rate(errors, trials)
    assert isnan(rate(0, 0).share)


@given(st.lists(st.integers(0, 50), min_size=30, max_size=300), st.sampled_from([0.1, 0.2, 0.5]))
def test_a_threshold_lets_no_more_than_its_share_pass_and_is_the_lowest_that_does(values, share):
    scores = np.array(values, float)
    threshold = threshold_at(scores, share)
    assert (scores >= threshold).sum() <= len(scores) * share
    below = scores[scores < threshold]
    assert (scores >= below.max()).sum() > len(scores) * share


def test_a_share_that_the_counts_cannot_show_is_refused():
    with pytest.raises(ValueError, match="not measurable"):
        threshold_at(np.zeros(100), 1e-3)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(5, 9)), min_size=2, max_size=30))
def test_people_drawn_anew_stay_within_the_worst_and_the_best_of_them(counts):
    errors, trials = (np.array(values, float) for values in zip(*counts, strict=True))
    low, high = bootstrap(errors, trials, rounds=50)
    shares = errors / trials
    assert shares.min() - 1e-9 <= low <= high <= shares.max() + 1e-9
    assert (low, high) == bootstrap(errors, trials, rounds=50)


def test_pairs_that_share_people_tell_less_than_their_number():
    # One of 40 people is like everybody: 39 of 780 pairs go wrong, and all by that one.
    errors = np.triu(np.ones((40, 40)), 1)
    trials = errors.copy()
    errors[1:] = 0
    low, high = bootstrap(errors, trials)
    counted = rate(39, 780)
    assert low < counted.low
    assert high > counted.high


def test_without_trials_there_is_no_interval():
    assert all(isnan(value) for value in bootstrap(np.zeros(3), np.zeros(3)))
