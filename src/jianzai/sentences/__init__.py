"""Every sentence people read, in Chinese and English side by side.

One TOML file a part of the system (``online.toml``, ``console.toml``, ...); a
sentence is a table with ``zh`` and ``en``, found by ``<file>.<key>``:

    [welcome]
    zh = "{name}，您好"
    en = "Good day, {name}"

``say("online.welcome", name=...)`` gives it in the language of the request, and
``{% say "online.welcome" name=person.name %}`` in a template. Kept as data rather
than as gettext catalogues: both languages are reviewed together, a missing one
is an error when the process starts, and nothing has to be compiled.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

LANGUAGES = ("zh", "en")


@cache
def sentences() -> dict[str, dict[str, str]]:
    """All sentences by code. Raises ValueError naming each one that lacks a language."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}.{key}"] = entry
    if broken := [code for code, entry in found.items() if set(entry) != set(LANGUAGES)]:
        raise ValueError(f"sentences must stand in {', '.join(LANGUAGES)}: {', '.join(broken)}")
    return found


def language() -> str:
    """``zh`` or ``en``, as the request asks; Chinese where nothing is active."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def say(code: str, in_language: str | None = None, **values: object) -> str:
    """The sentence ``code`` with ``values`` filled in. Raises KeyError for an unknown code."""
    return sentences()[code][in_language or language()].format(**values)
