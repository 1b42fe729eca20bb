import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from observing import Observer
from simulator import Clip

from jianzai.faces import Reference, best_pack, fetch

SHARED = Path(os.environ.get("JIANZAI_SHARED", Path(__file__).parents[4] / "shared"))


@pytest.fixture(scope="session")
def observer():
    one = Observer(best_pack())
    yield one
    one.save()


@cache
def _clip(path: Path, until: float) -> Clip:
    return Clip.open(path, until)


@pytest.fixture(scope="session")
def clip():
    """A sample clip by file name, or one of the shared videos, which may be absent."""

    def of(name: str, until: float = 60.0) -> Clip:
        if (SHARED / "data" / "videos" / name).exists():
            return _clip(SHARED / "data" / "videos" / name, until)
        if name.startswith(("liveportrait", "wda", "intel")):
            pytest.skip(f"{name} is not in {SHARED} (set JIANZAI_SHARED)")
        return _clip(fetch(name), until)

    return of


@pytest.fixture(scope="session")
def reference(observer, clip):
    """A person's reference from frames of a clip, seconds `times`."""

    def of(name: str, *times: float) -> Reference:
        seen = [observer.observe(clip(name).at(time)) for time in times]
        embeddings = np.stack([frame.embedding for frame in seen])
        return Reference(observer.pack, embeddings, (len(seen),), 80.0)

    return of
