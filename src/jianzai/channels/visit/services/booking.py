"""Which team goes to whom, where and when."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.certification.errors import NotEntitled
from jianzai.certification.models import Obligation
from jianzai.clock import today
from jianzai.notices.kinds import Kind
from jianzai.notices.services import notify, take_back
from jianzai.registry.models import Staff

from ..errors import AwaitsSignature, NotServed, SlotFull, SlotPast
from ..models import Appointment, Contact, HomeVisit, Team, seal_contact
from ..slots import Half, first_free, periods
from .requests import NOTICES, hold, locked, phone_of


@transaction.atomic
def book(
    visit: HomeVisit, team: Team, day: date, half: Half, actor: Actor, staff: Staff | None = None
) -> Appointment:
    """Put ``visit`` into a half day of ``team``, out of the one it stood in, and tell the person.

    The same half day again is the same appointment. Raises VisitEnded,
    NotEntitled, AwaitsSignature, SlotPast, NotServed, SlotFull.
    """
    visit, obligation = locked(visit)
    if visit.person.died_on:
        raise NotEntitled()
    if visit.awaits_signature:
        raise AwaitsSignature()
    if day < today():
        raise SlotPast()
    team = Team.objects.select_for_update(of=("self",)).select_related("area").get(pk=team.pk)
    if not team.active or not visit.person.area_id.startswith(team.area.prefix):
        raise NotServed()
    before = visit.booked
    if before and (before.team_id, before.day, before.half) == (team.pk, day, half):
        return before
    taken = Appointment.objects.filter(team=team, day=day, half=half, state=Appointment.State.BOOKED)
    spans = [(one.period.lower, one.period.upper) for one in taken]
    free = first_free(periods(day, half, team.capacity, timezone.get_default_timezone()), spans)
    if free is None or len(spans) >= team.capacity:
        raise SlotFull()
    if before:
        before.state = Appointment.State.MOVED
        before.save(update_fields=["state"])
        take_back(visit.person, NOTICES)
    appointment = Appointment.objects.create(
        visit=visit, team=team, day=day, half=half, period=DateTimeTZRange(*free), made_by=staff
    )
    visit.met_at = visit.first = visit.denied_by = None  # what was told before is of no meeting
    visit.document = visit.note = ""
    visit.save(update_fields=["met_at", "first", "denied_by", "document", "note"])
    hold(visit, actor)
    _tell(visit, appointment, obligation, f"appointment {appointment.pk}")
    record(
        "visit.booked",
        actor,
        person=visit.person,
        visit=visit.pk,
        team=team.pk,
        day=day,
        half=half,
        moved=before is not None,
    )
    return appointment


@transaction.atomic
def correct(visit: HomeVisit, contact: Contact, actor: Actor) -> HomeVisit:
    """Where the team goes and whom it rings was mistyped, or changed. The same again changes nothing.

    At another telephone the appointment is told anew, and what waits for the old one is not sent.
    Raises VisitEnded, and AwaitsSignature where the person was met already.
    """
    visit, obligation = locked(visit)
    if visit.awaits_signature:
        raise AwaitsSignature()
    if visit.seen_to == contact:
        return visit
    before, booked = phone_of(visit), visit.booked
    visit.contact = seal_contact(visit.person, contact)
    visit.save(update_fields=["contact"])
    if contact.phone != before and booked and booked.day >= today():
        take_back(visit.person, NOTICES)
        _tell(visit, booked, obligation, f"appointment {booked.pk} {timezone.now():%y%m%d%H%M%S%f}")
    record("visit.corrected", actor, person=visit.person, visit=visit.pk)
    return visit


def _tell(visit: HomeVisit, appointment: Appointment, obligation: Obligation, occasion: str) -> None:
    """Tell the person of ``appointment``, once for an ``occasion``."""
    values = {"occasion": occasion, "phone": phone_of(visit), **told(appointment)}
    notify(visit.person, Kind.VISIT_BOOKED, obligation, **values)


def told(appointment: Appointment) -> dict[str, str]:
    """What a notice says of ``appointment``."""
    begins = timezone.localtime(appointment.period.lower)
    return {"variant": appointment.half, "day": appointment.day.isoformat(), "time": f"{begins:%H:%M}"}
