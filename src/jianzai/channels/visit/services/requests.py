"""Asking for a visit, and ending one; while it is open it holds the pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.dispatch import Signal, receiver

from jianzai.audit.services import Actor, record
from jianzai.benefits.queries import withheld_at_death
from jianzai.benefits.signals import death_withdrawn, died
from jianzai.certification.errors import NotEntitled
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import standing_of
from jianzai.certification.services import lock_standing, record_event, required_obligation
from jianzai.certification.signals import certified
from jianzai.clock import today
from jianzai.entitlement import HoldClosed, HoldKind, HoldOpened
from jianzai.notices.kinds import Kind
from jianzai.notices.services import notify, take_back
from jianzai.offline.models import Arrival
from jianzai.offline.services import conclude
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..errors import AlreadyCertified, AwaitsSignature, ReasonMissing, TooManyRequests, VisitEnded
from ..models import Appointment, Contact, HomeVisit, seal_contact

HOLDS_FOR = timedelta(days=365)
"""So long after the last thing that happened an open visit holds the pause. The office ends it long before:
the oldest deadline stands first among what it has to plan."""

REQUESTS_ON_THE_SITE = 3
"""So many visits in a cycle may be asked for on the site without one coming about."""

NOTICES = (Kind.VISIT_BOOKED, Kind.VISIT_TOMORROW)


@dataclass(frozen=True, slots=True)
class Request:
    """What is said when a visit is asked for: who asks (HomeVisit.Relation), why, where and whom to ring."""

    relation: str
    reason: str
    contact: Contact


@transaction.atomic
def request_visit(
    person: Beneficiary, request: Request, actor: Actor, taken_by: Staff | None = None
) -> HomeVisit:
    """Open a visit to ``person``; while one is open, it is that one. ``taken_by``: the clerk who was asked.

    Raises NoCycle, NotEntitled, AlreadyCertified, and TooManyRequests on the site.
    """
    obligation = lock_standing(required_obligation(person))[0]  # before the visit, as certifying does
    if obligation.person.died_on:
        raise NotEntitled()
    if known := HomeVisit.objects.filter(person=person, state=HomeVisit.State.OPEN).first():
        return known
    if standing_of(obligation).certified_on:
        raise AlreadyCertified()
    earlier = HomeVisit.objects.filter(obligation=obligation, taken_by=None)
    if taken_by is None and earlier.count() >= REQUESTS_ON_THE_SITE:
        raise TooManyRequests()
    visit = HomeVisit.objects.create(
        person=person,
        obligation=obligation,
        reason=request.reason,
        relation=request.relation,
        contact=seal_contact(person, request.contact),
        requested_on=today(),
        helper=actor.helper,
        taken_by=taken_by,
        holds_until=today(),
    )
    hold(visit, actor)
    record("visit.requested", actor, person=person, visit=visit.pk, reason=visit.reason)
    return visit


@transaction.atomic
def cancel(visit: HomeVisit, reason: str, actor: Actor, staff: Staff | None = None) -> HomeVisit:
    """End ``visit`` without one; without ``staff`` it is the person, or who asked for them, who does.

    Raises ReasonMissing where staff say none, VisitEnded where it ended otherwise; cancelled again, it is
    the same row. Whom two officers met is not called off (AwaitsSignature): the second signs, or denies it.
    """
    if staff and not reason.strip():
        raise ReasonMissing()
    if HomeVisit.objects.filter(pk=visit.pk, state=HomeVisit.State.CANCELLED).exists():
        return visit
    visit, obligation = locked(visit)
    if visit.awaits_signature:
        raise AwaitsSignature()
    end(visit, HomeVisit.State.CANCELLED, actor, obligation=visit.obligation, staff=staff, finding=reason)
    if staff:
        notify(visit.person, Kind.VISIT_CANCELLED, obligation, occasion=visit.case, phone=phone_of(visit))
    return visit


def phone_of(visit: HomeVisit) -> str:
    """Whom the team rings, and who is told by text message."""
    return visit.seen_to.phone if visit.seen_to else ""


def locked(visit: HomeVisit) -> tuple[HomeVisit, Obligation]:
    """``visit``, locked, with the person's latest obligation, locked before it. Raises VisitEnded."""
    obligations = lock_standing(HomeVisit.objects.select_related("obligation").get(pk=visit.pk).obligation)
    rows = HomeVisit.objects.select_for_update(of=("self",)).select_related("person__area")
    found = rows.get(pk=visit.pk)
    if found.state != HomeVisit.State.OPEN:
        raise VisitEnded()
    found.obligation = obligations[0]
    return found, obligations[-1]


def hold(visit: HomeVisit, actor: Actor) -> None:
    """Hold the pause from today on for as long as a visit may. Within the caller's transaction."""
    visit.holds_until = today() + HOLDS_FOR
    visit.save(update_fields=["holds_until"])
    held = HoldOpened(on=today(), until=visit.holds_until, kind=HoldKind.VISIT, case=visit.case)
    record_event(visit.obligation, held, actor)


def end(
    visit: HomeVisit,
    state: HomeVisit.State,
    actor: Actor,
    *,
    obligation: Obligation,
    staff: Staff | None = None,
    finding: str = "",
) -> None:
    """End a locked ``visit`` in ``state``: its appointment goes, and its hold on ``obligation``."""
    visit.state, visit.ended_on, visit.ended_by = state, today(), staff
    visit.finding = finding.strip()
    visit.released = obligation.pk == visit.obligation_id
    visit.save(update_fields=["state", "ended_on", "ended_by", "finding", "released"])
    visit.appointments.filter(state=Appointment.State.BOOKED).update(state=Appointment.State.CANCELLED)
    take_back(visit.person, NOTICES)
    release(visit, obligation, actor)
    if visit.arrival:
        certified = state == HomeVisit.State.CERTIFIED
        told = (Arrival.State.CERTIFIED, "met") if certified else (Arrival.State.NOTED, "over")
        conclude(visit.arrival, told[0], f"visit.told_{told[1]}")
    record("visit.ended", actor, person=visit.person, visit=visit.pk, state=state)


def release(visit: HomeVisit, obligation: Obligation, actor: Actor) -> None:
    """Close the hold of ``visit`` where it stands open on ``obligation``."""
    holds = standing_of(Obligation.objects.get(pk=obligation.pk)).holds
    if any(each.case == visit.case and each.closed_on is None for each in holds):
        record_event(obligation, HoldClosed(on=today(), case=visit.case), actor)


@receiver(certified, dispatch_uid="visit.certified")
def overtake(sender: object, obligation: Obligation, certification: Certification, actor: Actor, **_) -> None:
    """Certified some other way: nobody has to come.

    Only what is locked here is released: the hold on an earlier cycle's obligation, whose duty went over to
    this one, is left to ``release_left``, since the oldest obligation is locked first.
    """
    due = (
        HomeVisit.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(
            person_id=obligation.person_id,
            state=HomeVisit.State.OPEN,
            obligation__cycle__year__lte=obligation.cycle.year,
        )
    )
    for visit in due:
        end(visit, HomeVisit.State.OVERTAKEN, actor, obligation=obligation)


def may_prove(visit: HomeVisit) -> bool:
    """Whether an open visit to somebody recorded dead has to be told or signed all the same.

    What was told and waits for the second signature says that they lived that day, and is kept: the death may
    be a mistake. An appointment before the death may earn the estate what a pause withheld.
    """
    if visit.awaits_signature:
        return True
    booked, died_on = visit.booked, visit.person.died_on
    return booked is not None and booked.day <= died_on and withheld_at_death(visit.person)


@receiver(died, dispatch_uid="visit.died")
@receiver(replaced, dispatch_uid="visit.replaced")
@transaction.atomic
def nobody_to_visit(sender: object, person: Beneficiary, actor: Actor, signal: Signal, **_: object) -> None:
    """The person died, or somebody else stands under their number: the visit is not theirs any more.

    Of who died it stays where it ``may_prove`` something, as what counters received does.
    """
    for visit in HomeVisit.objects.filter(person=person, state=HomeVisit.State.OPEN):
        visit, _ = locked(visit)
        if signal is not died or not may_prove(visit):
            end(visit, HomeVisit.State.OVERTAKEN, actor, obligation=visit.obligation)


@receiver(death_withdrawn, dispatch_uid="visit.death_withdrawn")
@transaction.atomic
def hold_again(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """They did not die: a visit that was kept holds the pause like any other."""
    for visit in HomeVisit.objects.filter(person=person, state=HomeVisit.State.OPEN):
        visit, _ = locked(visit)
        hold(visit, actor)
