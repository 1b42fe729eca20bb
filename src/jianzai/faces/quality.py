"""How good a picture of a face is, one function a measure, and what to tell the person.

Names and ideas are those of ISO/IEC 29794-5 components that need no network, as
its open implementation OFIQ computes them; values here are shares (0-1) instead
of the standard's 0-100. Luminance is BT.601's, as in OFIQ.
"""

from __future__ import annotations

from dataclasses import asdict

import cv2
import numpy as np

from .mesh import OVAL, SIDE, Mesh
from .types import Observation, Quality, Reason

# Advice: each limit lies between the sample clips as they are and the same clips darkened, blurred, shrunk
# (tests/faces/test_measures.py has both). By effect on errors they have not been measured yet.
# pixels; the networks' own input has 35, so below this most of the face is invented
SMALLEST_INTER_EYE = 28.0
LARGEST_FACE = 0.95  # share of the frame's width or height; nearer than that it is cut and distorted
OUTSIDE = 0.03  # share of the frame that the face may reach beyond it
DARKEST = 0.16  # mean luminance of the face
BRIGHTEST = 0.85
MOST_OVER_EXPOSED = 0.35  # share of the face
MOST_UNDER_EXPOSED = 0.55
BACKLIGHT = 0.30  # surroundings brighter than a face that is itself dim
BACKLIT_FACE = 0.35
BLURREST = 0.022
FURTHEST_YAW = 30.0  # degrees, for a picture that recognition is done with
FURTHEST_PITCH = 30.0

_WHITE, _BLACK = 247, 25  # of 255; OFIQ's over- and under-exposure
_BINS = 64
_SPARSE = 8


def measure(image: np.ndarray, mesh: Mesh) -> Quality:
    """All measures of one face in its (height, width, 3) uint8 BGR picture."""
    grey = cv2.cvtColor(mesh.cut, cv2.COLOR_BGR2GRAY)
    mask = face_mask(mesh)
    skin = grey[mask]
    if skin.size == 0:
        skin = grey.ravel()
    return Quality(
        inter_eye=mesh.inter_eye,
        luminance=luminance(skin),
        contrast=contrast(skin),
        over_exposed=over_exposed(skin),
        under_exposed=under_exposed(skin),
        uniformity=uniformity(grey, mask, mesh),
        sharpness=sharpness(grey, mask),
        backlight=backlight(image, mesh, luminance(skin)),
    )


def components(observation: Observation, image: np.ndarray, mesh: Mesh) -> dict[str, float]:
    """All measures of a picture by name, angles without their sign, with those of the standard that need no
    network and that no advice is given by: whether they tell anything, an evaluation shows.
    """
    mask = face_mask(mesh)
    skin = cv2.cvtColor(mesh.cut, cv2.COLOR_BGR2GRAY)[mask]
    return asdict(observation.quality) | {
        "yaw": abs(observation.yaw),
        "pitch": abs(observation.pitch),
        "roll": abs(observation.roll),
        "eye_opening": observation.eye_opening,
        "mouth_opening": observation.mouth_opening,
        "head_size": head_size(image, mesh),
        "dynamic_range": dynamic_range(skin),
        "unnatural_colour": unnatural_colour(mesh, mask),
    }


def face_mask(mesh: Mesh) -> np.ndarray:
    """(192, 192) bool: the cut's pixels inside the face's outline."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    outline = np.round(mesh.in_cut[list(OVAL), :2]).astype(np.int32)
    cv2.fillPoly(mask, [outline], 1)
    return mask.astype(bool)


def luminance(skin: np.ndarray) -> float:
    """Mean luminance, 0-1 (29794-5: luminance mean)."""
    return float(skin.mean()) / 255


def contrast(skin: np.ndarray) -> float:
    """Standard deviation of luminance, 0-1 (29794-5: luminance variance, as a deviation)."""
    return float(skin.std()) / 255


def over_exposed(skin: np.ndarray) -> float:
    """Share of pixels at or near white, 0-1 (29794-5: over-exposure prevention, inverted)."""
    return float((skin >= _WHITE).mean())


def under_exposed(skin: np.ndarray) -> float:
    """Share of pixels at or near black, 0-1 (29794-5: under-exposure prevention, inverted)."""
    return float((skin <= _BLACK).mean())


def dynamic_range(skin: np.ndarray) -> float:
    """Entropy of luminance, 0-1 of the 8 bits there could be (29794-5: dynamic range)."""
    shares = np.bincount(skin, minlength=256) / max(1, skin.size)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum() / 8)


def unnatural_colour(mesh: Mesh, mask: np.ndarray) -> float:
    """How far the mean colour lies from skin's, in units of CIELAB; 0 within it (29794-5: natural colour).

    OFIQ takes a* from 5 to 25 and b* from 5 to 35 for natural.
    """
    if not mask.any():
        return 0.0
    lab = cv2.cvtColor(mesh.cut.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)[mask].mean(axis=0)
    beyond = [max(0.0, low - value, value - high) for value, low, high in ((lab[1], 5, 25), (lab[2], 5, 35))]
    return float(np.hypot(*beyond))


def head_size(image: np.ndarray, mesh: Mesh) -> float:
    """Height of the face over the picture's height (29794-5: head size)."""
    return float(mesh.box[3]) / image.shape[0]


def uniformity(grey: np.ndarray, mask: np.ndarray, mesh: Mesh) -> float:
    """Likeness of both halves' light, 0-1: histogram intersection (29794-5: illumination uniformity)."""
    middle = int(np.clip(round(float(mesh.in_cut[[10, 1, 152], 0].mean())), 1, SIDE - 1))
    halves = [grey[:, :middle][mask[:, :middle]], grey[:, middle:][mask[:, middle:]]]
    if min(half.size for half in halves) == 0:
        return 0.0
    shares = [np.bincount(half >> 2, minlength=_BINS) / half.size for half in halves]
    return float(np.minimum(*shares).sum())


def sharpness(grey: np.ndarray, mask: np.ndarray) -> float:
    """Fine detail, 0-1, larger is sharper; measured with the face scaled to one size (29794-5: sharpness).

    OFIQ feeds statistics of Laplace and Sobel responses to a trained forest; here it is the mean change
    that a small blur makes, over the face's contrast, so that dim light is not taken for blur.
    """
    values = grey.astype(np.float32)
    change = np.abs(values - cv2.GaussianBlur(values, (0, 0), 1.5))
    inner = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    if not inner.any():
        return 0.0
    return float(change[inner].mean() / max(float(values[inner].std()), 1.0)) / 2


def backlight(image: np.ndarray, mesh: Mesh, face: float) -> float:
    """Mean luminance of the picture around the face's box minus the face's own, -1 to 1."""
    # Every eighth pixel is plenty for a mean.
    small = cv2.cvtColor(np.ascontiguousarray(image[::_SPARSE, ::_SPARSE]), cv2.COLOR_BGR2GRAY)
    height, width = small.shape
    x, y, w, h = (value / _SPARSE for value in mesh.box)
    around = np.ones(small.shape, bool)
    left, right = (int(np.clip(value, 0, width)) for value in (x, x + w))
    around[int(np.clip(y, 0, height)) :, left:right] = False  # below the face is the person's own body
    if not around.any():
        return 0.0
    return float(small[around].mean()) / 255 - face


def advice(observation: Observation) -> Reason | None:
    """What the person should change before this picture can be used; None when it is good."""
    if observation.faces == 0 or observation.quality is None:
        return Reason.NO_FACE
    if observation.faces > 1:
        return Reason.SEVERAL_FACES
    measured = observation.quality
    if measured.inter_eye < SMALLEST_INTER_EYE:
        return Reason.TOO_SMALL
    x, y, width, height = observation.box
    beyond = max(-x, -y, x + width - 1, y + height - 1)
    if max(width, height) > LARGEST_FACE or beyond > OUTSIDE:
        return Reason.TOO_LARGE
    if measured.backlight > BACKLIGHT and measured.luminance < BACKLIT_FACE:
        return Reason.BACKLIT
    if measured.luminance < DARKEST or measured.under_exposed > MOST_UNDER_EXPOSED:
        return Reason.TOO_DARK
    if measured.luminance > BRIGHTEST or measured.over_exposed > MOST_OVER_EXPOSED:
        return Reason.TOO_BRIGHT
    if measured.sharpness < BLURREST:
        return Reason.BLURRED
    if abs(observation.yaw) > FURTHEST_YAW or abs(observation.pitch) > FURTHEST_PITCH:
        return Reason.NOT_FRONTAL
    return None


def score(observation: Observation) -> float:
    """How good a frame is for recognition, 0-100; 0 where ``advice`` speaks, else a product of measures.

    Pose weighs most: a frame turned by 20 degrees counts about half of a frontal one.
    """
    if advice(observation) is not None:
        return 0.0
    measured = observation.quality
    facing = np.exp(-((observation.yaw / 24) ** 2) - (observation.pitch / 40) ** 2)
    size = min(1.0, measured.inter_eye / 60)
    sharp = min(1.0, measured.sharpness / (3 * BLURREST))
    light = min(1.0, measured.luminance / 0.3, (1 - measured.luminance) / 0.3)
    eyes = min(1.0, observation.eye_opening / 0.22)
    return float(100 * facing * (size * sharp * light * eyes) ** 0.5)
