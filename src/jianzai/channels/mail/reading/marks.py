"""What people put on a form besides words: ticks, seals, signatures, photographs. By ink, colour, shape."""

from __future__ import annotations

import cv2
import numpy as np

from .straighten import PIXELS
from .types import Box, Seal, Shape

_SEAL_SIDES = (14.0, 58.0)  # mm; the smallest official and the largest mission seals, squares included


INK = 185
"""Of 255, on white paper: what is darker is ink. Thin strokes at 120 pixels to the inch are hardly darker."""

_RED = 18  # by how much red is lighter than green and blue, of 255, on white paper: pale ink still is
_GAP = 4.0  # mm; what lies closer together is one seal, its ring and its words


def paper_white(page: np.ndarray) -> np.ndarray:
    """The page as if evenly lit and on white paper: shade and the colour of the light are divided away."""
    small = cv2.resize(page, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    size = 2 * PIXELS + 1  # 17 mm at this scale: wider than print and the lines of a seal
    paper = cv2.morphologyEx(cv2.medianBlur(small, 5), cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), size / 3)
    paper = cv2.resize(paper, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(page, np.maximum(paper, 1), scale=255)


def has_colour(page: np.ndarray) -> bool:
    """Whether it was scanned in colour: the three channels differ anywhere beyond noise."""
    small = cv2.resize(page, None, fx=1 / 4, fy=1 / 4, interpolation=cv2.INTER_AREA).astype(np.int16)
    return bool(np.percentile(small.max(axis=2) - small.min(axis=2), 99.5) > 6)


def without_red(white: np.ndarray) -> np.ndarray:
    """Grey, in which red ink is as light as paper and black and blue stay dark: the red channel is that."""
    return np.ascontiguousarray(white[:, :, 2])


def ink_share(grey: np.ndarray) -> float:
    """The share of dark pixels (0 to 1) in a piece of ``without_red``."""
    return float((grey < INK).mean()) if grey.size else 0.0


def ticks(grey: np.ndarray, boxes: dict[str, Box]) -> dict[str, bool | None]:
    """Which of ``boxes`` have a mark inside their frame; None for one that might.

    The emptiest of them tells how much dirt there is; a mark has to stand out from it.
    """
    shares = {name: ink_share(_inside(grey, box, 0.2)) for name, box in boxes.items()}
    dirt = min(shares.values(), default=0.0)
    return {name: _told(share - dirt, 0.025, 0.06) for name, share in shares.items()}


def signature(grey: np.ndarray, box: Box) -> bool | None:
    """Whether somebody wrote in ``box``: ink that reaches over some width, more than a stain does."""
    dark = (cv2.blur(_inside(grey, box, 0.06), (3, 3)) < INK).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    strokes = [stats[index] for index in range(1, count) if stats[index][cv2.CC_STAT_AREA] > 0.35 * PIXELS**2]
    if not strokes:
        return False
    left = min(stroke[cv2.CC_STAT_LEFT] for stroke in strokes)
    right = max(stroke[cv2.CC_STAT_LEFT] + stroke[cv2.CC_STAT_WIDTH] for stroke in strokes)
    high = max(stroke[cv2.CC_STAT_HEIGHT] for stroke in strokes)
    return _told(min((right - left) / PIXELS / 6, high / PIXELS / 3), 0.45, 0.9)


def photo(page: np.ndarray, box: Box) -> tuple[bool | None, Box | None]:
    """Whether a photograph is in ``box`` (of the page as scanned), and where: most of it is not paper.

    A printed hint in the empty box is a few lines of thin ink.
    """
    cell = _inside(page, box, 0.03)
    grey = cv2.GaussianBlur(cv2.cvtColor(cell, cv2.COLOR_BGR2GRAY), (0, 0), PIXELS / 3).astype(np.int16)
    paper = np.percentile(grey, 97)
    other = (grey < paper - 30).astype(np.uint8)
    share, spread = float(other.mean()), float(grey.std())
    there = _told(min(share / 0.30, spread / 18), 0.5, 1.0)
    if not there:
        return there, None
    x, y, width, height = cv2.boundingRect(other)
    left, top = box[0] + round(box[2] * 0.03), box[1] + round(box[3] * 0.03)
    return True, (left + x, top + y, width, height)


def seals(white: np.ndarray, wanted: Box | None, page: int) -> list[Seal]:
    """Red seals on an evenly lit page, the largest first. ``wanted``: where the form has a place for one."""
    small = cv2.resize(white, None, fx=1 / 4, fy=1 / 4, interpolation=cv2.INTER_AREA).astype(np.int16)
    per_mm = PIXELS / 4
    red = (small[:, :, 2] - small[:, :, :2].max(axis=2) > _RED).astype(np.uint8)
    size = round(_GAP * per_mm) | 1
    joined = cv2.morphologyEx(
        red, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    )
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for index in range(1, count):
        if stats[index][cv2.CC_STAT_AREA] < 12 * per_mm**2:
            continue
        points = np.argwhere(labels == index)[:, ::-1].astype(np.int32)
        hull = cv2.convexHull(points)
        shape = _shape(hull, per_mm)
        if shape is None:
            continue
        x, y, width, height = (4 * side for side in cv2.boundingRect(hull))
        inside = wanted is not None and _overlap((x, y, width, height), wanted) > 0.5
        share = 16 * cv2.contourArea(hull) / (white.shape[0] * white.shape[1])
        found.append(Seal((x, y, width, height), shape, share, inside, page))
    return sorted(found, key=lambda seal: -seal.area_share)


def _shape(hull: np.ndarray, per_mm: float) -> Shape | None:
    """Round, oval or square by how much of its closest rectangle the hull fills; None for another shape."""
    _, (width, height), _ = cv2.minAreaRect(hull)
    shorter, longer = sorted((width / per_mm, height / per_mm))
    if shorter < _SEAL_SIDES[0] * 0.6 or longer < _SEAL_SIDES[0] or longer > _SEAL_SIDES[1]:
        return None
    filled = cv2.contourArea(hull) / (width * height)
    if filled > 0.89:
        return Shape.SQUARE
    if filled < 0.66:
        return None
    return Shape.ROUND if longer < 1.2 * shorter else Shape.OVAL


def _overlap(box: Box, wanted: Box) -> float:
    """The share of ``box`` that lies within ``wanted``."""
    width = min(box[0] + box[2], wanted[0] + wanted[2]) - max(box[0], wanted[0])
    height = min(box[1] + box[3], wanted[1] + wanted[3]) - max(box[1], wanted[1])
    return max(0, width) * max(0, height) / (box[2] * box[3])


def _inside(page: np.ndarray, box: Box, margin: float) -> np.ndarray:
    """The box without ``margin`` of its shorter side all around: its frame, and where the page lies a little
    off.
    """
    x, y, width, height = box
    edge = round(margin * min(width, height))
    return page[max(0, y + edge) : y + height - edge, max(0, x + edge) : x + width - edge]


def _told(value: float, no: float, yes: float) -> bool | None:
    return True if value >= yes else False if value <= no else None
