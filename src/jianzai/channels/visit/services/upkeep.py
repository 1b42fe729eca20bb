"""What the calendar asks for; each can run twice, or late, without harm."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor
from jianzai.certification.signals import retention_due
from jianzai.notices.kinds import Kind
from jianzai.notices.services import notify

from ..errors import VisitEnded
from ..models import Appointment, HomeVisit
from .booking import told
from .requests import end, hold, locked, phone_of, release

KEEP_CONTACT = timedelta(days=60)
"""So long after its end it can be asked where a team went, or was to go."""


def remind_of_tomorrow(as_of: date) -> int:
    """Remind everybody whom a team visits on the day after ``as_of``, once for an appointment; how many."""
    tomorrow = Appointment.objects.filter(day=as_of + timedelta(days=1), state=Appointment.State.BOOKED)
    return sum(_remind(appointment) for appointment in tomorrow.select_related("visit"))


@transaction.atomic
def _remind(appointment: Appointment) -> bool:
    try:
        visit, obligation = locked(appointment.visit)
    except VisitEnded:
        return False
    if visit.booked is None or visit.booked.pk != appointment.pk:  # moved at this moment
        return False
    occasion = f"appointment {appointment.pk}"
    values = {"occasion": occasion, "phone": phone_of(visit), **told(appointment)}
    return bool(notify(visit.person, Kind.VISIT_TOMORROW, obligation, **values))


def lapse(as_of: date) -> int:
    """End visits that held the pause for as long as they may before ``as_of``; how many.

    One that waits for a signature is the office's to finish, and holds on.
    """
    ended = 0
    for visit in HomeVisit.objects.filter(state=HomeVisit.State.OPEN, holds_until__lt=as_of):
        with suppress(VisitEnded), transaction.atomic():
            visit, _ = locked(visit)
            if visit.holds_until < as_of and visit.awaits_signature:
                if not visit.person.died_on:
                    hold(visit, Actor.SYSTEM)
            elif visit.holds_until < as_of:
                end(visit, HomeVisit.State.LAPSED, Actor.SYSTEM, obligation=visit.obligation)
                ended += 1
    return ended


def release_left() -> int:
    """Close what visits that are over still hold on an earlier cycle's obligation; how many visits."""
    left = HomeVisit.objects.exclude(state=HomeVisit.State.OPEN).filter(released=False)
    for visit in left.select_related("obligation"):
        with transaction.atomic():
            release(visit, visit.obligation, Actor.SYSTEM)
            HomeVisit.objects.filter(pk=visit.pk).update(released=True)
    return len(left)


@receiver(retention_due, dispatch_uid="visit.retention")
@transaction.atomic
def forget(sender: object, as_of: date, **_: object) -> None:
    """Delete photographs whose day has come, and where and whom visits were for that ended a while ago."""
    HomeVisit.objects.filter(photograph__isnull=False, photograph_until__lt=as_of).update(
        photograph=None, photograph_until=None
    )
    HomeVisit.objects.filter(contact__isnull=False, ended_on__lt=as_of - KEEP_CONTACT).update(contact=None)
