"""The sample clips as something that can be asked: which seconds of each show which action."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jianzai.faces.models import path_of
from jianzai.faces.types import Action

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording. ``stretches``: first and last second of looking straight and of each action it shows."""

    name: str
    file: str
    stretches: dict[str, tuple[float, float]]

    @property
    def path(self) -> Path:
        """Where it lies, verified. Raises jianzai.faces.ModelMissing."""
        return path_of(self.file)

    @property
    def actions(self) -> list[Action]:
        """What it can answer."""
        return [action for action in Action if action in self.stretches]


@cache
def clips() -> dict[str, Clip]:
    """Every clip of ``clips.toml`` by name."""
    table = tomllib.loads(Path(__file__).with_name("clips.toml").read_text(encoding="utf-8"))
    return {
        name: Clip(name, row["file"], {key: tuple(row[key]) for key in row if key in (NEUTRAL, *Action)})
        for name, row in table.items()
    }
