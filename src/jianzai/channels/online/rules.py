"""The rules of the retiree's site, without a framework: how often one may guess, which date comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jianzai.entitlement import Policy, cycle_for, due_date


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may fail before it has to wait, and before it is refused.

    ``free`` failures cost nothing; each later one costs ``wait``; after ``cap`` of them nothing is tried
    again until ``forgotten`` has passed since the last. NIST SP 800-63B, rate limiting, asks for at most
    5 failures in a row, then at least 30 seconds, then a hard cap with another way.
    """

    free: int
    wait: timedelta
    cap: int
    forgotten: timedelta


IDENTITY = Limit(free=5, wait=timedelta(seconds=30), cap=10, forgotten=timedelta(hours=24))
# Behind one address stands a community's computer or a whole telephone network: many people who mistype.
ADDRESS = Limit(free=20, wait=timedelta(seconds=30), cap=100, forgotten=timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now. ``capped``: not online any more today; the way to a clerk is shown instead of ``seconds``."""

    seconds: int
    capped: bool


def wait_needed(limit: Limit, failures: int, last: datetime, now: datetime) -> Wait | None:
    """What ``failures``, the last of them at ``last``, cost at ``now``; None when one may try."""
    since = now - last
    if since >= limit.forgotten or failures < limit.free:
        return None
    if failures >= limit.cap:
        return Wait(round((limit.forgotten - since).total_seconds()), capped=True)
    left = (limit.wait - since).total_seconds()
    return Wait(max(1, round(left)), capped=False) if left > 0 else None


def next_due(policy: Policy, year: int, certified_on: date) -> date:
    """By when someone certified for the cycle of ``year`` certifies again."""
    return due_date(policy, cycle_for(policy, year + 1), certified_on)
