"""Sentences on a terminal, in its own language."""

from __future__ import annotations

import os

from jianzai.sentences import say


def terminal_language() -> str:
    """``zh`` where the terminal's locale is Chinese, else ``en``."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.startswith("zh") else "en"


def tell(code: str, **values: object) -> str:
    """The sentence ``code`` in the terminal's language."""
    return say(code, terminal_language(), **values)
