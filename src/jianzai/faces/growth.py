"""References that grow: a capture that surely shows the person is one more picture of them, of another day.

Several independent pictures a side are worth more than a better network, and a face that is met every year is
met as it is now. What a reference could grow towards is bounded:

- the clips that a clerk confirmed stay, and every addition must clearly match them alone, whatever grew
  before; so must the one frame of it that is kept;
- there are at most MOST additions, the oldest makes room; together they count for half
  (comparison.GROWN_SHARE), and never without the clips (comparison.anchored).

`benchmarks/growth.py` measures what it buys, and how far a stranger gets who drags it step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from . import quality
from .comparison import deciding, similarity
from .models import Pack
from .types import Comparison, Observation, Observations, Reference

MOST = 5  # additions, one certification each: some five years
CLEARLY = 75  # similarity; 60 is the threshold


def addition(
    pack: Pack,
    observations: Observations,
    reference: Reference,
    compare: Callable[[Observations, Reference], Comparison],
) -> np.ndarray | None:
    """The embedding (d,) by which a certified capture makes ``reference`` grow; None where it may not.

    ``compare`` is the comparison that certified it.
    """
    embedded = [frame for frame in observations.frames if frame.embedding is not None]
    if not embedded:
        return None
    best = max(embedded, key=_fitness)
    anchors = replace(reference, grown=None)
    alone = replace(observations, frames=(best,))
    compared = ((observations, reference), (observations, anchors), (alone, anchors))
    if not all(_clearly(compare(*sides), pack) for sides in compared):
        return None
    return best.embedding


def grown(reference: Reference, embedding: np.ndarray) -> Reference:
    """``reference`` with ``embedding`` added, without the oldest addition where there are too many."""
    before = [] if reference.grown is None else list(reference.grown)
    return replace(reference, grown=np.stack([*before, embedding])[-MOST:])


def _clearly(found: Comparison, pack: Pack) -> bool:
    score, point = deciding(found, pack)
    return similarity(score, point.same) >= CLEARLY


def _fitness(frame: Observation) -> tuple[float, float]:
    """The sharpest and best lit frame, of equal ones the straightest."""
    return quality.score(frame), -abs(frame.yaw or 0.0)
