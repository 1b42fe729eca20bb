"""Pictures become vectors, once: what was measured is kept beside the report for the next run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .. import quality
from ..detection import FaceDetector
from ..embedding import Embedder
from ..mesh import FaceMesh, pose
from ..models import Pack
from .pictures import Picture, UnusableInput

UNREADABLE, NO_FACE = "unreadable", "no_face"
_LARGEST = 40_000_000  # pixels; OpenCV would take far more memory before it refuses
_MADE_BY = ("detection", "embedding", "mesh", "quality", "runtime")


@dataclass(frozen=True, slots=True)
class Measured:
    """Pictures with a face, in order, and what was measured of them; the others by why there is nothing."""

    pictures: tuple[Picture, ...]
    vectors: np.ndarray  # (n, d) float32 unit vectors
    yaw: np.ndarray  # (n,) degrees
    inter_eye: np.ndarray  # (n,) pixels
    sharpness: np.ndarray  # (n,), see quality.py
    missed: dict[str, tuple[str, ...]]  # why, and the file names


def measure(
    pack: Pack,
    pictures: Sequence[Picture],
    kept: Path | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Measured:
    """Embed the face nearest to the middle of every picture.

    ``kept`` is a file that remembers vectors by the content of the picture, for as long as pack and engine
    stay as they are. ``told`` hears how many pictures are done, of how many. Raises UnusableInput where no
    picture shows a face.
    """
    known = _known(pack, kept)
    engine = None
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
            engine = engine or (FaceDetector(), FaceMesh(), Embedder(pack))
            known[digest], fresh = _embed(engine, content), True
        if isinstance(known[digest], str):
            missed.setdefault(known[digest], []).append(picture.path.name)
        else:
            found.append((picture, known[digest]))
    told(len(pictures), len(pictures))
    if not found:
        raise UnusableInput(f"no face was found in any of {len(pictures)} pictures")
    if kept and fresh:
        _keep(pack, kept, known)
    rows = np.stack([row for _, row in found])
    return Measured(
        tuple(picture for picture, _ in found),
        rows[:, 3:],
        *(rows[:, column] for column in range(3)),
        missed={why: tuple(names) for why, names in missed.items()},
    )


def _embed(engine: tuple[FaceDetector, FaceMesh, Embedder], content: bytes) -> np.ndarray | str:
    """Yaw, eye distance, sharpness and the vector in one row; or why there is none."""
    detector, meshes, embedder = engine
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None or image.shape[0] * image.shape[1] > _LARGEST:
        return UNREADABLE
    middle = np.array(image.shape[1::-1]) / 2
    boxes = sorted(detector.detect(image), key=lambda one: np.hypot(*(_middle(one.box) - middle)))
    mesh = meshes.place(image, boxes[0]) if boxes else None
    if mesh is None:
        return NO_FACE
    measures = quality.measure(image, mesh)
    row = (pose(mesh).yaw, measures.inter_eye, measures.sharpness)
    return np.concatenate([row, embedder.embed(image, mesh.five_points)]).astype(np.float32)


def _middle(box: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])


def _version(pack: Pack) -> str:
    folder = Path(quality.__file__).parent
    code = b"".join((folder / f"{name}.py").read_bytes() for name in _MADE_BY)
    return hashlib.sha256(code + (folder / "models.toml").read_bytes() + pack.name.encode()).hexdigest()


def _known(pack: Pack, kept: Path | None) -> dict[str, np.ndarray | str]:
    if kept is None or not kept.exists():
        return {}
    with np.load(kept) as stored:
        if str(stored["version"]) != _version(pack):
            return {}
        seen = dict(zip(stored["seen"].tolist(), stored["rows"], strict=True))
        return seen | dict(zip(stored["unseen"].tolist(), stored["why"].tolist(), strict=True))


def _keep(pack: Pack, kept: Path, known: dict[str, np.ndarray | str]) -> None:
    seen = {digest: row for digest, row in known.items() if not isinstance(row, str)}
    unseen = {digest: why for digest, why in known.items() if isinstance(why, str)}
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part.npz")
    np.savez(
        unfinished,
        version=_version(pack),
        seen=np.array(list(seen), dtype="U64"),
        rows=np.stack(list(seen.values())),
        unseen=np.array(list(unseen), dtype="U64"),
        why=np.array(list(unseen.values()), dtype="U16"),
    )
    unfinished.replace(kept)
