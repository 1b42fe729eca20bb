"""How many people at most in a short time, and which hours are odd: plain rules, without a framework."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

NIGHT = frozenset({23, 0, 1, 2, 3, 4})
"""Hours of the office's clock at which few old people stand before a camera."""

CLOSED = frozenset({*range(0, 7), *range(20, 24)})
"""Hours of the office's clock at which no counter is open."""


def most_at_once(happenings: Iterable[tuple[datetime, int]], within: timedelta) -> int:
    """The most different people in any stretch of time no longer than ``within``.

    happenings: when, and to whom (a number), in any order.
    """
    inside: deque[tuple[datetime, int]] = deque()
    people: Counter[int] = Counter()
    most = 0
    for at, person in sorted(happenings):
        inside.append((at, person))
        people[person] += 1
        while at - inside[0][0] > within:
            _, gone = inside.popleft()
            people[gone] -= 1
            if not people[gone]:
                del people[gone]
        most = max(most, len(people))
    return most
