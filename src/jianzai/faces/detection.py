"""Finding faces: BlazeFace, the short-range network first, the full-range one where it finds nothing.

The networks answer offsets against a fixed grid of anchors (MediaPipe's
``face_detection_short_range`` and ``face_detection_full_range`` graphs; Bazarevsky
et al., BlazeFace, 2019). Overlapping answers are blended by their scores, as the
paper has it, which keeps boxes steadier from frame to frame than dropping all but one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .models import common
from .runtime import Network, network

_LEAST_OVERLAP = 0.3  # intersection over union from which two answers are one face (MediaPipe's value)
_SMALL = 0.25  # of the picture's longer side; a face as narrow as this is looked at again from nearer


@dataclass(frozen=True, slots=True)
class Detection:
    """One face in a picture, in its pixels."""

    box: tuple[float, float, float, float]  # x, y, width, height; brow to chin, may reach beyond the picture
    eyes: tuple[tuple[float, float], tuple[float, float]]  # person's right eye, then left
    score: float  # 0-1

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        return self.box[2] * self.box[3]


@dataclass(frozen=True, slots=True)
class _Range:
    """One of the two networks: input side, anchors (n, 2) as shares of it, least score."""

    run: Network
    side: int
    anchors: np.ndarray
    least: float


def _anchors(*grids: tuple[int, int]) -> np.ndarray:
    """Centres of grids of (cells a side, anchors a cell), in the order the networks answer."""
    parts = []
    for cells, repeats in grids:
        centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        down, across = np.meshgrid(centres, centres, indexing="ij")
        parts.append(np.repeat(np.stack([across.ravel(), down.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(parts)


class FaceDetector:
    """Finds the faces of a picture."""

    def __init__(self, threads: int = 1):
        files = common()
        self._near = _Range(network(files["detector"], threads), 128, _anchors((16, 2), (8, 6)), 0.5)
        self._far = _Range(network(files["far_detector"], threads), 192, _anchors((48, 1)), 0.6)

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Faces of a (height, width, 3) uint8 BGR picture, largest first.

        The full-range network sees faces from about 5 % of the longer side up, but is slower and
        less exact, so it is asked only when the short-range one sees none.
        """
        found = _find(self._near, image) or _find(self._far, image)
        longer = max(image.shape[:2])
        exact = [self._look_closer(image, one) if one.box[2] < _SMALL * longer else one for one in found]
        kept: list[Detection] = []
        for one in sorted(exact, key=lambda detection: -detection.area):
            # Two rough boxes may turn out to be one face.
            others = np.array([other.box for other in kept]).reshape(-1, 4)
            if not (_overlap(np.array(one.box), others) > _LEAST_OVERLAP).any():
                kept.append(one)
        return kept

    def _look_closer(self, image: np.ndarray, detection: Detection) -> Detection:
        """The face found again in a cut around it: a small face's box is too rough to place a mesh by."""
        x, y, width, height = detection.box
        left, top = (max(0, round(value)) for value in (x - width, y - height))
        cut = image[top : round(y + 2 * height), left : round(x + 2 * width)]
        if cut.size == 0 or not (found := _find(self._near, cut)):
            return detection
        best = max(found, key=lambda one: one.area)
        x, y, width, height = best.box
        eyes = tuple((eye_x + left, eye_y + top) for eye_x, eye_y in best.eyes)
        return Detection((x + left, y + top, width, height), eyes, detection.score)


def _find(by: _Range, image: np.ndarray) -> list[Detection]:
    height, width = image.shape[:2]
    longer = max(height, width)
    scale = by.side / longer
    left, top = (longer - width) / 2, (longer - height) / 2
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    x, y = (by.side - size[0]) // 2, (by.side - size[1]) // 2
    square = np.zeros((by.side, by.side, 3), np.uint8)
    square[y : y + size[1], x : x + size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    values = cv2.cvtColor(square, cv2.COLOR_BGR2RGB).astype(np.float32) / 127.5 - 1.0
    regressors, logits = by.run(values[None])
    logits = logits.reshape(-1)
    seen = logits > np.log(by.least / (1 - by.least))
    if not seen.any():
        return []
    scores = 1 / (1 + np.exp(-np.clip(logits[seen], -100, 100)))
    answers = regressors.reshape(-1, 16)[seen] / by.side
    anchors = by.anchors[seen]
    centres, sizes = answers[:, :2] + anchors, answers[:, 2:4]
    eyes = answers[:, 4:8] + np.tile(anchors, 2)
    rows = np.concatenate([centres - sizes / 2, sizes, eyes], axis=1) * longer
    rows[:, [0, 4, 6]] -= left
    rows[:, [1, 5, 7]] -= top
    return [
        Detection(tuple(row[:4]), ((row[4], row[5]), (row[6], row[7])), score)
        for row, score in _blend(rows, scores)
    ]


def _blend(rows: np.ndarray, scores: np.ndarray) -> list[tuple[list[float], float]]:
    """One row a face: answers that overlap the best one, averaged by score."""
    blended = []
    left = np.argsort(-scores)
    while left.size:
        together = _overlap(rows[left[0]], rows[left]) > _LEAST_OVERLAP
        together[0] = True
        members = left[together]
        row = np.average(rows[members], axis=0, weights=scores[members])
        blended.append(([float(value) for value in row], float(scores[left[0]])))
        left = left[~together]
    return blended


def _overlap(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of one box with each of the others; x, y, width, height first in a row."""
    upper = np.maximum(one[:2], others[:, :2])
    lower = np.minimum(one[:2] + one[2:4], others[:, :2] + others[:, 2:4])
    shared = np.prod(np.clip(lower - upper, 0, None), axis=1)
    return shared / (one[2] * one[3] + others[:, 2] * others[:, 3] - shared)
