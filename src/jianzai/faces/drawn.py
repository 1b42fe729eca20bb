"""Strangers that nobody is: a cohort for deployments that have too few people of their own.

Scores are normalised against other people (comparison.py). Until a deployment has modelled a thousand, it
uses vectors drawn from a mixture of Gaussians fitted to embeddings of old people: they lie as real ones do,
and none would be taken for any of them. `scripts/drawn_cohorts.py` makes the files in ``cohorts/`` and says
from what; `benchmarks/thresholds.py` measures what such a cohort does to people it was not fitted to.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from .models import cohort_of

COMPONENTS = 16
COUNT = 3000
_ROUNDS = 100  # of drawing again; two or three are enough for any network that tells people apart


def draw(embeddings: np.ndarray, apart: float, seed: int) -> np.ndarray:
    """COUNT vectors (n, d), int8, drawn from COMPONENTS Gaussians fitted to people's ``embeddings`` (m, d).

    Full covariances, one for each cluster of k-means. What scores ``apart`` or more with one of the people is
    drawn again: with the pack's raw threshold, nobody would be taken for any of them. ``unit`` makes unit
    vectors of the answer. Raises ValueError for fewer than ten people a component, and where almost all that
    is drawn scores ``apart`` with somebody.
    """
    if len(embeddings) < 10 * COMPONENTS:
        raise ValueError(f"{len(embeddings)} people are too few to draw from; it takes {10 * COMPONENTS}")
    cv2.setRNGSeed(seed)
    random = np.random.default_rng(seed)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 50, 1e-4)
    _, labels, centres = cv2.kmeans(embeddings, COMPONENTS, None, stop, 5, cv2.KMEANS_PP_CENTERS)
    members = [embeddings[labels.ravel() == number] for number in range(COMPONENTS)]
    shares = [len(those) / len(embeddings) for those in members]
    covariances = [np.cov(those.T) for those in members]
    kept = np.empty((0, embeddings.shape[1]), np.int8)
    for _ in range(_ROUNDS):
        if len(kept) >= COUNT:
            return kept[:COUNT]
        drawn = [
            random.multivariate_normal(centre, covariance, count, method="eigh")
            for centre, covariance, count in zip(
                centres.astype(np.float64), covariances, random.multinomial(COUNT, shares), strict=True
            )
        ]
        vectors = random.permutation(np.concatenate(drawn))
        vectors = np.round(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)
        kept = np.concatenate([kept, vectors[(unit(vectors) @ embeddings.T).max(axis=1) < apart]])
    raise ValueError("these embeddings do not tell people apart")


def unit(drawn: np.ndarray) -> np.ndarray:
    """Vectors of any length and type (n, d) as float32 unit vectors."""
    values = drawn.astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def drawn_cohort(pack: str) -> np.ndarray | None:
    """The pack's drawn cohort, float32 unit vectors (3000, d); None where it has none."""
    path = cohort_of(pack)
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


@cache
def _read(path: Path, changed: int) -> np.ndarray:
    """``changed`` makes the cache forget a file that was written again."""
    return unit(np.load(path))
