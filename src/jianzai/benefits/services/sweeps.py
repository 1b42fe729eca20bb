"""The sweep over the overdue 停发批次: proposed, released by a second person, carried out, undone.

Releasing a batch and taking one back are decisions: one short transaction that records who and when, and
hands the work to the worker. Carrying them out is one transaction a person, and each asks the rules again
under the lock of the obligation, so that nobody is paused who certified or was held meanwhile. A process that
dies in the middle leaves whole people behind, done or not yet; whoever carries on does the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.certification.models import Obligation
from jianzai.certification.services import policy_of, record_event
from jianzai.clock import today
from jianzai.entitlement import (
    Month,
    Paused,
    PauseUndone,
    Standing,
    effective_month,
    may_pause,
    restored_after_undo,
)
from jianzai.registry.access import Permission
from jianzai.registry.models import Area, Staff
from jianzai.worker import hand_over

from .. import ledger
from ..errors import FutureDate, NobodyToPause, ReleaseByTwoNeeded, SecondPersonNeeded, SweepClosed
from ..models import Benefit, Order, Pause, Sweep
from ..planning import Plan, SweepReport, plan
from ..queries import areas_to_sweep
from ..signals import paused
from .common import lock_benefit, lock_obligations, policy_for, require, set_state
from .orders import write_order
from .resumption import end_pause

_log = logging.getLogger(__name__)
_AT_ONCE = 2000
_AHEAD = 100
"""People looked up at once while a batch is carried out."""
_LOCK = 0x6A7A7377  # "jzsw", with a batch's number: one process at a time carries it out
_UNFINISHED = (Sweep.State.CONFIRMED, Sweep.State.UNDOING)


def dry_run(as_of: date, area: Area, cap: int | None, *, by_date_alone: bool = False) -> SweepReport:
    """Who a sweep would pause as of a day in an area, and who it would leave out and why; nothing is written.

    ``cap``: at most this many people in each district; None leaves it at the policy's share.
    ``by_date_alone``: as the automatic sweep does. Raises FutureDate.
    """
    _refuse_future(as_of)
    return plan(as_of, area, cap, by_date_alone=by_date_alone).report


@transaction.atomic
def propose_sweep(as_of: date, area: Area, cap: int | None, staff: Staff, actor: Actor) -> Sweep:
    """A stored dry run that waits for a second person. Raises NobodyToPause, FutureDate, NotAllowed."""
    require(staff, Permission.PROPOSE_SWEEP, area.code)
    _refuse_future(as_of)
    found = plan(as_of, area, cap)
    if not found.people:
        raise NobodyToPause(as_of=as_of)
    return _store(found, as_of, area, cap, staff, Sweep.State.PROPOSED, actor)


@transaction.atomic
def confirm_sweep(sweep: Sweep, staff: Staff, actor: Actor) -> Sweep:
    """Release a batch that somebody else proposed; the worker carries it out. Again, it stays released.

    Raises SecondPersonNeeded, SweepClosed, NotAllowed.
    """
    require(staff, Permission.CONFIRM_SWEEP, sweep.area_id)
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if sweep.state in (Sweep.State.CONFIRMED, Sweep.State.DONE):
        return sweep
    if sweep.state != Sweep.State.PROPOSED:
        raise SweepClosed(state=sweep.state)
    if sweep.proposed_by_id == staff.pk:
        raise SecondPersonNeeded()
    sweep.state, sweep.confirmed_by, sweep.confirmed = Sweep.State.CONFIRMED, staff, timezone.now()
    sweep.save(update_fields=["state", "confirmed_by", "confirmed"])
    record("benefits.sweep_confirmed", actor, area=sweep.area_id, sweep=sweep.pk)
    hand_over("jianzai.benefits.tasks.carry_out_sweep", sweep=sweep.pk)
    return sweep


@transaction.atomic
def discard_sweep(sweep: Sweep, staff: Staff, actor: Actor) -> Sweep:
    """Throw a proposed batch away, nobody is paused. Raises SweepClosed, NotAllowed."""
    require(staff, Permission.PROPOSE_SWEEP, sweep.area_id)
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if sweep.state == Sweep.State.DISCARDED:
        return sweep
    if sweep.state != Sweep.State.PROPOSED:
        raise SweepClosed(state=sweep.state)
    sweep.state = Sweep.State.DISCARDED
    sweep.save(update_fields=["state"])
    _drop_proposed(sweep)
    record("benefits.sweep_discarded", actor, area=sweep.area_id, sweep=sweep.pk)
    return sweep


@transaction.atomic
def undo_sweep(sweep: Sweep, staff: Staff, actor: Actor) -> Sweep:
    """Take a whole batch back: the worker has everyone in it who is still paused paid again, with all that
    was withheld. Again, it stays taken back.

    People who certified and were resumed meanwhile are left as they are; people who died get what was
    withheld up to the month of death. Raises SweepClosed for a batch that was never released, NotAllowed.
    """
    require(staff, Permission.UNDO_SWEEP, sweep.area_id)
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if sweep.state in (Sweep.State.UNDOING, Sweep.State.UNDONE):
        return sweep
    if sweep.state not in (Sweep.State.CONFIRMED, Sweep.State.DONE):
        raise SweepClosed(state=sweep.state)
    sweep.state, sweep.undone_by, sweep.undone = Sweep.State.UNDOING, staff, timezone.now()
    sweep.save(update_fields=["state", "undone_by", "undone"])
    record("benefits.sweep_undone", actor, area=sweep.area_id, sweep=sweep.pk)
    hand_over("jianzai.benefits.tasks.carry_out_sweep", sweep=sweep.pk)
    return sweep


def carry_out(sweep: Sweep, *, wait: bool = True) -> Sweep:
    """Do what is left of a batch: pause everyone of a released one who may still be paused, pay everyone of
    one that was taken back. What is done already stays as it is, and a batch with nothing left is returned.

    One process at a time does it; another one waits until it has, or without ``wait`` leaves it to that one.
    """
    while _unfinished(sweep):  # once more where it is taken back at the moment this process leaves it
        with _alone(sweep, wait) as alone:
            if not alone:
                return sweep
            while _unfinished(sweep):
                (_pause_some if sweep.state == Sweep.State.CONFIRMED else _undo_some)(sweep)
    return sweep


def _unfinished(sweep: Sweep) -> bool:
    sweep.refresh_from_db()
    return sweep.state in _UNFINISHED


@contextmanager
def _alone(sweep: Sweep, wait: bool) -> Iterator[bool]:
    """Whether this process has the batch to itself, of all that carry it out. Ends with the process."""
    lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s, %s)", [_LOCK, sweep.pk])  # noqa: S608 - one of the two above
        alone = cursor.fetchone()[0] is not False  # the one that waits returns nothing
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, sweep.pk])


def _pause_some(sweep: Sweep) -> None:
    """Pause the next people of a released batch; with nobody left it is done."""
    actor = Actor.staff(sweep.confirmed_by) if sweep.confirmed_by else Actor.SYSTEM
    waiting = sweep.pauses.filter(state=Pause.State.PROPOSED).order_by("id")
    people = list(waiting.values_list("id", "obligation_id")[:_AHEAD])
    for pause_id, obligation_id in people:
        if not _pause_one(pause_id, obligation_id, max(sweep.as_of, today()), actor):
            return
    if not people:
        # Nothing, where it was taken back at this moment.
        Sweep.objects.filter(pk=sweep.pk, state=Sweep.State.CONFIRMED).update(state=Sweep.State.DONE)


def _undo_some(sweep: Sweep) -> None:
    """Pay the next people of a batch that was taken back; with nobody left it is undone."""
    actor = Actor.staff(sweep.undone_by)
    _drop_proposed(sweep)
    people = list(
        sweep.pauses.filter(state__in=(Pause.State.ACTIVE, Pause.State.ENDED))
        .order_by("id")
        .values_list("id", flat=True)[:_AHEAD]
    )
    for pause_id in people:
        _undo_one(pause_id, actor)
    if not people:
        Sweep.objects.filter(pk=sweep.pk).update(state=Sweep.State.UNDONE)


def _drop_proposed(sweep: Sweep) -> None:
    # Waits for a pause that is being carried out; that one is then in force.
    sweep.pauses.filter(state=Pause.State.PROPOSED).update(
        state=Pause.State.DROPPED, dropped_because="benefits.dropped_sweep_closed"
    )


@transaction.atomic
def _pause_one(pause_id: int, obligation_id: int, day: date, actor: Actor) -> bool:
    """False where the batch was taken back meanwhile: nobody more is paused then."""
    obligation = (
        Obligation.objects.select_for_update(of=("self", "person"))
        .select_related("cycle", "person")
        .get(pk=obligation_id)
    )
    benefit = lock_benefit(obligation.person)
    pause = Pause.objects.select_for_update(of=("self",)).select_related("sweep").get(pk=pause_id)
    pause.obligation, pause.person = obligation, obligation.person
    if pause.sweep.state != Sweep.State.CONFIRMED:
        return False
    if pause.state != Pause.State.PROPOSED:
        return True
    policy = policy_of(obligation.cycle)
    if obstacle := _obstacle(obligation, benefit, day):
        pause.state, pause.dropped_because = Pause.State.DROPPED, obstacle
        pause.save(update_fields=["state", "dropped_because"])
        return True
    month = ledger.first_open(pause.person, effective_month(policy, day))
    pause.state, pause.effective_month = Pause.State.ACTIVE, str(month)
    pause.save(update_fields=["state", "effective_month"])
    set_state(benefit, Benefit.State.PAUSED)
    record_event(obligation, Paused(on=day, effective_month=month), actor)
    record("benefits.paused", actor, person=pause.person, sweep=pause.sweep_id, effective_month=str(month))
    order = write_order(Order.Kind.PAUSE, pause.person, month, actor, pause=pause)
    paused.send(sender=Pause, pause=pause, order=order, actor=actor)
    return True


def _obstacle(obligation: Obligation, benefit: Benefit, day: date) -> str:
    """The code of the sentence that says why the person is not paused after all; empty if nothing hinders."""
    verdict = may_pause(policy_of(obligation.cycle), Standing.from_dict(obligation.standing), day)
    if not verdict.allowed:
        return f"entitlement.{verdict.reasons[0]}"
    if benefit.state != Benefit.State.PAYING:
        return "benefits.dropped_not_paid"
    if obligation.person.obligations.filter(cycle__year__gt=obligation.cycle.year).exists():
        return "benefits.dropped_newer_cycle"
    return ""


@transaction.atomic
def _undo_one(pause_id: int, actor: Actor) -> None:
    person = Pause.objects.select_related("person").get(pk=pause_id).person
    obligations = lock_obligations(person)
    benefit = lock_benefit(person)
    pause = (
        Pause.objects.select_for_update(of=("self",))
        .select_related("person", "obligation__cycle")
        .get(pk=pause_id)
    )
    if pause.state not in (Pause.State.ACTIVE, Pause.State.ENDED):
        return
    day = today()
    for obligation in obligations:
        # A pause not ended by a certification is carried into the standings of later cycles too.
        pauses = Standing.from_dict(obligation.standing).pauses
        if obligation.cycle.year >= pause.obligation.cycle.year and pauses and not pauses[-1].undone_on:
            record_event(obligation, PauseUndone(on=max(day, pauses[-1].ordered_on)), actor)
    arrears = restored_after_undo(
        policy_for(person), ledger.monthly_amount(person), Month.parse(pause.effective_month), day
    )
    end_pause(benefit, pause, Pause.State.UNDONE, arrears, actor)


def finish_sweeps(*, wait: bool = True) -> None:
    """Carry on with every batch that a process left in the middle. ``wait`` as in ``carry_out``.

    One that fails keeps no other one waiting, nor tonight's; it is tried again with the next call.
    """
    for sweep in Sweep.objects.filter(state__in=_UNFINISHED).order_by("id"):
        try:
            carry_out(sweep, wait=wait)
        except Exception:
            _log.exception("batch %s is not finished", sweep.pk)


def sweep_now(as_of: date, actor: Actor, *, area: Area | None = None, cap: int | None = None) -> list[Sweep]:
    """The automatic sweep of policies that stop by the date alone (changsha-2013), one batch a top area.

    First finishes what an earlier run left. Without anybody to pause there is no batch, so running it again
    changes nothing. Raises ReleaseByTwoNeeded where the policy wants a second person, FutureDate.
    """
    _refuse_future(as_of)
    finish_sweeps()
    swept = []
    for each in [area] if area else areas_to_sweep():
        with transaction.atomic():
            found = plan(as_of, each, cap, by_date_alone=True)
            if not found.people:
                continue
            if found.report.two_person_release:
                raise ReleaseByTwoNeeded()
            sweep = _store(found, as_of, each, cap, None, Sweep.State.CONFIRMED, actor)
        swept.append(carry_out(sweep))
    return swept


def _refuse_future(as_of: date) -> None:
    if as_of > today() and not settings.DEMO:
        raise FutureDate(as_of=as_of, today=today())


def _store(
    found: Plan,
    as_of: date,
    area: Area,
    cap: int | None,
    staff: Staff | None,
    state: Sweep.State,
    actor: Actor,
) -> Sweep:
    released = state == Sweep.State.CONFIRMED
    sweep = Sweep.objects.create(
        as_of=as_of,
        area=area,
        cap=cap,
        state=state,
        proposed_by=staff,
        confirmed=timezone.now() if released else None,
        report=found.report.to_dict(),
    )
    Pause.objects.bulk_create(
        (
            Pause(
                sweep=sweep,
                obligation_id=each.obligation,
                person_id=each.person,
                effective_month=str(each.effective_month),
            )
            for each in found.people
        ),
        batch_size=_AT_ONCE,
    )
    record(
        "benefits.sweep_proposed",
        actor,
        area=area.code,
        sweep=sweep.pk,
        as_of=as_of,
        cap=cap,
        people=len(found.people),
        released=released,
    )
    return sweep
