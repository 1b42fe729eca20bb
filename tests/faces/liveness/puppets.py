"""A photograph made to move, and one person's face laid over another's, by warping the 468-point mesh."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from simulator import Camera

from jianzai.faces.detection import FaceDetector
from jianzai.faces.mesh import MOUTH_CORNERS, OVAL, FaceMesh
from jianzai.faces.types import Action, Prompt

INNER_LIPS = (
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    *(324, 318, 402, 317, 14, 87, 178, 88, 95),
)
UPPER_LIP = (
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    *(76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    *(62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
)
LOWER_LIP = (146, 91, 181, 84, 17, 314, 405, 321, 375, 95, 88, 178, 87, 14, 317, 402, 318, 324)
RIGHT_LIDS = ((246, 161, 160, 159, 158, 157, 173), (7, 163, 144, 145, 153, 154, 155))  # upper, lower
LEFT_LIDS = ((466, 388, 387, 386, 385, 384, 398), (249, 390, 373, 374, 380, 381, 382))
RIGHT_EYE = (33, *RIGHT_LIDS[0], 133, *RIGHT_LIDS[1][::-1])
LEFT_EYE = (263, *LEFT_LIDS[0], 362, *LEFT_LIDS[1][::-1])
CREASES = ((247, 30, 29, 27, 28, 56, 190), (467, 260, 259, 257, 258, 286, 414))
OUTER_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)


class Mesher:
    """The mesh's points of the largest face in a picture."""

    def __init__(self):
        self._detector, self._mesh = FaceDetector(1), FaceMesh(1)

    def points(self, image: np.ndarray) -> np.ndarray | None:
        """(468, 3) pixels, z of the same scale and smaller nearer; None without a face."""
        found = self._detector.detect(image)
        mesh = self._mesh.place(image, found[0]) if found else None
        return None if mesh is None else mesh.points


def triangles(points: np.ndarray) -> np.ndarray:
    """(n, 3) numbers of the points of each triangle between points (m, 2), by Delaunay's rule."""
    low, high = points.min(axis=0) - 2, points.max(axis=0) + 2
    division = cv2.Subdiv2D(
        (*np.floor(low).astype(int).tolist(), *np.ceil(high - low + 4).astype(int).tolist())
    )
    numbers = {division.insert((float(x), float(y))): number for number, (x, y) in enumerate(points)}
    found = []
    for row in division.getTriangleList():
        corners = [division.locate((float(x), float(y)))[2] for x, y in row.reshape(3, 2)]
        if all(corner in numbers for corner in corners):
            found.append([numbers[corner] for corner in corners])
    return np.array(found)


def warp(
    image: np.ndarray, start: np.ndarray, end: np.ndarray, mesh: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """`image` with its points `start` (n, 2) moved to `end` (n, 3), and which triangle is where: -1 for none.

    Both are of `size` (width, height). Far triangles are drawn first, so that near ones hide them.
    """
    corners = end[mesh]  # (t, 3 corners, 3)
    square = np.concatenate([corners[..., :2], np.ones((len(mesh), 3, 1))], axis=2)
    sound = np.abs(np.linalg.det(square)) > 1e-3
    affine = np.zeros((len(mesh), 3, 2), np.float32)
    affine[sound] = np.linalg.solve(square[sound], start[mesh[sound]])
    drawn = np.full(size[::-1], -1, np.int32)
    polygons = np.round(corners[..., :2] * 16).astype(np.int32)
    for number in np.argsort(-corners[..., 2].mean(axis=1)):
        if sound[number]:
            cv2.fillConvexPoly(drawn, polygons[number], int(number), cv2.LINE_8, 4)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    there = affine[drawn]  # of the last triangle where there is none: whoever asks for the numbers knows
    where = columns[..., None] * there[..., 0, :] + rows[..., None] * there[..., 1, :] + there[..., 2, :]
    return cv2.remap(image, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), drawn


@dataclass
class Puppet:
    """A photograph that turns, opens its mouth and closes its eyes on command, moved in depth by its mesh.

    `follows`: how far hair, ears and neck go with the face, 0-1. `idle`: whether it sways and
    blinks between commands, as a careful maker's does. `reach`: degrees of a turn.
    """

    still: np.ndarray
    mesher: Mesher
    follows: float = 1.0
    idle: bool = True
    reach: float = 24.0
    prompt: Prompt | None = None
    since: float = 0.0

    def told(self, prompt: Prompt, time: float) -> None:
        self.prompt, self.since = prompt, time

    @cached_property
    def face(self) -> np.ndarray:
        return self.mesher.points(self.still).astype(np.float64)

    @cached_property
    def _around(self) -> tuple[np.ndarray, np.ndarray]:
        """Points (n, 3) about the face, and (n,) how far each goes with the head."""
        oval = self.face[list(OVAL)]
        middle = oval.mean(axis=0)
        height, width = self.still.shape[:2]
        depth = 0.55 * np.ptp(oval[:, 0])  # ears and hair lie about so far behind the face's edge
        rings = []
        for scale, share in ((1.25, self.follows), (1.5, 0.7 * self.follows), (2.0, 0.0)):
            ring = middle + (oval - middle) * [scale, scale, 1.0]
            ring[:, 2] += depth * (scale - 1)
            rings.append((ring, share))
        edge = np.array([[x, y, 0] for x in (0, width / 2, width) for y in (0, height / 2, height)])
        edge = edge[(edge[:, 0] != width / 2) | (edge[:, 1] != height / 2)]
        rings.append((edge, 0.0))
        points = np.concatenate([ring for ring, _ in rings])
        shares = np.concatenate([np.full(len(ring), share) for ring, share in rings])
        inside = (
            (points[:, 0] >= 0) & (points[:, 0] <= width) & (points[:, 1] >= 0) & (points[:, 1] <= height)
        )
        return points[inside], shares[inside]

    @cached_property
    def _triangles(self) -> np.ndarray:
        return triangles(np.concatenate([self.face, self._around[0]])[:, :2].astype(np.float32))

    def picture(self, time: float) -> np.ndarray:
        swing = _swing(time - self.since) if self.prompt else 0.0
        action = self.prompt.action if self.prompt else None
        turn = self.reach * swing * {Action.TURN_LEFT: 1, Action.TURN_RIGHT: -1}.get(action, 0)
        closed = swing if action is Action.CLOSE_EYES else 0.0
        nod = 0.0
        if self.idle:
            turn += 2.0 * np.sin(0.9 * time) + 0.7 * np.sin(2.3 * time)
            nod = 1.2 * np.sin(0.7 * time + 1)
            closed = max(closed, float(time % 4.1 < 0.2))
        return self.posed(turn, nod, closed, swing if action is Action.OPEN_MOUTH else 0.0)

    def posed(self, turn: float, nod: float = 0.0, closed: float = 0.0, opened: float = 0.0) -> np.ndarray:
        """The photograph with the head turned and raised (degrees), eyes closed and mouth opened (0-1)."""
        face = _express(self.face, closed, opened)
        around, shares = self._around
        width = np.ptp(self.face[list(OVAL), 0])
        middle = self.face[list(OVAL)].mean(axis=0) + [0, 0, 0.35 * width]
        turned = _turn(np.concatenate([face, around]), middle, turn, nod, 5 * width)
        start = np.concatenate([self.face, around])
        share = np.concatenate([np.ones(len(face)), shares])[:, None]
        end = start + share * (turned - start)
        end[len(face) :, 2] += width  # what is around lies behind
        size = self.still.shape[1::-1]
        image, _ = warp(self.still, start[:, :2], end, self._triangles, size)
        if opened > 0:
            gap = np.round(end[list(INNER_LIPS), :2] * 16).astype(np.int32)
            cv2.fillPoly(image, [gap], (25, 20, 45), cv2.LINE_AA, 4)
        return image


def _swing(since: float) -> float:
    """How far an action is made so many seconds after its prompt: a moment, there, held, and back."""
    return float(np.interp(since, [0.6, 1.2, 2.3, 2.9], [0, 1, 1, 0]))


def _express(face: np.ndarray, closed: float, opened: float) -> np.ndarray:
    face = face.copy()
    for (upper, lower), crease in zip((RIGHT_LIDS, LEFT_LIDS), CREASES, strict=True):
        fall = closed * 0.9 * (face[list(lower)] - face[list(upper)])
        face[list(upper)] += fall
        face[list(crease)] += 0.4 * fall
    if opened > 0:
        corners = face[list(MOUTH_CORNERS)]
        wide = np.linalg.norm(corners[0] - corners[1])
        across = np.exp(-(((face[:, 0] - corners[:, 0].mean()) / (0.55 * wide)) ** 2))
        lower = face[:, 1] > corners[:, 1].mean()
        lower[list(LOWER_LIP)] = True
        lower[list(UPPER_LIP)] = False
        face[:, 1] += np.where(lower, opened * 0.55 * wide * across, 0)
    return face


def _turn(points: np.ndarray, middle: np.ndarray, turn: float, nod: float, distance: float) -> np.ndarray:
    """Points (n, 3) turned to the person's own left and raised by degrees about `middle`, in perspective."""
    away = points - middle
    sine, cosine = np.sin(np.radians(turn)), np.cos(np.radians(turn))
    x = away[:, 0] * cosine - away[:, 2] * sine
    z = away[:, 2] * cosine + away[:, 0] * sine
    sine, cosine = np.sin(np.radians(nod)), np.cos(np.radians(nod))
    y = away[:, 1] * cosine + z * sine
    z = z * cosine - away[:, 1] * sine
    nearer = (distance + away[:, 2]) / (distance + z)
    return np.stack([x * nearer, y * nearer, z], axis=1) + middle


@dataclass
class Swapped:
    """`driver`'s living face with the photographed face laid over it; eyes and mouth stay the driver's."""

    driver: Camera
    still: np.ndarray
    mesher: Mesher
    feather: float = 0.06  # of the face's width, where one skin goes over into the other

    def told(self, prompt: Prompt, time: float) -> None:
        self.driver.told(prompt, time)

    @cached_property
    def _face(self) -> tuple[np.ndarray, np.ndarray]:
        points = self.mesher.points(self.still).astype(np.float64)
        mesh = triangles(points[:, :2].astype(np.float32))
        open_places = [np.isin(mesh, place).all(axis=1) for place in (RIGHT_EYE, LEFT_EYE, INNER_LIPS)]
        return points, mesh[~np.any(open_places, axis=0)]

    def picture(self, time: float) -> np.ndarray:
        image = self.driver.picture(time)
        living = self.mesher.points(image)
        if living is None:
            return image
        points, mesh = self._face
        laid, drawn = warp(self.still, points[:, :2], living.astype(np.float64), mesh, image.shape[1::-1])
        width = float(np.ptp(living[list(OVAL), 0]))
        mask = np.zeros(image.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(living[list(OVAL), :2]).astype(np.int32)], 255)
        mask[drawn < 0] = 0
        if not mask.any():
            return image
        laid = _recoloured(laid, image, mask > 0)
        edge = 2 * int(self.feather * width / 2) + 1
        soft = cv2.GaussianBlur(cv2.erode(mask, np.ones((edge, edge))), (0, 0), edge / 3)
        share = soft[..., None].astype(np.float32) / 255
        return np.clip(laid * share + image * (1 - share), 0, 255).astype(np.uint8)


def _recoloured(laid: np.ndarray, image: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """`laid` (float32) with the mean and spread of colour that `image` has in the same place."""
    ours, theirs = laid[inside].astype(np.float32), image[inside].astype(np.float32)
    gain = np.clip(theirs.std(axis=0) / np.maximum(ours.std(axis=0), 1), 0.6, 1.7)
    return (laid.astype(np.float32) - ours.mean(axis=0)) * gain + theirs.mean(axis=0)


@dataclass
class Masked:
    """A print with its eyes and mouth cut out, before the face of someone who moves his own (`driver`).

    `behind`: how far the face lies behind the sheet, in face widths; when the sheet is turned the
    holes show another part of it. Gives the sheet's picture; `angle` says how it is turned.
    """

    driver: Camera
    still: np.ndarray
    mesher: Mesher
    behind: float = 0.06
    _holes: list = field(default_factory=list)

    def told(self, prompt: Prompt, time: float) -> None:
        self.driver.told(prompt, time)

    @cached_property
    def _points(self) -> np.ndarray:
        return self.mesher.points(self.still)[:, :2]

    def sheet(self, time: float, angle: float) -> np.ndarray:
        image = self.driver.picture(time)
        living = self.mesher.points(image)
        sheet = self.still.copy()
        if living is None:
            return sheet
        shift = self.behind * np.ptp(self._points[list(OVAL), 0]) * np.tan(np.radians(angle))
        for hole, grow, lower, corners in (
            (RIGHT_EYE, 1.5, 0.0, (33, 133)),
            (LEFT_EYE, 1.5, 0.0, (263, 362)),
            (OUTER_LIPS, 2.0, 0.4, MOUTH_CORNERS),  # room for a mouth that opens
        ):
            ours, theirs = self._points[list(corners)], living[list(corners), :2]
            matrix = _between(theirs, ours)
            matrix[0, 2] += shift
            shown = cv2.warpAffine(image, matrix, sheet.shape[1::-1])
            outline = self._points[list(hole)]
            middle = outline.mean(axis=0)
            mask = np.zeros(sheet.shape[:2], np.uint8)
            down = [0, lower * np.ptp(outline[:, 1])]
            edge = np.round(middle + down + (outline - middle) * [1.1, grow]).astype(np.int32)
            cv2.fillPoly(mask, [cv2.convexHull(edge)], 1)
            sheet[mask > 0] = shown[mask > 0]
        return sheet


def _between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(2, 3) turn, size and shift that takes two points to two others."""
    a, b = start @ [1, 1j], end @ [1, 1j]
    factor = (b[1] - b[0]) / (a[1] - a[0])
    shift = b[0] - factor * a[0]
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def outlined(still: np.ndarray, mesher: Mesher, around: tuple[int, int, int] = (150, 160, 165)) -> np.ndarray:
    """A photograph cut out along the head, before a wall of one colour."""
    oval = mesher.points(still)[list(OVAL), :2]
    middle = oval.mean(axis=0)
    mask = np.zeros(still.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(middle + (oval - middle) * [1.12, 1.1]).astype(np.int32)], 1)
    return np.where(mask[..., None] > 0, still, np.array(around, np.uint8))
