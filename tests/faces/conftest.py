"""Real people in real recordings, observed once a session by each pack that is in the cache."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jianzai.faces import FaceEngine, Frame, Observations, models, read_video


def pytest_generate_tests(metafunc):
    if "pack" in metafunc.fixturenames:
        packs = models.available_packs()
        missing = pytest.param(
            None, marks=pytest.mark.skip("no pack in the cache: run `jianzai models fetch`")
        )
        metafunc.parametrize("pack", packs or [missing], scope="session")


@pytest.fixture(scope="session")
def engine(pack: str) -> FaceEngine:
    return FaceEngine(pack)


@pytest.fixture(scope="session")
def clip() -> Callable[[str], Path]:
    """Where a sample clip lies, by its name without ``.mp4``."""

    def path(name: str) -> Path:
        try:
            return models.path_of(f"{name}.mp4")
        except models.ModelMissing as error:
            pytest.skip(str(error))

    return path


@pytest.fixture(scope="session")
def frames(clip) -> Callable[[str, float, float], list[Frame]]:
    """Frames of a sample clip between two times, read once."""
    known: dict[tuple, list[Frame]] = {}

    def read(name: str, start: float, end: float) -> list[Frame]:
        key = (name, start, end)
        if key not in known:
            known[key] = read_video(clip(name), start=start, end=end)
        return known[key]

    return read


@pytest.fixture(scope="session")
def watched(engine, frames) -> Callable[[str, float, float], Observations]:
    """What the engine sees in a stretch of a sample clip, observed once."""
    known: dict[tuple, Observations] = {}

    def observe(name: str, start: float, end: float) -> Observations:
        key = (name, start, end)
        if key not in known:
            known[key] = engine.observe(frames(name, start, end))
        return known[key]

    return observe


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder, where there is one."""
    folder = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[2].with_name("shared"))
    if not (folder / "data" / "videos").is_dir():
        pytest.skip(f"{folder} holds no data/videos; name the folder by JIANZAI_SHARED")
    return folder


def changed(frames: list[Frame], change: Callable[[np.ndarray], np.ndarray]) -> list[Frame]:
    """The same recording with every picture changed."""
    return [Frame(change(frame.image), frame.time, frame.received) for frame in frames]
