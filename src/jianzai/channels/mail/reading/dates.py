"""Dates as people write them on forms."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_CHINESE = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HINTS = re.compile(r"year|month|day|[年月日/\s]", re.IGNORECASE)
_MINGUO = re.compile(r"民[国國]([0-9]{2,3})年?[./\-]?([0-9]{1,2})[月./\-]([0-9]{1,2})")
_YEAR_FIRST = re.compile(r"(?<![0-9])([12][0-9]{3})[年./\-,]?([0-9]{1,2})[月./\-,]([0-9]{1,2})(?![0-9])")
_DIGITS = re.compile(r"(?<![0-9])([12][0-9]{3})([01][0-9])([0-3][0-9])(?![0-9])")
_DAY_FIRST = re.compile(r"(?<![0-9])([0-9]{1,2})[./\-]([0-9]{1,2})[./\-]([12][0-9]{3})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[.,\-]?([a-z]{3})[a-z]*[.,\-]*([12][0-9]{3})")
_ENGLISH_MONTH = re.compile(r"([a-z]{3})[a-z]*\.?([0-9]{1,2})(?:st|nd|rd|th)?,?([12][0-9]{3})")


def is_blank(words: str) -> bool:
    """Whether nothing is written but what is printed in an empty field for a date."""
    return not _HINTS.sub("", words)


def read_date(words: str) -> date | None:
    """The one date in ``words``, None for none that is sure.

    Chinese, ISO, eight digits, day/month/year where the day cannot be a month or is the same number, English
    months, and years of the Republic as in Taiwan.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))
    text = re.sub(r"year/?month/?day", "", text, flags=re.IGNORECASE)
    text = _chinese_numbers(text)
    if match := _MINGUO.search(text):
        year, month, day = (int(part) for part in match.groups())
        return _date(year + 1911, month, day)
    if match := _YEAR_FIRST.search(text) or _DIGITS.search(text):
        return _date(*(int(part) for part in match.groups()))
    if match := _DAY_FIRST.search(text):
        day, month, year = (int(part) for part in match.groups())
        if day <= 12 and month <= 12 and day != month:
            return None  # Americans write the month first
        return _date(year, month, day) or _date(year, day, month)
    lower = text.lower()
    if match := _ENGLISH_DAY.search(lower):
        day, month, year = match.groups()
        return _english(year, month, day)
    if match := _ENGLISH_MONTH.search(lower):
        month, day, year = match.groups()
        return _english(year, month, day)
    return None


def _chinese_numbers(text: str) -> str:
    """八 as 8, 十五 as 15, 二〇二六 as 2026."""
    text = re.sub(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)", _tens, text)
    return text.translate(_CHINESE)


def _tens(match: re.Match[str]) -> str:
    return (match.group(1) or "一") + (match.group(2) or "〇")


def _english(year: str, month: str, day: str) -> date | None:
    return _date(int(year), _MONTHS.index(month) + 1, int(day)) if month in _MONTHS else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
