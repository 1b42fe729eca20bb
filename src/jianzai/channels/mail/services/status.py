"""How a form stands, by its number, for whoever sent it; with a bound on trying out numbers."""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from jianzai.channels.online.rules import ADDRESS, Wait, wait_needed
from jianzai.vault import vault

from ..models import REPORTED, Form, Sheet, StatusLookups


class FormStatus(StrEnum):
    """What the sender is told; nothing of the person."""

    NOT_HERE = "not_here"  # not arrived, or no number of ours: which of them is not told
    RECEIVED = "received"
    BEING_READ = "being_read"
    ACCEPTED = "accepted"
    MORE_NEEDED = "more_needed"  # accepted, and by the policy not enough alone
    SEND_AGAIN = "send_again"
    NOT_NEEDED = "not_needed"  # settled another way
    TALK = "talk"  # something else to talk about


@transaction.atomic
def look_up(number: str, address: str | None) -> FormStatus | Wait:
    """How the form of ``number`` stands; Wait after too many numbers of which nothing is here.

    ``address``: from where it is asked; what is not found is counted for it.
    """
    now = timezone.now()
    counted = _locked(address, now) if address else None
    if counted and (wait := wait_needed(ADDRESS, counted.count, counted.last, now)):
        return wait
    status = status_of(number)
    if counted and status is FormStatus.NOT_HERE:
        earlier = 0 if now - counted.last >= ADDRESS.forgotten else counted.count
        StatusLookups.objects.filter(pk=counted.pk).update(count=earlier + 1, last=now)
    return status


def status_of(number: str) -> FormStatus:
    """How the form of ``number`` stands, by what came last of it."""
    form = Form.objects.filter(number=number).first()
    sheet = form and form.sheets.order_by("-pk").first()
    return sheet_status(sheet) if sheet else FormStatus.NOT_HERE


def sheet_status(sheet: Sheet) -> FormStatus:
    """What its sender is told of ``sheet``."""
    if sheet.state in REPORTED:
        return FormStatus.TALK
    if sheet.state == Sheet.State.ACCEPTED and sheet.certification_id is None:
        return FormStatus.MORE_NEEDED
    return {
        Sheet.State.RECEIVED: FormStatus.RECEIVED,
        Sheet.State.READ: FormStatus.BEING_READ,
        Sheet.State.ACCEPTED: FormStatus.ACCEPTED,
        Sheet.State.REJECTED: FormStatus.SEND_AGAIN,
        Sheet.State.OVERTAKEN: FormStatus.NOT_NEEDED,
    }[Sheet.State(sheet.state)]


def _locked(address: str, now) -> StatusLookups:
    key = vault().lookup(f"form status {address}")
    StatusLookups.objects.get_or_create(key=key, defaults={"last": now})
    return StatusLookups.objects.select_for_update().get(key=key)
