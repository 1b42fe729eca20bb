"""Pictures become vectors, once: what was measured is kept beside the report for the next run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from .. import quality
from ..detection import FaceDetector
from ..embedding import Embedder
from ..engine import described
from ..mesh import FaceMesh
from ..models import Networks, fingerprint
from ..types import Observation
from .pictures import Picture, UnusableInput

UNREADABLE, NO_FACE = "unreadable", "no_face"
_LARGEST = 40_000_000  # pixels; OpenCV would take far more memory before it refuses
_MADE_BY = ("detection", "embedding", "engine", "mesh", "quality", "runtime")


@dataclass(frozen=True, slots=True)
class Described:
    """One face: its vector, what was measured of its picture, and what advice a person would be given."""

    vector: np.ndarray  # (d,)
    measures: dict[str, float]
    advice: str = ""  # a types.Reason, or empty


class Describer(Protocol):
    """What turns a picture into a vector."""

    name: str
    version: str  # changes with whatever changes a vector

    def describe(self, image: np.ndarray) -> Described | None:
        """The face nearest to the middle of a BGR picture; None where no face is found."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Pictures with a face, in order, and what was measured of them; the others by why there is nothing."""

    pictures: tuple[Picture, ...]
    vectors: np.ndarray  # (n, d) float32
    measures: dict[str, np.ndarray]  # (n,) each, see quality.components
    advice: np.ndarray  # (n,) str
    missed: dict[str, tuple[str, ...]]  # why, and the file names


class PackDescriber:
    """A pack's networks, loaded when the first picture comes."""

    def __init__(self, pack: Networks):
        self.name, self._pack = pack.name, pack
        folder = Path(quality.__file__).parent
        code = b"".join((folder / f"{name}.py").read_bytes() for name in _MADE_BY)
        self.version = hashlib.sha256(code + fingerprint(pack).encode()).hexdigest()

    @cached_property
    def _parts(self) -> tuple[FaceDetector, FaceMesh, Embedder]:
        return FaceDetector(), FaceMesh(), Embedder(self._pack)

    def describe(self, image: np.ndarray) -> Described | None:
        detector, meshes, embedder = self._parts
        middle = np.array(image.shape[1::-1]) / 2
        boxes = sorted(detector.detect(image), key=lambda one: np.hypot(*(_middle(one.box) - middle)))
        mesh = meshes.place(image, boxes[0]) if boxes else None
        if mesh is None:
            return None
        observed = described(Observation(0.0, 0.0, 1, ""), image, mesh)
        return Described(
            embedder.embed(image, mesh.five_points),
            quality.components(observed, image, mesh),
            quality.advice(observed) or "",
        )


def measure(
    describer: Describer,
    pictures: Sequence[Picture],
    kept: Path | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Measured:
    """Describe the face nearest to the middle of every picture.

    ``kept`` is a file that remembers vectors by the content of the picture, for as long as ``describer``
    stays as it is. ``told`` hears how many pictures are done, of how many. Raises UnusableInput where no
    picture shows a face.
    """
    known = _known(describer, kept)
    found, missed, fresh = [], {}, False
    for number, picture in enumerate(pictures):
        told(number, len(pictures))
        try:
            content = picture.path.read_bytes()
        except OSError:
            missed.setdefault(UNREADABLE, []).append(picture.path.name)
            continue
        digest = hashlib.sha256(content).hexdigest()
        if digest not in known:
            known[digest], fresh = _describe(describer, content), True
        if isinstance(known[digest], str):
            missed.setdefault(known[digest], []).append(picture.path.name)
        else:
            found.append((picture, known[digest]))
    told(len(pictures), len(pictures))
    if not found:
        raise UnusableInput(f"no face was found in any of {len(pictures)} pictures")
    if kept and fresh:
        _keep(describer, kept, known)
    rows = [row for _, row in found]
    return Measured(
        tuple(picture for picture, _ in found),
        np.stack([row.vector for row in rows]),
        {name: np.array([row.measures[name] for row in rows]) for name in rows[0].measures},
        np.array([row.advice for row in rows]),
        missed={why: tuple(names) for why, names in missed.items()},
    )


def _describe(describer: Describer, content: bytes) -> Described | str:
    """A face, or why there is none."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None or image.shape[0] * image.shape[1] > _LARGEST:
        return UNREADABLE
    return describer.describe(image) or NO_FACE


def _middle(box: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])


def _known(describer: Describer, kept: Path | None) -> dict[str, Described | str]:
    if kept is None or not kept.exists():
        return {}
    with np.load(kept) as stored:
        if str(stored["version"]) != describer.version:
            return {}
        names = stored["names"].tolist()
        rows = zip(
            *(stored[name].tolist() for name in ("seen", "advice", "measures")),
            stored["vectors"],
            strict=True,
        )
        seen = {
            digest: Described(vector, dict(zip(names, values, strict=True)), advice)
            for digest, advice, values, vector in rows
        }
        return seen | dict(zip(stored["unseen"].tolist(), stored["why"].tolist(), strict=True))


def _keep(describer: Describer, kept: Path, known: dict[str, Described | str]) -> None:
    seen = {digest: row for digest, row in known.items() if not isinstance(row, str)}
    unseen = {digest: why for digest, why in known.items() if isinstance(why, str)}
    rows = list(seen.values())
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part.npz")
    np.savez(
        unfinished,
        version=describer.version,
        seen=np.array(list(seen), dtype="U64"),
        advice=np.array([row.advice for row in rows], dtype="U32"),
        names=np.array(list(rows[0].measures), dtype="U32"),
        measures=np.array([list(row.measures.values()) for row in rows]),
        vectors=np.stack([row.vector for row in rows]),
        unseen=np.array(list(unseen), dtype="U64"),
        why=np.array(list(unseen.values()), dtype="U16"),
    )
    unfinished.replace(kept)
