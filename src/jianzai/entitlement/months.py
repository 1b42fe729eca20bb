"""Calendar months and days of the year: what payrolls and policies count in."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the payroll, ``YYYY-MM``. Months order by time; ``month + n`` is n months later.

    Raises ValueError outside year 1-9999 or month 1-12.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise ValueError(f"no such month: year {self.year}, month {self.month}")

    @classmethod
    def of(cls, day: date) -> Month:
        """The month ``day`` lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month written ``YYYY-MM``. Raises ValueError for anything else."""
        day = date.fromisoformat(f"{text}-01")
        if str(month := cls.of(day)) != text:
            raise ValueError(f"a month is written YYYY-MM, not {text!r}")
        return month

    def __add__(self, months: int) -> Month:
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def __sub__(self, earlier: Month) -> int:
        """How many months lie from ``earlier`` to this one; negative when it is later."""
        return (self.year - earlier.year) * 12 + self.month - earlier.month

    def until(self, end: Month) -> Iterator[Month]:
        """The months from this one to the one before ``end``; none when ``end`` is not later."""
        return (self + ahead for ahead in range(end - self))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day that every year has, ``MM-DD``; so not 29 February. Raises ValueError for any other."""

    month: int
    day: int

    def __post_init__(self) -> None:
        try:
            self.in_year(2001)  # a year without 29 February
        except ValueError:
            raise ValueError(f"not a day of every year: month {self.month}, day {self.day}") from None

    @classmethod
    def parse(cls, text: str) -> MonthDay:
        """The day written ``MM-DD``. Raises ValueError for anything else."""
        day = date.fromisoformat(f"2001-{text}")
        if str(found := cls(day.month, day.day)) != text:
            raise ValueError(f"a day of the year is written MM-DD, not {text!r}")
        return found

    def in_year(self, year: int) -> date:
        """This day in ``year``."""
        return date(year, self.month, self.day)

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}"


def a_year_after(day: date) -> date:
    """The same day of the next year; where it has none (29 February), the last day of that month."""
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, min(day.day, last))
