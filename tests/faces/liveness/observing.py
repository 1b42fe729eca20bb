"""Observes single pictures with the real engine and remembers the numbers on disk, keyed by content."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import jianzai.faces
from jianzai.faces import FaceEngine, Frame, Observation, Observations
from jianzai.faces.models import cache_dir
from jianzai.faces.selection import MOST, best, choose, stretches

ANSWERS = 2
SOURCES = (
    "detection",
    "embedding",
    "engine",
    "lattice",
    "mesh",
    "quality",
    "runtime",
    "texture",
    "models",
    "types",
)


class Observer:
    """`observe` for the simulator: each picture is measured once in the life of the engine's code."""

    def __init__(self, pack: str):
        self.engine = FaceEngine(pack)
        folder = Path(jianzai.faces.__file__).parent
        code = hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes() for name in SOURCES))
        code.update((folder / "models.toml").read_bytes())
        self._file = cache_dir() / "test-observations" / f"{pack}-{code.hexdigest()[:16]}.pickle"
        self._known = pickle.loads(self._file.read_bytes()) if self._file.exists() else {}
        self._unsaved = 0

    @property
    def pack(self) -> str:
        return self.engine.pack.name

    def observe(self, image: np.ndarray) -> Observation:
        """The observation of one picture, embedded where it is good enough; its times are 0."""
        key = hashlib.sha256(np.ascontiguousarray(image)).digest()
        if key not in self._known:
            self._known[key] = self.engine.observe([Frame(image, 0.0)]).frames[0]
            self._unsaved += 1
        return self._known[key]

    def select(self, earlier: Sequence[Observation], batch: Sequence[Observation]) -> list[Observation]:
        """`batch` with only those embeddings kept that the engine would make after `earlier`."""
        kept = [replace(observation, embedding=None) for observation in batch]
        for stretch in stretches(batch):
            chosen = choose(
                [*earlier, *kept[: stretch.start]], [kept[index] for index in stretch], MOST - ANSWERS
            )
            if chosen is not None:
                kept[stretch[chosen]] = batch[stretch[chosen]]
        return kept

    def batch(self, earlier: Sequence[Observation], frames: Sequence[Frame]) -> list[Observation]:
        """The observations of a batch that follows `earlier`."""
        fresh = [
            replace(self.observe(frame.image), time=frame.time, received=frame.received) for frame in frames
        ]
        return self.select(earlier, fresh)

    def answered(self, selected: list[Observation], frames: Sequence[Frame]) -> list[Observation]:
        """`selected`, of `frames`, with the one embedded that the engine would embed for an answer."""
        index = best(selected)
        if index is not None:
            embedding = self.observe(frames[index].image).embedding
            selected[index] = replace(selected[index], embedding=embedding)
        return selected

    def save(self) -> None:
        if self._unsaved:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            written = self._file.with_suffix(".part")
            written.write_bytes(pickle.dumps(self._known))
            written.replace(self._file)
            self._unsaved = 0


class Direct:
    """The engine as the server uses it, batch by batch, for pictures that come only once."""

    def __init__(self, engine: FaceEngine):
        self.engine = engine
        self.pack = engine.pack.name

    def batch(self, earlier: Sequence[Observation], frames: Sequence[Frame]) -> list[Observation]:
        """The observations of a batch that follows `earlier`."""
        known = Observations(self.pack, tuple(earlier))
        return list(self.engine.observe(frames, known, answers=ANSWERS).frames)

    def answered(self, selected: list[Observation], frames: Sequence[Frame]) -> list[Observation]:
        """`selected`, of `frames`, with one embedded for an answer in them."""
        return list(self.engine.embed_answer(frames, Observations(self.pack, tuple(selected))).frames)
