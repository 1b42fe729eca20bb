"""Many people modelled from files, photos or videos: over all cores of a machine, or of a Ray cluster.

`JIANZAI_FACES` says which: `processes` (unless said), or `ray`. Ray starts on this machine, or joins the
cluster that `RAY_ADDRESS` names; each of its machines has jianzai and the weights installed.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2

from . import enrolment
from .engine import FaceEngine
from .types import Frame, Observations, Reference
from .video import Limits, Unusable, read_video

_VIDEO = Limits(seconds=180.0, frames_a_second=9)  # as a video that certifies is read
_BATCH = 8
_AHEAD = 4  # files a process is handed before the first of them is asked back
_PR_SET_PDEATHSIG = 1  # linux/prctl.h

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Modelled:
    """What came of one file: a reference and the JPEG it was best seen on, or why there is none."""

    sha256: str = ""
    reference: Reference | None = None
    picture: bytes = b""
    reasons: tuple[str, ...] = ()  # of types.Reason, or video.Unusable's


Result = Callable[[], Modelled]
"""Waits for what came of a file."""


def model_file(engine: FaceEngine, content: bytes) -> Modelled:
    """The reference of the one person in a photo or a video."""
    try:
        frames = read_video(content, _VIDEO)
        seen = _observed(engine, frames)
        one = len(frames) == 1
        reference = enrolment.enrol_picture(engine.pack, seen) if one else engine.enrol([seen])
    except Unusable as error:
        return Modelled(reasons=(error.reason,))
    except enrolment.EnrolmentRefused as refusal:
        return Modelled(reasons=tuple(str(reason) for reason in refusal.reasons))
    embedded = [place for place, one in enumerate(seen.frames) if one.embedding is not None]
    best = min(embedded, key=lambda place: abs(seen.frames[place].yaw) + abs(seen.frames[place].pitch))
    return Modelled(reference=reference, picture=_jpeg(frames[best]))


class NoWorkers(RuntimeError):
    """What `JIANZAI_FACES` asks for is not there; the text says what to do."""


def model_files(
    pack: str, files: Iterable[tuple[Key, Path]], processes: int | None = None
) -> Iterator[tuple[Key, Modelled]]:
    """``model_file`` for each of ``files``, in their order; one process for each core unless said.

    ``files`` are asked for as they are needed. A file that cannot be read is told as ``unreadable``.
    The processes end with the one that asks, however it ends. Raises NoWorkers.
    """
    waiting: deque[tuple[Key, Result]] = deque()
    with _workers(pack, processes) as workers:
        for key, path in files:
            waiting.append((key, workers.model(path)))
            if len(waiting) > _AHEAD * workers.count:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting: deque[tuple[Key, Result]]) -> tuple[Key, Modelled]:
    key, result = waiting.popleft()
    return key, result()


@dataclass(frozen=True, slots=True)
class _Workers:
    """So many processes with an engine each; ``model`` hands one a file and returns at once."""

    count: int
    model: Callable[[Path], Result]


def _workers(pack: str, processes: int | None) -> AbstractContextManager[_Workers]:
    wanted = os.environ.get("JIANZAI_FACES", "processes")
    if wanted not in _KINDS:
        raise NoWorkers(f"JIANZAI_FACES is {wanted!r}; it is one of {', '.join(_KINDS)}")
    return _KINDS[wanted](pack, processes)


@contextmanager
def _of_this_machine(pack: str, processes: int | None) -> Iterator[_Workers]:
    processes = processes or len(os.sched_getaffinity(0))
    # Not forked: networks and threads of the caller do not survive it.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (pack, os.getpid())) as pool:
        try:
            yield _Workers(processes, lambda path: pool.submit(_model, path).result)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _of_ray(pack: str, processes: int | None) -> Iterator[_Workers]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers
    try:
        import ray
    except ImportError:
        raise NoWorkers(
            "JIANZAI_FACES=ray needs Ray: pip install --require-hashes -r requirements/ray.txt"
        ) from None
    cluster = os.environ.get("RAY_ADDRESS")
    try:
        # Without an address Ray would join any cluster that was ever started on this machine.
        ray.init(cluster or "local", num_cpus=None if cluster else processes, **_QUIETLY)
    except ConnectionError as error:
        raise NoWorkers(f"no Ray cluster answers at RAY_ADDRESS={cluster}: {error}") from None
    try:
        count = processes or int(ray.cluster_resources().get("CPU", 1))
        begin = ray.remote(num_cpus=1)(_RayWorker).remote
        each = cycle([begin(pack) for _ in range(count)])

        def model(path: Path) -> Result:
            # Read here: the others may not see the file.
            answer = next(each).model.remote(_read(path))
            return lambda: ray.get(answer)

        yield _Workers(count, model)
    finally:
        ray.shutdown()


_QUIETLY = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
_KINDS = {"processes": _of_this_machine, "ray": _of_ray}


class _RayWorker:
    def __init__(self, pack: str):
        self.engine = FaceEngine(pack, threads=1)

    def model(self, content: bytes | None) -> Modelled:
        return _modelled(self.engine, content)


_engine: FaceEngine | None = None  # of a process of the pool


def _begin(pack: str, parent: int) -> None:
    global _engine
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asks
    _engine = FaceEngine(pack, threads=1)


def _model(path: Path) -> Modelled:
    return _modelled(_engine, _read(path))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _modelled(engine: FaceEngine, content: bytes | None) -> Modelled:
    if content is None:
        return Modelled(reasons=("unreadable",))
    return replace(model_file(engine, content), sha256=hashlib.sha256(content).hexdigest())


def _observed(engine: FaceEngine, frames: list[Frame]) -> Observations:
    seen = Observations(engine.pack.name)
    for start in range(0, len(frames), _BATCH):
        fresh = engine.observe(frames[start : start + _BATCH], seen, skin=False)
        seen = Observations(seen.pack, seen.frames + fresh.frames)
    return seen


def _jpeg(frame: Frame) -> bytes:
    return cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
