"""Do a person's own scores fall, year after year? Then they are modelled anew before they are refused. Pure.

A line is laid through the margins of the certifications that one reference gave. It speaks where it falls
more than margins of one person scatter anyway, and where it leads so near to the threshold that the next
certification may fail.

`benchmarks/drift.py` measures how often it speaks without a reason and how often in time. Of 151 people of
press photographs, one a year in random order, so that nothing falls, it speaks once in some seven years in
3.4 % of walks with the recommended pack (103 of 3,020) and in 3.9 % with the embedded one (119). Of people
drawn who begin at twice the threshold and lose 0.15 thresholds a year, 70 % of those refused were told
before, and 52 % of those whom a clerk had to look at. Who begins at 1.4 thresholds is seldom told in time
(9 %), since that leaves less than the four years it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .comparison import deciding
from .models import Pack
from .types import Comparison

FEWEST = 4  # days; three that fall are an accident once in six
LATEST = 8  # days that are looked at
SPREAD = 0.25  # of one person's margins about their own line; press photographs: see benchmarks/drift.py
SURELY = 2.33  # deviations of the slope: one line in a hundred falls so steeply by chance
AHEAD = 1.0  # years to the next certification
_YEAR = 365.25  # days


@dataclass(frozen=True, slots=True)
class Point:
    """What one certification scored."""

    on: date
    margin: float  # score over threshold: 1 is just enough


def margin(found: Comparison, pack: Pack) -> float:
    """How far ``found``, of ``pack`` and with a score, was from being too little, which is 1.

    Of a reference that has grown, the confirmed clips alone have a say too (comparison.anchored): the smaller
    margin counts.
    """
    score, point = deciding(found, pack)
    whole = score / point.same
    return whole if found.anchors is None else min(whole, found.anchors / point.uncertain)


def falls(points: Iterable[Point]) -> bool:
    """Whether somebody whose certifications gave ``points`` should be modelled anew.

    ``points``, in any order, are of one reference and of one operating point. Those of a day count as one.
    """
    days: dict[date, list[float]] = {}
    for point in points:
        days.setdefault(point.on, []).append(point.margin)
    latest = sorted(days)[-LATEST:]
    if len(latest) < FEWEST:
        return False
    years = [(day - latest[0]).days / _YEAR for day in latest]
    margins = [sum(sorted(days[day])) / len(days[day]) for day in latest]
    middle, mean = sum(years) / len(years), sum(margins) / len(margins)
    across = sum((year - middle) ** 2 for year in years)
    along = zip(years, margins, strict=True)
    slope = sum((year - middle) * (one - mean) for year, one in along) / across
    next_one = mean + slope * (years[-1] + AHEAD - middle)
    return slope * across**0.5 < -SURELY * SPREAD and next_one < 1 + SPREAD
