"""A cohort that nobody is."""

from __future__ import annotations

import numpy as np
import pytest

from jianzai.faces.drawn import COMPONENTS, COUNT, draw, drawn_cohort, unit
from jianzai.faces.models import packs


def people(seed: int, count: int, size: int = 32) -> np.ndarray:
    """Unit vectors in five clusters, spread more along some directions than along others."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((5, size))
    spread = np.linspace(1.5, 0.2, size)
    vectors = centres[random.integers(5, size=count)] + random.standard_normal((count, size)) * spread
    return unit(vectors)


def nearest(cohort: np.ndarray, person: np.ndarray, count: int) -> np.ndarray:
    return np.sort(cohort @ person)[-count:]


def test_it_is_the_same_each_time_and_another_with_another_seed():
    known = people(1, 400)
    assert np.array_equal(draw(known, 0.8, 3), draw(known, 0.8, 3))
    assert not np.array_equal(draw(known, 0.8, 3), draw(known, 0.8, 4))


def test_it_lies_about_a_stranger_as_people_do():
    drawn = unit(draw(people(1, 1000), 0.9, 3))
    others = people(2, COUNT)
    for stranger in people(5, 20):
        there, here = nearest(others, stranger, 300), nearest(drawn, stranger, 300)
        assert here.mean() == pytest.approx(there.mean(), abs=0.05)
        assert here.std() == pytest.approx(there.std(), rel=0.35)


def test_nobody_is_in_it():
    known = people(1, 1000)
    drawn = unit(draw(known, 0.8, 3))
    assert drawn.shape == (COUNT, known.shape[1])
    assert (drawn @ known.T).max() < 0.8 + 1e-6


def test_few_people_are_refused():
    with pytest.raises(ValueError, match="too few"):
        draw(people(1, 10 * COMPONENTS - 1), 0.8, 3)


@pytest.mark.parametrize("shipped", [pack for pack in packs().values() if pack.drawn])
def test_what_is_shipped_fits_its_pack(shipped):
    cohort = drawn_cohort(shipped.name)
    assert len(cohort) == COUNT
    assert np.allclose(np.linalg.norm(cohort, axis=1), 1, atol=1e-5)
    assert shipped.drawn.uncertain < shipped.drawn.same
    assert "Set on" in shipped.drawn.figures
    # No two are one vector, and none is as near to another as two pictures of one person are.
    between = cohort @ cohort.T - 2 * np.eye(COUNT)
    assert np.quantile(between.max(axis=0), 0.99) < 0.95


def test_a_pack_without_one_has_none():
    assert drawn_cohort("no such pack") is None
