"""A scan or a photograph of a page becomes the page: upright, in its own proportions, 8 pixels to the
millimetre.

The four black squares of a form say where it lies; the one with a white hole says where its top left is.
Three of them are enough, the fourth being where the others say it is. The code's place serves where squares
are missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..layouts import HOLE, MARK, PAGE

PIXELS = 8
"""Pixels to the millimetre of a straightened page: 203 to the inch, 1,680 by 2,376 for A4."""

LONGEST_SIDE = 2500
_SHORTEST_SIDE = 64  # pixels; marks are looked for on an eighth of a page
"""Pixels; larger pictures are made smaller before anything is done with them, which bounds time and memory.
"""

SIZE = (round(PAGE[0] * PIXELS), round(PAGE[1] * PIXELS))

_COARSE = 4  # pixels to the millimetre of the page on which marks are looked for once more
_ROOM = 30.0  # mm around that page
_NEAR = 28.0  # mm; as far off a mark may be thought

_MOST_SQUARES = 40  # candidates beyond these are smaller or worse: texture, print, clutter around the page
_MOST_CORNERS = 14


@dataclass(frozen=True, slots=True)
class _Square:
    centre: np.ndarray
    side: float
    hole: bool


def bounded(picture: np.ndarray) -> np.ndarray:
    """``picture`` (BGR or grey) as BGR with at most LONGEST_SIDE pixels on its longer side, and white beside
    and below what has fewer than _SHORTEST_SIDE.
    """
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    scale = LONGEST_SIDE / max(picture.shape[:2])
    if scale < 1:
        height, width = picture.shape[:2]
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    missing = [max(0, _SHORTEST_SIDE - side) for side in picture.shape[:2]]
    return cv2.copyMakeBorder(picture, 0, missing[0], 0, missing[1], cv2.BORDER_CONSTANT, value=(255,) * 3)


def straightened(
    picture: np.ndarray, marks: Sequence[tuple[float, float]], near: np.ndarray | None = None
) -> np.ndarray | None:
    """The whole page as BGR of SIZE, None where its squares are not found.

    marks: their centres in mm as in ``Layout.marks``. near: where they are about (4, 2), in pixels, if known.
    """
    squares = find_squares(picture)
    found = _four(squares, marks)
    if near is not None and (found is None or np.linalg.norm(found - near, axis=1).max() > _reach(near)):
        found = _nearest(squares, near, marks)
    return None if found is None else warped(picture, _refined(picture, found, marks), marks)


def _refined(picture: np.ndarray, found: np.ndarray, marks: Sequence[tuple[float, float]]) -> np.ndarray:
    """Where the marks are, looked for once more around where they are thought to be, size and turn being
    known.

    A mark that was taken from the other three is off by what perspective does, and far from it none is as
    large, black and square.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    places = np.array(marks, np.float32) + _ROOM
    for _ in range(2):
        matrix = cv2.getPerspectiveTransform(found.astype(np.float32), places * _COARSE)
        size = tuple(round((side + 2 * _ROOM) * _COARSE) for side in PAGE)
        page = cv2.warpPerspective(grey, matrix, size, flags=cv2.INTER_AREA, borderValue=255)
        seen = [_mark_near(page, place * _COARSE) for place in places]
        better = np.array(
            [place * _COARSE if at is None else at for place, at in zip(places, seen, strict=True)]
        )
        found = cv2.perspectiveTransform(better[None].astype(np.float32), np.linalg.inv(matrix))[0]
    return found


def _mark_near(page: np.ndarray, place: np.ndarray) -> np.ndarray | None:
    """The centre of the nearest black square of a mark's size in a coarse ``page``; None without one."""
    left, top = (max(0, round(float(side) - _NEAR * _COARSE)) for side in place)
    window = page[top : top + round(2 * _NEAR * _COARSE), left : left + round(2 * _NEAR * _COARSE)]
    black = (window < min(110.0, 0.55 * float(np.percentile(window, 75)))).astype(np.uint8)
    black = cv2.morphologyEx(black, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(black, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    full = (MARK * _COARSE) ** 2
    best, best_distance = None, np.inf
    for contour in contours:
        area = cv2.contourArea(contour)
        (x, y), (width, height), _ = cv2.minAreaRect(contour)
        if not 0.45 * full < area < 1.7 * full or area < 0.75 * width * height:
            continue
        if max(width, height) > 1.5 * min(width, height) or _darkness(black * 255, contour) < 0.7:
            continue
        distance = float(np.linalg.norm((x + left - place[0], y + top - place[1])))
        if distance < best_distance:
            best, best_distance = np.array([x + left, y + top]), distance
    return best


def warped(picture: np.ndarray, found: np.ndarray, marks: Sequence[tuple[float, float]]) -> np.ndarray:
    """The page, ``found`` (4, 2) being where its ``marks`` (mm) are in the picture."""
    target = np.array(marks, np.float32) * PIXELS
    matrix = cv2.getPerspectiveTransform(found.astype(np.float32), target)
    return cv2.warpPerspective(picture, matrix, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def places_by_code(
    corners: np.ndarray, code: tuple[float, float, float, float], marks: Sequence[tuple[float, float]]
) -> np.ndarray:
    """Where the marks are about, the code with its quiet zone (box in mm) being at ``corners`` (4, 2) in
    pixels.

    From the code alone perspective is told too badly to be carried over a page: shift, turn and size are.
    """
    x, y, width, height = code
    own = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)
    matrix, _ = cv2.estimateAffinePartial2D(own, corners.astype(np.float64), method=cv2.LMEDS)
    return np.array(marks) @ matrix[:, :2].T + matrix[:, 2]


def find_squares(picture: np.ndarray) -> list[_Square]:
    """Black squares that might be marks, best first: of a size a page's marks can have in the picture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    longest = max(grey.shape)
    smallest, largest = longest * 0.0115, longest * 0.06  # the page fills more than half of the picture
    found: list[tuple[float, _Square]] = []
    for share, offset in ((16, 12), (6, 25)):
        block = max(31, longest // share | 1)
        black = cv2.adaptiveThreshold(
            cv2.GaussianBlur(grey, (5, 5), 0),
            255,
            cv2.ADAPTIVE_THRESH_MEAN_C,
            cv2.THRESH_BINARY_INV,
            block,
            offset,
        )
        black = cv2.morphologyEx(
            black, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)
        )  # creases and frames that touch
        contours, tree = cv2.findContours(black, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        for index, contour in enumerate(contours):
            if tree[0][index][3] >= 0 or len(contour) < 4:
                continue
            (x, y), (width, height), _ = cv2.minAreaRect(contour)
            side = float(np.sqrt(width * height))
            if not (smallest <= side <= largest and max(width, height) < 1.7 * min(width, height)):
                continue
            area = cv2.contourArea(contour)
            hull = cv2.contourArea(cv2.convexHull(contour))
            if area < 0.7 * width * height or area < 0.85 * hull:
                continue
            inside = _darkness(black, contour)
            if inside < 0.72:
                continue
            centre = np.array([x, y])
            if any(np.linalg.norm(other.centre - centre) < side / 2 for _, other in found):
                continue
            hole = _hole(grey, x, y, side)
            found.append((area / (width * height) * inside + hole, _Square(centre, side, hole)))
    found.sort(key=lambda entry: -entry[0])
    return [square for _, square in found[:_MOST_SQUARES]]


def _darkness(black: np.ndarray, contour: np.ndarray) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour - (x, y)], -1, 255, cv2.FILLED)
    return cv2.mean(black[y : y + height, x : x + width], mask)[0] / 255


def _hole(grey: np.ndarray, x: float, y: float, side: float) -> bool:
    """Whether the middle is much lighter than the ring around it."""
    middle = cv2.getRectSubPix(grey, (max(1, round(side * HOLE / MARK * 0.6)),) * 2, (x, y)).mean()
    around = cv2.getRectSubPix(grey, (max(3, round(side * 0.8)),) * 2, (x, y)).astype(np.float32)
    size = around.shape[0]
    edge = max(1, round(size * 0.12))
    ring = np.ones_like(around, bool)
    ring[edge:-edge, edge:-edge] = False
    return middle - np.median(around[ring]) > 45


def _four(squares: list[_Square], marks: Sequence[tuple[float, float]]) -> np.ndarray | None:
    """The four marks among ``squares`` (4, 2), in the order of ``marks``; None where no four fit.

    Marks surround all else that is black and square on a page, so they are among the corners of the hull;
    what lies around the page on a table may be, too, so every four of them are tried.
    """
    if len(squares) < 3:
        return None
    points = np.array([square.centre for square in squares], np.float32)
    hull = cv2.convexHull(points, returnPoints=False)[:, 0]
    holes = [index for index, square in enumerate(squares) if square.hole]
    corners = list(dict.fromkeys([*hull[:_MOST_CORNERS], *holes]))
    best, best_score = None, 0.0
    for chosen in itertools.combinations(corners, 4):
        quad = _in_order([squares[index] for index in chosen], marks)
        if quad is not None and quad[1] > best_score:
            best, best_score = quad
    if best is None:
        for chosen in itertools.combinations(corners, 3):
            quad = _completed([squares[index] for index in chosen], marks)
            if quad is not None and quad[1] > best_score:
                best, best_score = quad
    return best


def _in_order(
    squares: list[_Square], marks: Sequence[tuple[float, float]]
) -> tuple[np.ndarray, float] | None:
    """Four squares as top left, top right, bottom left, bottom right, with how well they lie; None if badly.

    The one with the hole comes first. Perspective stretches sides, so their lengths are held to theirs
    loosely.
    """
    holed = [index for index, square in enumerate(squares) if square.hole]
    if len(holed) != 1:
        return None
    points = np.array([square.centre for square in squares])
    middle = points.mean(axis=0)
    around = sorted(range(4), key=lambda index: np.arctan2(*(points[index] - middle)[::-1]))
    start = around.index(holed[0])
    ring = [around[(start + step) % 4] for step in range(4)]  # clockwise, since y runs down
    quad = points[ring]
    evenness = _evenness(quad, marks)
    sides = np.array([squares[index].side for index in ring])
    size = np.linalg.norm(quad[0] - quad[1]) / np.linalg.norm(np.subtract(marks[0], marks[1])) * MARK
    if not evenness or sides.min() < 0.55 * size or sides.max() > 1.6 * size:
        return None
    evenness *= sides.min() / sides.max()
    return quad[[0, 1, 3, 2]], float(cv2.contourArea(quad.astype(np.float32)) * evenness)


def _evenness(quad: np.ndarray, marks: Sequence[tuple[float, float]]) -> float:
    """How alike the sides of ``quad`` (4, 2; clockwise) are to those of ``marks``: 1 at most, 0 for not."""
    if not cv2.isContourConvex(quad.astype(np.float32)):
        return 0.0
    wanted = np.array(marks)[[0, 1, 3, 2]]
    lengths = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    ratios = lengths / np.linalg.norm(wanted - np.roll(wanted, -1, axis=0), axis=1)
    evenness = float(ratios.min() / ratios.max())
    return evenness if evenness > 1 / 1.45 else 0.0


def _completed(
    squares: list[_Square], marks: Sequence[tuple[float, float]]
) -> tuple[np.ndarray, float] | None:
    """Three squares, the one with the hole among them, and the fourth where a parallelogram has it."""
    if sum(square.hole for square in squares) != 1:
        return None
    best = None
    for missing in range(3):
        others = [index for index in range(3) if index != missing]
        centre = squares[others[0]].centre + squares[others[1]].centre - squares[missing].centre
        quad = _in_order([*squares, _Square(centre, squares[0].side, hole=False)], marks)
        if quad is not None and (best is None or quad[1] > best[1]):
            best = quad
    return best


def _nearest(
    squares: list[_Square], near: np.ndarray, marks: Sequence[tuple[float, float]]
) -> np.ndarray | None:
    """The squares nearest to where the code says the marks are, if they lie as marks do; else None.

    One that is missing is where the other three say; two that are missing are too many.
    """
    found: list[np.ndarray | None] = []
    for place in near:
        square = min(squares, key=lambda each: np.linalg.norm(each.centre - place), default=None)
        close = square is not None and np.linalg.norm(square.centre - place) < _reach(near)
        found.append(square.centre if close else None)
    missing = [index for index, centre in enumerate(found) if centre is None]
    if len(missing) > 1:
        return None
    if missing:
        beside, across, opposite = {0: (1, 2, 3), 1: (0, 3, 2), 2: (0, 3, 1), 3: (1, 2, 0)}[missing[0]]
        found[missing[0]] = found[beside] + found[across] - found[opposite]
    quad = np.array(found)
    return quad if _evenness(quad[[0, 1, 3, 2]], marks) else None


def _reach(near: np.ndarray) -> float:
    """How far a mark may be from where the code says: perspective moves it, by more the farther it is."""
    return 0.16 * float(np.linalg.norm(near[3] - near[0]))
