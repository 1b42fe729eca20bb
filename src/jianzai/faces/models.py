"""Which weights and packs are there and may be used, and where they lie.

``catalogue.py`` reads what there could be; this module tells which packs can be
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
import os
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path

import platformdirs

from .catalogue import (
    Evidence,
    ModelFile,
    ModelMissing,
    Networks,
    OperatingPoint,
    Pack,
    PacksWrong,
    RecognitionNetwork,
    Source,
    TextureNetwork,
    brought_entries,
    brought_from,
    brought_or_nothing,
    common,
    package_size,
    point_from,
    published_files,
    published_packs,
    sample_files,
    source_package_sha256,
)

__all__ = [
    "Evidence",
    "ModelFile",
    "ModelMissing",
    "Networks",
    "OperatingPoint",
    "Pack",
    "PacksWrong",
    "RecognitionNetwork",
    "Source",
    "TextureNetwork",
    "available_packs",
    "best_pack",
    "brought",
    "brought_pack",
    "cache_dir",
    "calibration_of",
    "cohort_of",
    "common",
    "fingerprint",
    "model_files",
    "models_dir",
    "package_size",
    "packs",
    "path_of",
    "present",
    "published_packs",
    "refusals",
    "sample_files",
    "sha256_of",
    "source_package_sha256",
    "usable",
    "why_not",
]


def model_files() -> dict[str, ModelFile]:
    """Every file by name, the deployment's own last; sources in the order tried, mirror folders left out."""
    return published_files() | brought_or_nothing().files


def packs() -> dict[str, Pack]:
    """Every pack by name, best first; those that the deployment brings, and calibrated, last."""
    return published_packs() | {
        name: pack for name, networks in brought().items() if (pack := _calibrated(networks))
    }


def brought() -> dict[str, Networks]:
    """What the deployment brings itself, by name, calibrated or not; nothing where its file is wrong."""
    return brought_or_nothing().packs


def brought_pack(name: str) -> Networks:
    """What the deployment brings as ``name``. Raises ModelMissing where it does not, or a file is gone."""
    brought_from()
    networks = brought_entries().packs.get(name)
    if networks is None:
        known = ", ".join(brought()) or "-"
        raise ModelMissing(
            f"{brought_from()} enters no pack {name}; it enters {known} "
            f"/ {brought_from()} 中没有模型包 {name}；现有 {known}"
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
        entered = brought_entries().packs.get(name)
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
    return (
        f"there is no pack {name}; there are {known}. Enter it again in the file that JIANZAI_PACKS names, "
        f"with the files it had, or model anew with another "
        f"/ 没有模型包 {name}；现有 {known}。"
        f"请在 JIANZAI_PACKS 所指的文件中恢复该包及其原有文件，或改用其他模型包重新建模"
    )


def refusals() -> list[str]:
    """A sentence for each pack that the deployment brings and that cannot be used, or for its whole file."""
    try:
        entered = brought_entries().packs
    except PacksWrong as wrong:
        return [str(wrong)]
    usable_ones = available_packs()
    return [why_not(name) for name in entered if name not in usable_ones]


def calibration_of(name: str) -> Path:
    """Where the thresholds of a pack that the deployment brings are kept, as JSON.

    Raises PacksWrong where it brings none.
    """
    return brought_from().with_name(f"{name}.calibration.json")


def cohort_of(name: str) -> Path:
    """Where the drawn cohort of a pack lies, whether or not it is there."""
    if name in brought_or_nothing().packs:
        return brought_from().with_name(f"{name}.cohort.npy")
    return Path(__file__).with_name("cohorts") / f"{name}.npy"


def fingerprint(networks: Networks) -> str:
    """Changes with whatever changes an embedding: recognition networks, their files, mirroring."""
    files = model_files()
    told = [
        {**asdict(net), "file": files[net.file].sha256, "weights": net.weights and files[net.weights].sha256}
        for net in networks.recognition
    ]
    return hashlib.sha256(json.dumps([told, networks.mirror]).encode()).hexdigest()


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
        points = {name: point_from(point) for name, point in told["points"].items()}
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
            f"{own} is not there, or has another SHA-256 than {brought_from()} says "
            f"/ {own} 不存在，或其校验和与 {brought_from()} 所写不符"
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
