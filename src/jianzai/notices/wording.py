"""A notice in words: its sentence, with months, days and money as each language writes them."""

from __future__ import annotations

import re
from datetime import date
from string import Formatter

from jianzai.benefits.ledger import yuan
from jianzai.entitlement import Month
from jianzai.sentences import language, say, sentences

from .models import Notice

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_SPACES = {"zh": "", "en": " "}
"""What stands between two sentences."""


def words(notice: Notice, part: str, in_language: str | None = None) -> str:
    """The sentence of ``notice`` for a ``part``: ``page``, ``title``, ``letter`` or ``sms``.

    Its code is ``notices.<kind>_<part>``, or ``notices.<kind>_<variant>_<part>`` where the body names a
    variant. In the body days are written YYYY-MM-DD, months YYYY-MM, money in fen under ``..._fen``, and
    codes of sentences that follow each other as a list under ``..._says``.
    """
    return filled_in(notice, part, in_language)[0]


def filled_in(notice: Notice, part: str, in_language: str | None = None) -> tuple[str, dict[str, str]]:
    """``words``, and the values that stand in them, as they are written there."""
    in_language = in_language or language()
    code = f"notices.{template_name(notice, part)}"
    values = {name: _written(name, value, in_language) for name, value in notice.body.items()}
    asked = {name for _, name, _, _ in Formatter().parse(sentences()[code][in_language]) if name}
    return say(code, in_language, **values), {name: str(values[name]) for name in sorted(asked)}


def template_name(notice: Notice, part: str) -> str:
    """The code of the sentence, in ``notices.toml``."""
    variant = notice.body.get("variant", "")
    return f"{notice.kind}_{variant}_{part}" if variant and part != "title" else f"{notice.kind}_{part}"


def _written(name: str, value: object, in_language: str) -> object:
    if name.endswith("_fen"):
        return yuan(value)
    if name.endswith("_says"):
        return _SPACES[in_language].join(say(code, in_language) for code in value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return written_date(date.fromisoformat(value), in_language)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value):
        return written_month(Month.parse(value), in_language)
    return value


def written_date(day: date, in_language: str) -> str:
    """``day`` as a letter writes it: 2026年10月8日, 8 October 2026."""
    if in_language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def written_month(month: Month, in_language: str) -> str:
    """``month`` as a letter writes it: 2026年11月, November 2026."""
    if in_language == "zh":
        return f"{month.year}年{month.month}月"
    return f"{_MONTHS[month.month - 1]} {month.year}"
