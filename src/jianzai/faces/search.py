"""Whose face could this be: exact search of all vectors of a gallery, in memory, on the processor.

A score is the product of a capture's mean embedding and a reference's, the very score of ``comparison``: the
mean of all products is the product of the means. So a person is one vector.

Each vector is kept as whole numbers of 8 bits, and what they leave as whole numbers of 16 bits. A search
reads the 8 bits alone, a quarter of what single floats take, knows how far off they can be at most (Cauchy
and Schwarz), and computes with all 24 bits those that could be among the best. So nothing is missed, and no
index is needed that somebody has to train and keep. `benchmarks/search.py` measures it beside FAISS and
usearch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from . import comparison

_BLOCK = 2048  # rows made floats at once: they stay in a core's cache
_TOGETHER = 32  # probes that share one reading of the gallery
_GROUP = 256  # rows of which only the best score is looked at first
_ROUNDING = 1e-5  # more than what adding up in single floats can be wrong by, for vectors of length 1


class Gallery:
    """Vectors to be searched, in the order they were given. Never changes; any thread may search."""

    def __init__(self, blocks: Iterable[np.ndarray]):
        """``blocks``: float32 vectors (n, d) of length 1 at most, in as many arrays as suit the caller."""
        kept = [_quantised(np.asarray(block, np.float32)) for block in blocks if len(block)]
        if not kept:
            kept = [_quantised(np.empty((0, 1), np.float32))]
        self._coarse, self._fine, self._step, self._left = (
            np.concatenate(part) for part in zip(*kept, strict=True)
        )

    def __len__(self) -> int:
        return len(self._coarse)

    @property
    def dimension(self) -> int:
        """Numbers of a vector; 1 where there is none."""
        return self._coarse.shape[1]

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return sum(part.nbytes for part in (self._coarse, self._fine, self._step, self._left))

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """The vectors in ``rows``, float32, to 24 bits what they were."""
        step = self._step[rows, None]
        return self._coarse[rows] * step + self._fine[rows] * (step / _FINER)

    def nearest(self, probes: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """For each of ``probes`` (m, d) its ``count`` best rows and their scores, (m, count), best first.

        Fewer where the gallery is smaller.
        """
        probes = np.atleast_2d(np.asarray(probes, np.float32))
        count = min(count, len(self))
        rows, scores = np.empty((len(probes), count), np.int64), np.empty((len(probes), count), np.float32)
        if count == 0:
            return rows, scores
        furthest = float(self._left.max())
        groups = np.arange(0, len(self), min(_GROUP, max(1, len(self) // count)))
        for start in range(0, len(probes), _TOGETHER):
            part = probes[start : start + _TOGETHER]
            for place, about in enumerate(self._about(part), start):
                # At least ``count`` rows reach the worst of the best groups, so the wanted ones do.
                best = np.maximum.reduceat(about, groups)
                reached = np.partition(best, -count)[-count]
                off = _off(probes[place], furthest)
                could = np.flatnonzero(about >= reached - 2 * off)
                exact = self.vectors(could) @ probes[place]
                order = np.lexsort((could, -exact))[:count]
                rows[place], scores[place] = could[order], exact[order]
        return rows, scores

    def pairs(self, least: float) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Every two rows that score ``least`` or more: first rows, second ones, scores; block after block.

        Each pair comes once, the smaller row first. One answer for each 2,048 rows, an empty one included, so
        that whoever waits can be told how far it is.
        """
        for start in range(0, len(self), _BLOCK):
            first = np.arange(start, min(start + _BLOCK, len(self)))
            these = self.vectors(first)
            length = np.linalg.norm(these, axis=1)
            found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
            for other in range(start, len(self), _BLOCK):
                rows = slice(other, other + _BLOCK)
                about = (self._coarse[rows].astype(np.float32) @ these.T) * self._step[rows, None]
                could = about >= least - _ROUNDING - self._left[rows, None] * length
                second, one = np.nonzero(could)
                second, one = second + other, one + start
                once = second > one
                second, one = second[once], one[once]
                exact = np.einsum("nd,nd->n", self.vectors(one), self.vectors(second))
                enough = exact >= least
                found.append((one[enough], second[enough], exact[enough]))
            yield tuple(np.concatenate(part) for part in zip(*found, strict=True))

    def _about(self, probes: np.ndarray) -> np.ndarray:
        """Scores by the 8 bits alone, (m, n)."""
        scores = np.empty((len(probes), len(self)), np.float32)
        floats = np.empty((min(_BLOCK, len(self)), self.dimension), np.float32)
        for start in range(0, len(self), _BLOCK):
            rows = self._coarse[start : start + _BLOCK]
            block = floats[: len(rows)]
            np.copyto(block, rows)
            part = scores[:, start : start + _BLOCK]
            if len(probes) == 1:
                np.dot(block, probes[0], out=part[0])
            else:
                np.matmul(probes, block.T, out=part)
        scores *= self._step
        return scores


def spread(vectors: np.ndarray, cohort: np.ndarray, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (n,) of how ``vectors`` (n, d) score against the strangers most like each.

    What ``comparison.normalise`` measures a score by, for many at once. Whoever of the ``cohort`` scores
    ``apart`` or more is taken for no stranger and left out.
    """
    scores = vectors @ cohort.T
    scores[scores >= apart] = -1
    if scores.shape[1] > comparison.NEAREST:
        scores = np.partition(scores, -comparison.NEAREST, axis=1)[:, -comparison.NEAREST :]
    return scores.mean(axis=1), np.maximum(scores.std(axis=1), 1e-6)


def noteworthy(same: float, people: int) -> float:
    """The normalised score from which a candidate among so many ``people`` is worth a clerk's time.

    ``same`` is the threshold for two people, which one stranger in ten thousand reaches: among a thousand,
    one search in ten. Each tenfold of people raises it by three tenths, which keeps that share: measured on
    strangers of press photographs with both packs, down to one in a million (benchmarks/search.py).
    """
    return same * (1 + 0.3 * max(0.0, math.log10(max(people, 1) / 1000)))


_COARSE, _FINER = 127, 2 * 32767  # steps to the largest number; fine steps in a coarse one


def _quantised(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """8 bits, 16 bits, the coarse step of each row, and how long what the 8 bits leave is."""
    largest = np.abs(vectors).max(axis=1)
    step = np.where(largest > 0, largest, 1).astype(np.float32) / _COARSE
    coarse = np.rint(vectors / step[:, None])
    left = vectors - coarse * step[:, None]
    fine = np.clip(np.rint(left * (_FINER / step[:, None])), -32767, 32767)
    return coarse.astype(np.int8), fine.astype(np.int16), step, np.linalg.norm(left, axis=1)


def _off(probe: np.ndarray, left: float) -> float:
    return left * float(np.linalg.norm(probe)) + _ROUNDING
