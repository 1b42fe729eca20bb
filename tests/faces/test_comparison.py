"""The arithmetic of comparison, on vectors drawn for the purpose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.faces import Observation, Observations, Reference, models, similarity
from jianzai.faces.comparison import NEAREST, compare, decide, evidence, times
from jianzai.faces.types import Decision

scores = st.floats(-20, 40, allow_nan=False)
thresholds = st.floats(0.05, 12)


def units(seed: int, count: int, towards: np.ndarray | None = None, size: int = 64) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(count, size)) + (0 if towards is None else towards)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def capture(vectors: np.ndarray) -> Observations:
    frames = [Observation(float(i), 0.0, 1, str(i), embedding=vector) for i, vector in enumerate(vectors)]
    return Observations("p", tuple(frames))


def reference(vectors: np.ndarray) -> Reference:
    return Reference("p", vectors, (len(vectors),), 80.0)


@given(scores, scores, thresholds)
def test_similarity_never_falls_when_the_score_rises(one, other, threshold):
    low, high = sorted((one, other))
    assert 0 <= similarity(low, threshold) <= similarity(high, threshold) <= 100


@given(scores, thresholds)
def test_similarity_is_60_and_more_exactly_from_the_threshold_on(score, threshold):
    assert (similarity(score, threshold) >= 60) == (score >= threshold)
    assert similarity(threshold, threshold) == 60


def test_decision_and_similarity_agree_with_the_packs_points():
    for pack in models.packs().values():
        for point in (pack.raw, pack.normalised):
            assert decide(point.same, point) is Decision.SAME
            assert decide(np.nextafter(point.same, -9), point) is Decision.UNCERTAIN
            assert decide(point.uncertain, point) is Decision.UNCERTAIN
            assert decide(np.nextafter(point.uncertain, -9), point) is Decision.NOT_SAME


@given(scores, scores)
def test_evidence_rises_with_the_score_and_never_beyond_what_pairs_can_show(one, other):
    low, high = sorted((one, other))
    for pack in models.packs().values():
        for point in (pack.raw, pack.normalised, pack.drawn):
            said = evidence(low, point), evidence(high, point)
            assert said[0] <= said[1]
            assert 10 ** said[1] <= point.evidence.strangers / 3 * (1 + 1e-9)
            assert 10 ** -said[0] <= point.evidence.genuine / 3 * (1 + 1e-9)


def test_evidence_speaks_for_one_person_at_every_threshold():
    for pack in models.packs().values():
        for point in (pack.raw, pack.normalised, pack.drawn):
            assert 10 < 10 ** evidence(point.same, point) < 1000
            assert evidence(0.0, point) < -1


@given(st.floats(-6, 6))
def test_evidence_is_said_in_one_digit_and_never_more_than_it_is(weight):
    said = times(weight)
    assert str(said).strip("0") in set("123456789")
    assert said <= 10 ** abs(weight) * (1 + 1e-6) < said + 10 ** (len(str(said)) - 1) * (1 + 1e-6)
    assert times(-weight) == said


@pytest.mark.parametrize(("weight", "said"), [(0.0, 1), (0.29, 1), (3.0, 1000), (np.log10(50894), 50000)])
def test_evidence_said(weight, said):
    assert times(weight) == said


def test_scores_are_mean_dot_products():
    left, right = units(1, 3), units(2, 4)
    result = compare(capture(left), reference(right))
    assert np.allclose(result.scores, [[one @ other for other in right] for one in left] @ np.full(4, 0.25))
    assert result.score == pytest.approx(np.mean(result.scores))
    assert result.continuity == pytest.approx(min(left[0] @ left[1], left[0] @ left[2], left[1] @ left[2]))
    assert result.times == (0.0, 1.0, 2.0)


def test_one_embedded_frame_has_no_continuity():
    assert compare(capture(units(1, 1)), reference(units(2, 2))).continuity is None


def test_normalising_follows_the_formula():
    left, right, cohort = units(1, 2), units(2, 3), units(3, 500)
    result = compare(capture(left), reference(right), cohort)
    expected = 0.0
    for side in (left, right):
        nearest = np.sort([other @ side.mean(axis=0) for other in cohort])[-NEAREST:]
        expected += (result.score - nearest.mean()) / nearest.std() / 2
    assert result.normalised == pytest.approx(expected, rel=1e-4)
    assert result.cohort == 500


def test_a_cohort_of_another_size_of_embedding_is_refused():
    with pytest.raises(ValueError, match="cohort"):
        compare(capture(units(1, 2)), reference(units(2, 2)), units(3, 400, size=32))


def test_people_who_resemble_everybody_gain_nothing_by_it():
    # Two strangers of a crowd that looks alike score high, and so do all others of the crowd.
    crowd = np.full(64, 1.0)
    alike, apart = units(4, 402, crowd), units(5, 402)
    in_crowd = compare(capture(alike[:1]), reference(alike[1:2]), alike[2:])
    outside = compare(capture(apart[:1]), reference(apart[1:2]), apart[2:])
    assert in_crowd.score > outside.score + 0.3
    assert abs(in_crowd.normalised) < 4
    same = compare(capture(alike[:1]), reference(alike[:1]), alike[2:])
    assert same.normalised > in_crowd.normalised + 4
