"""The state machine: how events change a standing, and what it allows on a day.

                        past the due date
              DUE ───────────────────────────> OVERDUE ──> PAUSED ──> RESUMED
               │  <── hold ends ── HELD <── hold ──┘          │ undone: back to where it was
               └──────────> CERTIFIED <───────────────────────┘
                          any ──> ENDED, for good; recorded by mistake: back to where it was

Sources, as the rules below name them: the Changsha practice of 2013; 人社厅发〔2018〕54号; 社会保险经办条例
(December 2023).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import reduce

from .events import (
    Certified,
    ContactLogged,
    DeathConfirmed,
    DeathWithdrawn,
    Event,
    HoldClosed,
    HoldKind,
    HoldOpened,
    Paused,
    PauseUndone,
)
from .months import a_year_after
from .policy import Policy, effective_month, pausable_from
from .standing import ONE_DAY, Hold, Pause, Standing, Status, open_cycle


class Reason(StrEnum):
    """Why a pause or an event is refused. The sentence people read is ``entitlement.<reason>``."""

    CERTIFIED = "certified"
    HELD = "held"
    NOT_YET_DUE = "not_yet_due"
    CONTACTS_MISSING = "contacts_missing"
    ENDED = "ended"
    ALREADY_PAUSED = "already_paused"
    JUST_UNDONE = "just_undone"  # a pause was undone that day or later
    TAKEN_BACK = "taken_back"  # a pause was undone within a year: no automatic sweep repeats it
    PAYROLL_CLOSED = "payroll_closed"  # the month named was paid before the order
    NOT_PAUSED = "not_paused"
    BEFORE_CYCLE = "before_cycle"  # belongs to an earlier cycle
    IN_PERSON_REQUIRED = "in_person_required"
    NO_SUCH_HOLD = "no_such_hold"
    OTHER_HOLD = "other_hold"  # the case number is another kind of hold's
    IMPOSSIBLE_DATES = "impossible_dates"
    OTHER_DEATH_DATE = "other_death_date"


_OF_THE_DUTY = frozenset({Reason.CERTIFIED, Reason.NOT_YET_DUE, Reason.ALREADY_PAUSED})
"""Why there is nothing to pause for, whatever else was known when the pause was ordered."""


class IllegalEvent(ValueError):
    """An event that cannot have happened to this standing, with every reason why."""

    def __init__(self, event: Event, *reasons: Reason) -> None:
        super().__init__(f"{event} is refused: {', '.join(reasons)}")
        self.event = event
        self.reasons = reasons


def apply(policy: Policy, standing: Standing, event: Event) -> Standing:
    """The standing after ``event``. An event already known leaves it as it is.

    Raises IllegalEvent, with the reasons, for what cannot have happened or must not be done.
    """
    match event:
        case Certified():
            return _certified(policy, standing, event)
        case HoldOpened():
            return _hold_opened(policy, standing, event)
        case HoldClosed():
            return _hold_closed(standing, event)
        case ContactLogged():
            return _contact_logged(standing, event)
        case Paused():
            return _paused(policy, standing, event)
        case PauseUndone():
            return _pause_undone(standing, event)
        case DeathConfirmed():
            return _death_confirmed(standing, event)
        case DeathWithdrawn():
            return _death_withdrawn(standing, event)
    raise TypeError(f"not an event: {event!r}")


def replay(policy: Policy, standing: Standing, events: Iterable[Event]) -> Standing:
    """The standing after all ``events`` in order. Raises IllegalEvent at the first that is refused."""
    return reduce(lambda so_far, event: apply(policy, so_far, event), events, standing)


def replay_after(policy: Policy, year: int, previous: Standing, events: Iterable[Event]) -> Standing:
    """The standing of ``year``, told again since ``previous``, the cycle before, changed after it was opened.

    A duty not met is carried over (``open_cycle``), so what becomes known late of the earlier cycle changes
    the later one too. ``events`` are the later cycle's own, in order. A certification is never lost; what
    else no longer fits falls away: a pause of a duty that was met, a contact before the cycle, a hold of the
    duty that was met. A pause that was ordered before somebody knew of a hold, or of the death, was ordered.
    """
    standing = open_cycle(policy, year, previous=previous)
    for event in events:
        try:
            standing = apply(policy, standing, event)
        except IllegalEvent as refused:
            if isinstance(event, Certified):
                days = {*standing.certifications, event.on}
                standing = replace(standing, certifications=tuple(sorted(days)))
            elif isinstance(event, Paused) and _OF_THE_DUTY.isdisjoint(refused.reasons):
                pause = Pause(event.on, event.effective_month)
                standing = replace(standing, pauses=(*standing.pauses, pause))
    return standing


def status_on(policy: Policy, standing: Standing, as_of: date) -> Status:
    """The status as the calendar stands on ``as_of``: DUE is OVERDUE after the due date, holds expire."""
    if standing.status not in (Status.DUE, Status.HELD):
        return standing.status
    if held_on(policy, standing, as_of):
        return Status.HELD
    return Status.OVERDUE if as_of > standing.due else Status.DUE


def held_on(policy: Policy, standing: Standing, as_of: date) -> bool:
    """Whether a case holds the pause on ``as_of``.

    A failed attempt is not a suspension: while a clerk has it under review, or a visit or form is under
    way, payment goes on (社会保险经办条例: payment stops once the loss of entitlement is confirmed). But
    reviews of failed attempts hold for ``review_hold_days`` in all, until the person certifies, however
    many there are: else somebody who draws a dead person's pension would only have to fail, again and
    again, each year. That bounds each as it opens (``review_until``), so its last day, once told, stays,
    also where a later cycle's policy has other days.
    """
    return any(hold.opened <= as_of <= hold.last_day for hold in standing.holds)


def in_person_required(policy: Policy, standing: Standing, as_of: date) -> bool:
    """Whether only meeting the person helps from ``as_of`` on.

    So it is once reviews of failed attempts have held the pause for all of ``review_hold_days`` and nobody
    certified: no such hold opens again, and a certification at a distance is refused until staff, a home
    visit or an attesting body met the person. Evidence received before that day counts by whatever method
    (人社厅发〔2018〕54号), even when it is decided later.
    """
    if standing.certifications or any(
        hold.kind is HoldKind.REVIEW and hold.opened <= as_of <= hold.last_day for hold in standing.holds
    ):
        return False
    return _days_under_review(policy, standing, as_of - ONE_DAY) >= policy.review_hold_days


def review_until(policy: Policy, standing: Standing, on: date) -> date:
    """The last day that a review of failed attempts, opened ``on``, holds the pause if nothing is decided.

    Its ``review_hold_days``, less those that earlier reviews took, begin with the first day on which a pause
    may be ordered: days before hold nothing, so they are not counted.
    """
    begins = max(on, pausable_from(policy, standing.due))
    left = policy.review_hold_days - _days_under_review(policy, standing, on - ONE_DAY)
    return begins + timedelta(days=max(left, 1) - 1)


def _days_under_review(policy: Policy, standing: Standing, through: date) -> int:
    """How many different days on which a pause could be ordered, up to ``through``, a review was open."""
    reviews = sorted((hold.opened, hold.last_day) for hold in standing.holds if hold.kind is HoldKind.REVIEW)
    days, counted_through = 0, pausable_from(policy, standing.due) - ONE_DAY
    for opened, last_day in reviews:
        first, last = max(opened, counted_through + ONE_DAY), min(last_day, through)
        if first <= last:
            days += (last - first).days + 1
            counted_through = last
    return days


@dataclass(frozen=True, slots=True)
class PauseVerdict:
    """Whether a pause may be ordered; if not, every reason, and the reminders still to be made."""

    reasons: tuple[Reason, ...]
    contacts_missing: int = 0
    channels_missing: int = 0

    @property
    def allowed(self) -> bool:
        return not self.reasons


def may_pause(
    policy: Policy, standing: Standing, as_of: date, *, by_date_alone: bool = False
) -> PauseVerdict:
    """Whether payment may be ordered stopped on ``as_of``; ``by_date_alone`` where no staff looked at it.

    The Changsha practice of 2013 stops by the date alone. 社会保险经办条例 and the districts that follow
    it pause only whom they could not reach by several means: the policy then asks for logged contacts. In
    every scheme a person who certified, by any method and at any time of the cycle (人社厅发〔2018〕54号),
    or whose case is held, is not paused; nor is one whose pause was undone the same day, nor by the date
    alone one whose pause staff took back within a year: it would be repeated the next night.
    """
    contacts = [contact for contact in standing.contacts if contact.on <= as_of]
    contacts_missing = max(0, policy.contacts_required - len(contacts))
    channels_missing = max(0, policy.contact_channels_required - len({each.channel for each in contacts}))
    undone_on = standing.pauses[-1].undone_on if standing.pauses else None
    obstacles = {
        Reason.ENDED: standing.died_on,
        Reason.ALREADY_PAUSED: standing.pause and not standing.certifications,
        Reason.CERTIFIED: standing.certifications,
        Reason.HELD: held_on(policy, standing, as_of),
        Reason.NOT_YET_DUE: as_of < pausable_from(policy, standing.due),
        Reason.CONTACTS_MISSING: contacts_missing or channels_missing,
        Reason.JUST_UNDONE: undone_on and as_of <= undone_on,
        Reason.TAKEN_BACK: undone_on and by_date_alone and as_of < a_year_after(undone_on),
    }
    reasons = tuple(reason for reason, stands in obstacles.items() if stands)
    return PauseVerdict(reasons, contacts_missing, channels_missing)


def _certified(policy: Policy, standing: Standing, event: Certified) -> Standing:
    """One certification by any method counts for the cycle (人社厅发〔2018〕54号).

    Before the cycle it proves nothing of it. After a confirmed death it is refused, while evidence from
    before the death is still recorded: a pause may turn out void, and its arrears due to the heirs.
    """
    if event.on in standing.certifications:
        return standing
    if event.on < standing.opens:
        raise IllegalEvent(event, Reason.BEFORE_CYCLE)
    if standing.died_on and event.on > standing.died_on:
        raise IllegalEvent(event, Reason.ENDED)
    if not event.in_person and in_person_required(policy, standing, event.on):
        raise IllegalEvent(event, Reason.IN_PERSON_REQUIRED)
    return replace(standing, certifications=tuple(sorted((*standing.certifications, event.on))))


def _hold_opened(policy: Policy, standing: Standing, event: HoldOpened) -> Standing:
    """A case opens, or is prolonged; a closed one stays closed. A review holds no longer than
    ``review_until`` says."""
    if event.until < event.on:
        raise IllegalEvent(event, Reason.IMPOSSIBLE_DATES)
    known = next((hold for hold in standing.holds if hold.case == event.case), None)
    if known and known.kind is not event.kind:
        raise IllegalEvent(event, Reason.OTHER_HOLD)
    if known and (known.closed_on or event.until <= known.until):
        return standing
    _refuse_after_end(standing, event)
    if event.kind is HoldKind.REVIEW and in_person_required(policy, standing, event.on):
        raise IllegalEvent(event, Reason.IN_PERSON_REQUIRED)
    until = event.until
    if event.kind is HoldKind.REVIEW:
        until = min(until, review_until(policy, standing, event.on))
    if known:
        return _with_hold(standing, replace(known, until=max(known.until, until)))
    hold = Hold(event.case, event.kind, event.on, until)
    return replace(standing, holds=(*standing.holds, hold))


def _hold_closed(standing: Standing, event: HoldClosed) -> Standing:
    known = next((hold for hold in standing.holds if hold.case == event.case), None)
    if known is None:
        raise IllegalEvent(event, Reason.NO_SUCH_HOLD)
    if event.on < known.opened:
        raise IllegalEvent(event, Reason.IMPOSSIBLE_DATES)
    if known.closed_on:
        return standing
    return _with_hold(standing, replace(known, closed_on=event.on))


def _with_hold(standing: Standing, changed: Hold) -> Standing:
    holds = tuple(changed if hold.case == changed.case else hold for hold in standing.holds)
    return replace(standing, holds=holds)


def _contact_logged(standing: Standing, event: ContactLogged) -> Standing:
    if event in standing.contacts:
        return standing
    if event.on < standing.opens:
        raise IllegalEvent(event, Reason.BEFORE_CYCLE)
    _refuse_after_end(standing, event)
    return replace(standing, contacts=(*standing.contacts, event))


def _paused(policy: Policy, standing: Standing, event: Paused) -> Standing:
    """A pause is ordered where ``may_pause`` allows it, and for a month whose payroll is still open."""
    if any(
        (pause.ordered_on, pause.effective_month) == (event.on, event.effective_month)
        for pause in standing.pauses
    ):
        return standing
    reasons = list(may_pause(policy, standing, event.on).reasons)
    if event.effective_month < effective_month(policy, event.on):
        reasons.append(Reason.PAYROLL_CLOSED)
    if reasons:
        raise IllegalEvent(event, *reasons)
    return replace(standing, pauses=(*standing.pauses, Pause(event.on, event.effective_month)))


def _pause_undone(standing: Standing, event: PauseUndone) -> Standing:
    """Every pause can be taken back, also after the person certified or died: then for its arrears."""
    if any(pause.undone_on == event.on for pause in standing.pauses):
        return standing
    if not standing.pauses or standing.pauses[-1].undone_on:
        raise IllegalEvent(event, Reason.NOT_PAUSED)
    *earlier, last = standing.pauses
    if event.on < last.ordered_on:
        raise IllegalEvent(event, Reason.IMPOSSIBLE_DATES)
    return replace(standing, pauses=(*earlier, replace(last, undone_on=event.on)))


def _death_confirmed(standing: Standing, event: DeathConfirmed) -> Standing:
    """A confirmed death ends the benefit for good (社会保险经办条例: payment stops once confirmed).

    A certification dated after the death does not prevent it, since staff confirmed it from a document;
    it stays on record, as evidence of an error or a fraud.
    """
    if event.on < event.died_on:
        raise IllegalEvent(event, Reason.IMPOSSIBLE_DATES)
    if standing.died_on == event.died_on:
        return standing
    if standing.died_on:
        raise IllegalEvent(event, Reason.OTHER_DEATH_DATE)
    return replace(standing, died_on=event.died_on, death_confirmed_on=event.on)


def _death_withdrawn(standing: Standing, event: DeathWithdrawn) -> Standing:
    """A death confirmed by mistake is as if it had not been told; everything else on record stands."""
    if standing.died_on is None:
        return standing
    if standing.died_on != event.died_on:
        raise IllegalEvent(event, Reason.OTHER_DEATH_DATE)
    if event.on < standing.death_confirmed_on:
        raise IllegalEvent(event, Reason.IMPOSSIBLE_DATES)
    return replace(standing, died_on=None, death_confirmed_on=None)


def _refuse_after_end(standing: Standing, event: HoldOpened | ContactLogged) -> None:
    if standing.death_confirmed_on and event.on > standing.death_confirmed_on:
        raise IllegalEvent(event, Reason.ENDED)
