"""What is known of one person's duty to certify in one cycle.

A ``Standing`` keeps what happened, not a state: which days the person certified, which cases hold the
pause, which pauses were ordered. The status is read from it, so it cannot contradict the facts, and a
certification that becomes known late counts from its own day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from .events import ContactLogged, HoldKind
from .months import Month
from .plain import from_plain, to_plain
from .policy import CycleKind, Policy, cycle_for, due_date

ONE_DAY = timedelta(days=1)


class Status(StrEnum):
    DUE = "due"  # 待认证
    CERTIFIED = "certified"  # 已认证
    OVERDUE = "overdue"  # 逾期未认证
    HELD = "held"  # 暂缓停发: not certified, and a case holds the pause
    PAUSED = "paused"  # 已停发
    RESUMED = "resumed"  # 已恢复发放: certified after a pause
    ENDED = "ended"  # 待遇终止: dead


@dataclass(frozen=True, slots=True)
class Hold:
    """A case that holds the pause from ``opened`` through ``last_day``."""

    case: str
    kind: HoldKind
    opened: date
    until: date
    closed_on: date | None = None

    @property
    def last_day(self) -> date:
        return self.until if self.closed_on is None else min(self.until, self.closed_on - ONE_DAY)


@dataclass(frozen=True, slots=True)
class Pause:
    """An order that payment stops, in force unless undone."""

    ordered_on: date
    effective_month: Month  # the first month not paid
    undone_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one person's duty in one cycle. Made by ``open_cycle``, changed by ``apply``."""

    cycle: int  # year
    opens: date  # evidence from this day on counts
    due: date  # last day in time
    certifications: tuple[date, ...] = ()  # ascending
    holds: tuple[Hold, ...] = ()  # in the order told
    contacts: tuple[ContactLogged, ...] = ()  # in the order told
    pauses: tuple[Pause, ...] = ()  # ascending; all but the last are undone
    died_on: date | None = None
    death_confirmed_on: date | None = None

    @property
    def certified_on(self) -> date | None:
        """The latest certification, None without one."""
        return self.certifications[-1] if self.certifications else None

    @property
    def pause(self) -> Pause | None:
        """The pause that took effect and stands.

        None when it was undone, or when it turned out that the person had certified before it was ordered:
        evidence that was received in time counts as in time, and such a pause is void.
        """
        if not self.pauses or self.pauses[-1].undone_on:
            return None
        pause = self.pauses[-1]
        return None if self.certifications and self.certifications[0] < pause.ordered_on else pause

    @property
    def resumed_on(self) -> date | None:
        """The day of the certification that ended the pause; None when there is none to end."""
        return self.certifications[0] if self.pause and self.certifications else None

    @property
    def status(self) -> Status:
        """What the events alone say, before a date is asked: never OVERDUE; HELD while a case is open."""
        if self.died_on:
            return Status.ENDED
        if self.pause:
            return Status.RESUMED if self.certifications else Status.PAUSED
        if self.certifications:
            return Status.CERTIFIED
        return Status.HELD if any(hold.closed_on is None for hold in self.holds) else Status.DUE

    def to_dict(self) -> dict[str, Any]:
        """The standing as JSON values; ``from_dict`` reads it back equal."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Standing:
        """The standing that ``to_dict`` wrote. Raises ValueError for anything else."""
        return from_plain(cls, plain)


def open_cycle(
    policy: Policy,
    year: int,
    last_certified: date | None = None,
    previous: Standing | None = None,
    joined_on: date | None = None,
) -> Standing:
    """A person's standing at the start of the cycle of ``year``.

    ``previous`` is their standing in the cycle before; ``last_certified`` is for people who have none, as
    an import knows it. A duty that was not met is not wiped out by the calendar: its due date, its pause,
    its contacts and its holds carry over until the person certifies, so neither does a new year pay
    somebody who is paused, nor does it refill the days that failed attempts may hold a pause. A death
    carries over too.

    ``joined_on`` is for people without a cycle before who came after this one was opened, newly retired or
    newly in the roster: nobody told them of the deadline in time, so they have ``newcomer_days`` at least.
    """
    cycle = cycle_for(policy, year)
    rolling = policy.cycle_kind is CycleKind.ROLLING
    if previous and not previous.certifications:
        return replace(previous, cycle=year, opens=previous.opens if rolling else cycle.opens)
    if previous:
        last_certified = previous.certified_on
    certified = last_certified is not None and last_certified >= cycle.opens
    since_last = rolling and last_certified and not certified
    due = due_date(policy, cycle, last_certified)
    if joined_on and not previous:
        due = max(due, joined_on + timedelta(days=policy.newcomer_days))
    return Standing(
        cycle=year,
        opens=last_certified + ONE_DAY if since_last else cycle.opens,
        due=due,
        certifications=(last_certified,) if certified else (),
        died_on=previous.died_on if previous else None,
        death_confirmed_on=previous.death_confirmed_on if previous else None,
    )
