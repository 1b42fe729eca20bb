"""A reference grows by what clearly shows the person, and nobody drags it to somebody else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces.comparison import anchored, compare, decide, deciding, pooled
from jianzai.faces.drawn import drawn_cohort
from jianzai.faces.growth import MOST, addition, grown
from jianzai.faces.models import packs
from jianzai.faces.types import Comparison, Decision, Observation, Observations, Quality, Reference

PACK = packs()["recommended"]
NOBODY = drawn_cohort("recommended")
SHARP = Quality(80.0, 0.5, 0.2, 0.0, 0.0, 0.9, 500.0, 0.0)
YEARS = 6


def unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def session(*vectors: np.ndarray) -> Observations:
    frames = tuple(
        Observation(
            float(number),
            float(number),
            1,
            str(number),
            (0.3, 0.2, 0.4, 0.5),
            0.0,
            0.0,
            0.0,
            0.3,
            0.05,
            SHARP,
            embedding=unit(vector),
        )
        for number, vector in enumerate(vectors)
    )
    return Observations(PACK.name, frames)


class Register:
    """Compares as the engine does, with strangers of whom neither side is one."""

    def __init__(self, *sides: int):
        self.strangers = np.delete(NOBODY, sides, axis=0)[::3]

    def compare(self, seen: Observations, reference: Reference) -> Comparison:
        return compare(seen, reference, self.strangers, drawn=True)

    def decide(self, seen: Observations, reference: Reference) -> Decision:
        found = self.compare(seen, reference)
        score, point = deciding(found, PACK)
        return anchored(decide(score, point), found, point.uncertain)

    def addition(self, seen: Observations, reference: Reference) -> np.ndarray | None:
        return addition(PACK, seen, reference, self.compare)

    def nearest(self, person: np.ndarray, stranger: np.ndarray, reference: Reference) -> np.ndarray:
        """The face furthest towards the stranger by which the reference still grows."""
        low, high, best = 0.0, 1.0, unit(person)
        for _ in range(8):
            share = (low + high) / 2
            morph = unit((1 - share) * person + share * stranger)
            if self.addition(session(morph), reference) is not None:
                low, best = share, morph
            else:
                high = share
        return best


def of(person: np.ndarray) -> Reference:
    return Reference(PACK.name, unit(person)[None], (1,), 90.0)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (10, 2000), (1234, 77), (2999, 500)])
def test_nobody_is_dragged_to_a_stranger(one, other):
    person, stranger = NOBODY[one], NOBODY[other]
    register, reference = Register(one, other), of(person)
    assert register.decide(session(stranger), reference) is Decision.NOT_SAME
    for _ in range(YEARS):
        morph = register.nearest(person, stranger, reference)
        reference = grown(reference, morph)
        assert len(reference.grown) <= MOST
        assert register.decide(session(stranger), reference) is not Decision.SAME
    assert register.decide(session(person), reference) is Decision.SAME


def test_without_the_confirmed_clips_the_same_stranger_gets_in():
    """What the rule above is for: a reference that follows its own last addition goes anywhere."""
    person, stranger = NOBODY[3], NOBODY[4]
    register, reference = Register(3, 4), of(person)
    years = 0
    while years < YEARS and register.decide(session(stranger), reference) is not Decision.SAME:
        here = reference.embeddings[0]
        reference = of(register.nearest(here, stranger, reference))
        years += 1
    assert register.decide(session(stranger), reference) is Decision.SAME
    assert 0 < years < YEARS


def test_an_addition_counts_half_and_the_oldest_makes_room():
    person = NOBODY[0]
    reference = of(person)
    assert np.allclose(pooled(reference), unit(person))
    register = Register(0)
    before = register.compare(session(person), reference)
    assert before.anchors is None
    years = [unit(person + 0.05 * NOBODY[number]) for number in range(1, MOST + 3)]
    for face in years:
        added = register.addition(session(face), reference)
        reference = grown(reference, added)
    assert np.allclose(reference.grown, years[-MOST:])
    assert np.allclose(pooled(reference), (unit(person) + np.mean(years[-MOST:], axis=0)) / 2, atol=1e-6)
    after = register.compare(session(person), reference)
    assert after.anchors == pytest.approx(before.normalised)


def test_grey_and_plain_matches_add_nothing():
    person, stranger = NOBODY[0], NOBODY[1]
    register, reference = Register(0, 1), of(person)
    taken = {Decision.SAME: 0, Decision.UNCERTAIN: 0, Decision.NOT_SAME: 0}
    for share in np.linspace(0, 1, 41):
        face = (1 - share) * person + share * stranger
        decision = register.decide(session(face), reference)
        added = register.addition(session(face), reference) is not None
        taken[decision] += added
        if added:
            clear = register.compare(session(face), reference).normalised
            assert clear > 1.2 * PACK.drawn.same
    assert taken[Decision.SAME] > 0
    assert taken[Decision.UNCERTAIN] == taken[Decision.NOT_SAME] == 0
    assert register.addition(Observations(PACK.name), reference) is None
    blurred = replace(session(person), frames=(replace(session(person).frames[0], embedding=None),))
    assert register.addition(blurred, reference) is None


@given(st.floats(-1, 12), st.sampled_from(Decision))
def test_what_grew_certifies_nobody_by_itself(anchors, decision):
    found = Comparison(PACK.name, (0.5,), 0.5, 9.0, 3000, None, drawn=True, anchors=anchors)
    held = anchored(decision, found, PACK.drawn.uncertain)
    assert held == decision or (decision, held) == (Decision.SAME, Decision.UNCERTAIN)
    assert (held is Decision.SAME) == (decision is Decision.SAME and anchors >= PACK.drawn.uncertain)
