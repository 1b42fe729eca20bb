"""What stands on a second-generation card, in the forms that are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

FRONT = ("name", "sex", "birth_date", "number", "address")
BACK = ("issuer", "valid_from", "valid_until")
FIELDS = FRONT + BACK

FOR_LIFE = "长期"
"""Instead of the day on which the card expires."""

_DATES = frozenset({"birth_date", "valid_from", "valid_until"})
_SEXES = {"男": "M", "M": "M", "1": "M", "女": "F", "F": "F", "2": "F"}  # 1 and 2 as GB/T 2261.1 counts
_LONGEST = 120  # characters of a field


@dataclass(frozen=True, slots=True)
class ReadField:
    """What was read. ``confidence`` 0 to 1; None where a chip said it or a clerk typed it.

    ``corrected``: a clerk typed it in place of what was read.
    """

    text: str
    confidence: float | None = None
    corrected: bool = False


def understood(field: str, text: str) -> str:
    """``text`` as it is kept: dates YYYY-MM-DD, sex M or F; what is neither stays as it was read."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())[:_LONGEST]
    if field == "sex":
        return _SEXES.get(text.upper(), text)
    if field == "valid_until" and text == FOR_LIFE:
        return FOR_LIFE
    if field in _DATES and (day := day_in(text)):
        return day.isoformat()
    return text


def written(field: str, text: str) -> str:
    """``text`` as a card writes it."""
    return {"M": "男", "F": "女"}.get(text, text) if field == "sex" else text


def day_in(text: str) -> date | None:
    """The day that ``text`` writes as 1950-01-15, 1950.01.15, 19500115 or 1950年1月15日."""
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text) or re.fullmatch(
        r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?", text
    )
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
