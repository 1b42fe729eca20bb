"""How alike a capture and a reference are, and what that number means.

*Score.* Embeddings are unit vectors, so the dot product of two is their score, -1
to 1. A frame's score is its mean over the reference's embeddings, a capture's the
mean over its embedded frames: averaging several pictures steadies a genuine score
and, unlike comparing averaged templates, never lifts a stranger's.

*Normalisation.* Some people, old ones above all, look like many others. Adaptive
symmetric normalisation (AS-norm; Matejka et al., Interspeech 2017, from speaker
verification) measures the score in deviations of how reference and capture score
against the strangers most like them:

    normalised = ((s - mean_r) / deviation_r + (s - mean_c) / deviation_c) / 2

The strangers are other people of the deployment, or, before it has enough, vectors
drawn from how old people's embeddings lie (drawn.py). Each has a threshold of its own.

*Grown references.* What a reference grew by (growth.py) counts for as much as the clips
that a clerk confirmed, so that a face is met where it is now. By itself it certifies
nobody: who is not even uncertain by the confirmed clips alone is for a clerk to judge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .models import OperatingPoint, Pack
from .types import Comparison, Decision, Observation, Observations, Reference

NEAREST = 300  # strangers nearest to each side that its scores are measured against
GROWN_SHARE = 0.5  # of what a capture is compared with, where a reference has grown
SMALLEST_COHORT = 1000  # people; fewer are worth less than a drawn cohort (benchmarks/thresholds.py)


def compare(
    observations: Observations,
    reference: Reference,
    cohort: np.ndarray | None = None,
    *,
    drawn: bool = False,
) -> Comparison:
    """Compare a capture's embedded frames with a reference.

    ``cohort`` holds embeddings (n, d) of other people by the same pack, the two sides never among them, or
    ``drawn`` vectors; without it the score is not normalised. Without an embedded frame all scores are None.
    Raises ValueError when capture, reference and cohort are not of one pack.
    """
    if observations.pack != reference.pack:
        raise ValueError(
            f"a capture of {observations.pack} cannot be compared with a reference of {reference.pack}"
        )
    embedded = [frame for frame in observations.frames if frame.embedding is not None]
    if not embedded:
        return Comparison(observations.pack, (), None, None, 0, None)
    capture = np.stack([frame.embedding for frame in embedded])
    side = pooled(reference)
    frames = capture @ side
    score = float(frames.mean())
    normalised, size = None, 0
    if cohort is not None:
        if cohort.shape[1] != capture.shape[1]:
            raise ValueError("the cohort's embeddings are not of the capture's pack")
        normalised, size = normalise(score, side[None], capture, cohort), len(cohort)
    anchors = None
    if reference.grown is not None:
        alone = compare(observations, replace(reference, grown=None), cohort, drawn=drawn)
        anchors = alone.score if alone.normalised is None else alone.normalised
    return Comparison(
        pack=observations.pack,
        scores=tuple(float(value) for value in frames),
        score=score,
        normalised=normalised,
        cohort=size,
        drawn=drawn and size > 0,
        continuity=continuity(embedded),
        times=tuple(frame.time for frame in embedded),
        anchors=anchors,
    )


def pooled(reference: Reference) -> np.ndarray:
    """What a capture is compared with, (d,): the mean of the confirmed embeddings, and half of what grew."""
    anchors = reference.embeddings.mean(axis=0)
    if reference.grown is None:
        return anchors
    return (1 - GROWN_SHARE) * anchors + GROWN_SHARE * reference.grown.mean(axis=0)


def normalise(score: float, reference: np.ndarray, capture: np.ndarray, cohort: np.ndarray) -> float:
    """AS-norm of ``score``: in deviations, with the formula above. Sides are (n, d), the cohort (m, d)."""
    return sum(_deviations(score, side.mean(axis=0), cohort) for side in (reference, capture)) / 2


def scores_between(vectors: np.ndarray, cohort: np.ndarray | None = None) -> np.ndarray:
    """(n, n) scores of every two of ``vectors`` (n, d), normalised where a cohort (m, d) is given."""
    scores = vectors @ vectors.T
    if cohort is None:
        return scores
    nearest = np.partition(vectors @ cohort.T, -NEAREST, axis=1)[:, -NEAREST:]
    mean, deviation = nearest.mean(axis=1), nearest.std(axis=1)
    return ((scores - mean[:, None]) / deviation[:, None] + (scores - mean[None]) / deviation[None]) / 2


def _deviations(score: float, side: np.ndarray, cohort: np.ndarray) -> float:
    scores = cohort @ side
    if len(scores) > NEAREST:
        scores = np.partition(scores, -NEAREST)[-NEAREST:]
    return (score - float(scores.mean())) / max(float(scores.std()), 1e-6)


def continuity(embedded: Sequence[Observation]) -> float | None:
    """Lowest score between any two embedded frames of one capture; None with fewer than two."""
    if len(embedded) < 2:
        return None
    vectors = np.stack([frame.embedding for frame in embedded])
    between = vectors @ vectors.T
    return float(between[np.triu_indices(len(vectors), 1)].min())


def deciding(found: Comparison, pack: Pack) -> tuple[float, OperatingPoint]:
    """The score of ``found``, of ``pack`` and not None, that decides, and where it is split."""
    if found.normalised is None:
        return found.score, pack.raw
    return found.normalised, pack.drawn if found.drawn else pack.normalised


def decide(score: float, point: OperatingPoint) -> Decision:
    """Same, uncertain or not same, by one of a pack's operating points."""
    if score >= point.same:
        return Decision.SAME
    return Decision.UNCERTAIN if score >= point.uncertain else Decision.NOT_SAME


def evidence(score: float, point: OperatingPoint) -> float:
    """How much a score says: log10 of how many times as often it is seen for one person as for strangers.

    Positive speaks for one person, negative for two. Never beyond what the pairs it was fitted to could show:
    a third of the pairs of strangers (rule of three), or of one person. Fitted to single pictures a side, and
    to strangers of 60 and older of the same sex.
    """
    line = point.evidence
    most, least = math.log10(line.strangers / 3), -math.log10(line.genuine / 3)
    return min(most, max(least, line.slope * score + line.offset))


def times(evidence: float) -> int:
    """Evidence as a number to say: 10 to its size, rounded down to one digit; 1 where it says nothing."""
    digit = 10 ** math.floor(abs(evidence) + 1e-9)
    return math.floor(10 ** abs(evidence) / digit + 1e-9) * digit


def anchored(decision: Decision, found: Comparison, uncertain: float) -> Decision:
    """``decision`` as long as the confirmed clips do not speak against it, else uncertain.

    ``uncertain`` is the operating point's: below it the clips alone would say that it is somebody else.
    """
    if decision is Decision.SAME and found.anchors is not None and found.anchors < uncertain:
        return Decision.UNCERTAIN
    return decision


def similarity(score: float, threshold: float) -> int:
    """A score as the similarity value people see: 0-100, 60 at the threshold.

    Works for plain and normalised scores, both measured by their threshold, which is positive:
    60 s/t up to it, 60 + 40 tanh(1.5 (s - t)/t) beyond; the two meet with one slope. Rounded down, so that
    60 is never shown for a score below the threshold. Never falls when the score rises.
    """
    if score < threshold:
        return min(59, math.floor(60 * max(0.0, score) / threshold))
    return min(100, 60 + math.floor(40 * math.tanh(1.5 * (score - threshold) / threshold)))
