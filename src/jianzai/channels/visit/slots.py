"""The half days in which teams make visits, without a framework: hours, and how a half day is divided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

Period = tuple[datetime, datetime]
"""From and to, aware; the end no longer belongs to it."""


class Half(StrEnum):
    """A half of a day."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


HOURS = {Half.MORNING: (time(9), time(12)), Half.AFTERNOON: (time(14), time(17))}
"""When visits are made, by the office's clock."""


def periods(day: date, half: Half, visits: int, zone: tzinfo) -> list[Period]:
    """The half day divided among so many ``visits``, at least 1, in whole minutes."""
    begins, ends = (datetime.combine(day, hour, zone) for hour in HOURS[half])
    each = timedelta(minutes=(ends - begins) // timedelta(minutes=1) // visits)
    return [(begins + each * place, begins + each * (place + 1)) for place in range(visits)]


def first_free(candidates: Iterable[Period], taken: Iterable[Period]) -> Period | None:
    """The first of ``candidates`` that overlaps none of ``taken``."""
    taken = list(taken)
    return next(
        (one for one in candidates if all(one[1] <= begins or ends <= one[0] for begins, ends in taken)),
        None,
    )


def working_days(since: date, count: int) -> list[date]:
    """The next ``count`` days from ``since`` on that are no Saturday or Sunday."""
    days = (since + timedelta(days=after) for after in range(2 * count + 2))
    return [day for day in days if day.weekday() < 5][:count]
