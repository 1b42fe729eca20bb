"""The mesh of a face, and what is read off it: pose, eye and mouth opening.

MediaPipe's ``face_landmark`` network places 468 points in a square cut around the
face (Kartynnik et al., Real-time Facial Surface Geometry, 2019). The square comes
from the detector, or, within one batch of a capture, from the mesh of the picture
before: that costs a third of looking for the face again. Nothing is followed from
batch to batch, so any process can analyse the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .detection import Detection
from .models import common
from .runtime import network

SIDE = 192  # pixels of the network's input
_MARGIN = 1.5  # side of the cut over the detection's longer side (MediaPipe's value)
_LEAST_PRESENCE = 0.5  # the network's own word on whether a face is in the cut

# Where the detector's box lies about a mesh, in longer sides of the mesh's own box: means over ten recordings
# (`benchmarks/liveness.py following`). With the same cut, a followed mesh is like a detected one.
_DETECTED_SIDE, _DETECTED_LOWER = 0.913, 0.055
_FURTHEST = (
    0.08  # longer sides by which a face may have moved to be followed; beyond, the mesh begins to slip
)
_MOST_GROWTH = 0.15  # of the logarithm of its size

# Numbers of points in the mesh's topology; "right" and "left" are the person's.
RIGHT_EYE, LEFT_EYE = (33, 133), (263, 362)  # outer and inner corner
_RIGHT_LIDS, _LEFT_LIDS = ((160, 144), (159, 145), (158, 153)), ((387, 373), (386, 374), (385, 380))
_INNER_LIPS, _INNER_CORNERS = (13, 14), (78, 308)
NOSE_TIP, MOUTH_CORNERS = 1, (61, 291)
_ACROSS = ((33, 263), (127, 356), (234, 454), (132, 361))  # pairs of points level with each other
_TOP, _CHIN = 10, 152
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)  # the face's outline


@dataclass(frozen=True, slots=True)
class Mesh:
    """468 points of one face, with the square they were measured in."""

    points: (
        np.ndarray
    )  # (468, 3) float32; x, y in the picture's pixels, z of the same scale, smaller is nearer
    presence: float  # 0-1
    cut: np.ndarray  # (192, 192, 3) uint8 BGR, the face upright
    in_cut: np.ndarray  # (468, 3) float32, the points in the cut's pixels

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width, height around all points, pixels."""
        low, high = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])

    @property
    def five_points(self) -> np.ndarray:
        """(5, 2) pixels, left to right in an upright picture: eye centres, nose tip, mouth corners."""
        flat = self.points[:, :2]
        eyes = [flat[list(corners)].mean(axis=0) for corners in (RIGHT_EYE, LEFT_EYE)]
        return np.stack([*eyes, flat[NOSE_TIP], *flat[list(MOUTH_CORNERS)]])

    @property
    def inter_eye(self) -> float:
        """Pixels between the eye centres."""
        eyes = self.five_points
        return float(np.linalg.norm(eyes[0] - eyes[1]))


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is turned, in degrees, by the conventions of types.Observation."""

    yaw: float
    pitch: float
    roll: float


class FaceMesh:
    """Places the mesh on detected faces."""

    def __init__(self, threads: int = 1):
        self._run = network(common()["mesh"], threads)

    def place(self, image: np.ndarray, detection: Detection) -> Mesh | None:
        """The mesh of a face in a (height, width, 3) uint8 BGR picture; None where the network sees none."""
        into = _cut_transform(detection)
        cut = cv2.warpAffine(image, into, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        values = cv2.cvtColor(cut, cv2.COLOR_BGR2RGB).astype(np.float32) / 255.0
        coordinates, presence = self._run(values[None])
        presence = 1 / (1 + float(np.exp(-presence.reshape(-1)[0])))
        if presence < _LEAST_PRESENCE:
            return None
        in_cut = coordinates.reshape(468, 3)
        back = cv2.invertAffineTransform(into)
        scale = float(np.hypot(back[0, 0], back[1, 0]))
        points = np.empty_like(in_cut)
        points[:, :2] = in_cut[:, :2] @ back[:, :2].T.astype(np.float32) + back[:, 2].astype(np.float32)
        points[:, 2] = in_cut[:, 2] * scale
        return Mesh(points, presence, cut, in_cut)

    def follow(self, image: np.ndarray, before: Mesh) -> Mesh | None:
        """The mesh of the face that lay at ``before`` in a picture of the same size, moments earlier.

        None where no face is there any more or it has moved too far to be sure; the detector knows then.
        How close it comes to a detected face's mesh is told by `benchmarks/liveness.py following`.
        """
        x, y, width, height = before.box
        longer = max(width, height)
        side = _DETECTED_SIDE * longer
        left, top = x + (width - side) / 2, y + (height - side) / 2 + _DETECTED_LOWER * longer
        eyes = tuple((float(eye[0]), float(eye[1])) for eye in before.five_points[:2])
        mesh = self.place(image, Detection((left, top, side, side), eyes, before.presence))
        if mesh is None:
            return None
        now_x, now_y, now_width, now_height = mesh.box
        moved = np.hypot(now_x + now_width / 2 - x - width / 2, now_y + now_height / 2 - y - height / 2)
        growth = np.log(max(now_width, now_height) / longer)
        return mesh if moved <= _FURTHEST * longer and abs(growth) <= _MOST_GROWTH else None


def _cut_transform(detection: Detection) -> np.ndarray:
    """(2, 3) affine from the picture to the cut: upright by the eyes, around the detection's box."""
    x, y, width, height = detection.box
    (right_x, right_y), (left_x, left_y) = detection.eyes
    angle = np.arctan2(left_y - right_y, left_x - right_x)
    scale = SIDE / (_MARGIN * max(width, height))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    centre = np.array([x + width / 2, y + height / 2])
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turn, SIDE / 2 - turn @ centre])


def pose(mesh: Mesh) -> Pose:
    """The head's pose from the mesh's own depth.

    The line across the head (mean of level pairs of points) and the line from forehead to chin span its
    frontal plane; their directions in the camera's axes (x right, y down, z away) are the angles. Depth in
    the mesh has the scale of x and y (weak perspective), so no model of a head has to be assumed.
    """
    points = mesh.points.astype(np.float64)
    across = sum(_unit(points[left] - points[right]) for right, left in _ACROSS)
    down = _unit(points[_CHIN] - points[_TOP])
    across = _unit(across)
    forward = _unit(np.cross(down, across))  # out of the face, towards the camera when frontal: negative z
    yaw = np.degrees(np.arctan2(forward[0], -forward[2]))
    pitch = np.degrees(np.arcsin(np.clip(-forward[1], -1, 1)))
    roll = np.degrees(np.arctan2(across[1], across[0]))
    return Pose(float(yaw), float(pitch), float(roll))


def eye_opening(mesh: Mesh) -> float:
    """Lid gap over eye width, mean of both eyes and three places on each lid (Soukupova and Cech, 2016)."""
    return (_opening(mesh, _RIGHT_LIDS, RIGHT_EYE) + _opening(mesh, _LEFT_LIDS, LEFT_EYE)) / 2


def mouth_opening(mesh: Mesh) -> float:
    """Gap between the inner lips over the width between their corners."""
    return _opening(mesh, (_INNER_LIPS,), _INNER_CORNERS)


def _opening(mesh: Mesh, gaps: tuple[tuple[int, int], ...], ends: tuple[int, int]) -> float:
    # Distances in space rather than in the picture: a turned head shows its eyes and mouth narrower.
    points = mesh.points
    height = np.mean([np.linalg.norm(points[upper] - points[lower]) for upper, lower in gaps])
    return float(height / max(np.linalg.norm(points[ends[0]] - points[ends[1]]), 1e-6))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
