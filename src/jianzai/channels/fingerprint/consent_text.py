"""The text people agree to before a finger is kept. Each version is a file that never changes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .services import TEXT_VERSION


@cache
def consent_text(language: str) -> tuple[str, ...]:
    """The paragraphs of the present version in ``zh`` or ``en``."""
    path = Path(__file__).parent / "consent" / f"v{TEXT_VERSION}.{language}.txt"
    return tuple(path.read_text(encoding="utf-8").strip().split("\n\n"))
