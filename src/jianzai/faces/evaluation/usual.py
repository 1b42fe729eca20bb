"""The usual engine beside ours: what the ``face_recognition`` package does, where it is installed.

A face found by dlib's HOG detector on the picture upsampled once, five points, and a descriptor by dlib's
residual network; two faces are one where their descriptors lie at most 0.6 apart. Those are the package's
defaults. It is measured, never used.
"""

from __future__ import annotations

import importlib.util
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from ..models import OperatingPoint
from .measuring import Described

NAME = "dlib"
POINT = OperatingPoint(same=0.4, uncertain=0.4, figures="")
"""Of 1 minus the distance: the usual 0.6. There is no grey zone."""


def installed() -> bool:
    """Whether dlib and the weights of ``face_recognition_models`` are there."""
    return all(importlib.util.find_spec(name) for name in ("dlib", "face_recognition_models"))


class UsualDescriber:
    """Descriptors as the package makes them, loaded when the first picture comes."""

    name = NAME

    @property
    def version(self) -> str:
        import dlib

        return f"dlib {dlib.__version__}"

    @cached_property
    def _parts(self) -> tuple:
        import dlib

        found = importlib.util.find_spec("face_recognition_models")
        weights = Path(next(iter(found.submodule_search_locations))) / "models"
        return (
            dlib.get_frontal_face_detector(),
            dlib.shape_predictor(str(weights / "shape_predictor_5_face_landmarks.dat")),
            dlib.face_recognition_model_v1(str(weights / "dlib_face_recognition_resnet_model_v1.dat")),
        )

    def describe(self, image: np.ndarray) -> Described | None:
        detector, points, network = self._parts
        colour = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        height, width = image.shape[:2]
        faces = sorted(
            detector(colour, 1),
            key=lambda face: np.hypot(face.center().x - width / 2, face.center().y - height / 2),
        )
        if not faces:
            return None
        descriptor = network.compute_face_descriptor(colour, points(colour, faces[0]))
        return Described(np.array(descriptor, np.float32), {})
