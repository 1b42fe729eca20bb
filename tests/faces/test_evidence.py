"""The line that says how much a score weighs, on scores whose likelihood ratio is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces.evidence import cost, least_cost, regress

some = st.lists(st.floats(-8, 8), min_size=1, max_size=30).map(np.array)


def test_two_bells_give_their_likelihood_ratio():
    random = np.random.default_rng(1)
    same, strangers = random.normal(3, 2, 20_000), random.normal(-1, 2, 300_000)
    # ln of the ratio of two normal densities with one spread: (3 - -1) / 2^2 * (x - middle)
    slope, offset = regress(same[:, None], strangers[:, None])
    assert slope == pytest.approx(1.0, abs=0.03)
    assert offset == pytest.approx(-1.0, abs=0.05)
    said = [(slope * scores + offset) / np.log(10) for scores in (same, strangers)]
    assert least_cost(*said) <= cost(*said) <= least_cost(*said) + 0.005


def test_two_scores_get_weights_by_what_they_tell():
    random = np.random.default_rng(2)
    same = np.column_stack([random.normal(1, 1, 50_000), random.normal(1, 2, 50_000)])
    strangers = np.column_stack([random.normal(0, 1, 50_000), random.normal(0, 2, 50_000)])
    one, other, _ = regress(same, strangers)
    assert one == pytest.approx(1.0, abs=0.05)
    assert other == pytest.approx(0.25, abs=0.03)


def test_kinds_that_lie_apart_give_a_line_all_the_same():
    slope, offset = regress(np.array([[2.0], [3.0]]), np.array([[-2.0], [-3.0], [-2.5]]))
    assert 0 < slope < 100
    assert np.isfinite(offset)


def test_known_costs():
    nothing, certain = np.zeros(5), np.full(5, 9.0)
    assert cost(nothing, nothing) == pytest.approx(1.0)
    assert cost(certain, -certain) == pytest.approx(0.0, abs=1e-6)
    assert cost(-certain, certain) > 20
    assert least_cost(nothing, nothing) == pytest.approx(1.0)
    assert least_cost(certain, -certain) == 0.0
    assert least_cost(-certain, certain) == pytest.approx(1.0)


@given(some, some)
def test_no_rising_curve_costs_less_than_the_least(same, strangers):
    least = least_cost(same, strangers)
    assert 0 <= least <= 1 + 1e-9
    for slope, offset in ((0.0, 0.0), (1.0, 0.0), (0.3, 1.0), (5.0, -2.0)):
        assert least <= cost(slope * same + offset, slope * strangers + offset) + 1e-9
