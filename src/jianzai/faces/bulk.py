"""Many people modelled from files, photos or videos, over all cores of a machine."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
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


def model_files(
    pack: str, files: Iterable[tuple[Key, Path]], processes: int | None = None
) -> Iterator[tuple[Key, Modelled]]:
    """``model_file`` for each of ``files``, in their order; one process for each core unless said.

    ``files`` are asked for as they are needed. A file that cannot be read is told as ``unreadable``.
    The processes end with the one that asks, however it ends.
    """
    processes = processes or len(os.sched_getaffinity(0))
    waiting: deque[tuple[Key, Future[Modelled]]] = deque()
    # Not forked: networks and threads of the caller do not survive it.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (pack, os.getpid())) as pool:
        try:
            for key, path in files:
                waiting.append((key, pool.submit(_model, path)))
                if len(waiting) > _AHEAD * processes:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _first(waiting: deque[tuple[Key, Future[Modelled]]]) -> tuple[Key, Modelled]:
    key, future = waiting.popleft()
    return key, future.result()


_engine: FaceEngine | None = None  # of a process of the pool


def _begin(pack: str, parent: int) -> None:
    global _engine
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asks
    _engine = FaceEngine(pack, threads=1)


def _model(path: Path) -> Modelled:
    try:
        content = path.read_bytes()
    except OSError:
        return Modelled(reasons=("unreadable",))
    return replace(model_file(_engine, content), sha256=hashlib.sha256(content).hexdigest())


def _observed(engine: FaceEngine, frames: list[Frame]) -> Observations:
    seen = Observations(engine.pack.name)
    for start in range(0, len(frames), _BATCH):
        fresh = engine.observe(frames[start : start + _BATCH], seen, skin=False)
        seen = Observations(seen.pack, seen.frames + fresh.frames)
    return seen


def _jpeg(frame: Frame) -> bytes:
    return cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
