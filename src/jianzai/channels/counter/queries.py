"""What pages read of what counters received."""

from __future__ import annotations

from django.db.models import QuerySet

from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff

from .models import Received


def received_within(staff: Staff) -> QuerySet[Received]:
    """What was received of people who live in the area of ``staff``, or, of people not known yet, by counters
    there; the oldest day first.
    """
    rows = Received.objects.select_related(
        "arrival", "officer", "area", "person__area", "obligation", "decided_by", "certification"
    )
    theirs = within(staff, rows.filter(person__isnull=False), field="person__area")
    return theirs | within(staff, rows.filter(person=None))


def waiting(staff: Staff) -> int:
    """How many ``staff`` may judge: received by others, and not settled."""
    return received_within(staff).filter(state=Received.State.RECEIVED).exclude(officer=staff).count()


def panel_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person: what counters received."""
    rows = list(person.received.select_related("arrival", "officer", "certification").order_by("-id")[:10])
    return {"received": rows} if rows else None
