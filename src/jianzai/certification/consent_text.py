"""The text people agree to. Each version is a file that never changes; a change is a new version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .services import TEXT_VERSION


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands under it."""

    heading: str
    text: str


@cache
def consent_text(language: str, version: str = TEXT_VERSION) -> tuple[Section, ...]:
    """The sections of ``version`` in ``zh`` or ``en``. Raises FileNotFoundError for another."""
    path = Path(__file__).parent / "consent" / f"v{version}.{language}.txt"
    blocks = path.read_text(encoding="utf-8").split("# ")[1:]
    return tuple(Section(*(part.strip() for part in block.split("\n", 1))) for block in blocks)
