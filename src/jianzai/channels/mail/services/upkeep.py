"""What the calendar asks for; each can run twice, or late, without harm."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import record_event
from jianzai.certification.signals import retention_due
from jianzai.clock import today
from jianzai.entitlement import HoldKind, HoldOpened

from ..errors import SheetDecided
from ..models import WAITING, Sheet, SheetPage, StatusLookups
from .holding import HOLDS_FOR, locked, release

_PROLONG = timedelta(days=30)


def hold_on() -> None:
    """See that every sheet nobody decided about goes on holding: the year may turn, its time run out."""
    for sheet in Sheet.objects.filter(state__in=WAITING, person__isnull=False, person__died_on=None):
        with suppress(SheetDecided), transaction.atomic():
            _hold_on(sheet)


def _hold_on(sheet: Sheet) -> None:
    if current_obligation(sheet.person) is None:  # made where the year turned, before anything is locked
        return
    sheet, duties = locked(sheet)
    latest = duties[-1]
    standing = standing_of(latest)
    if standing.certified_on or any(
        hold.case == sheet.case and hold.closed_on is None and hold.until > today() + _PROLONG
        for hold in standing.holds
    ):
        return
    known = any(hold.case == sheet.case for hold in standing.holds)
    on = sheet.obligation if known else latest
    sheet.obligation, sheet.holds_until = on, today() + HOLDS_FOR
    sheet.save(update_fields=["obligation", "holds_until"])
    held = HoldOpened(on=today(), until=sheet.holds_until, kind=HoldKind.FORM, case=sheet.case)
    record_event(on, held, Actor.SYSTEM)


def release_left() -> int:
    """Close what sheets that are decided still hold on an earlier cycle's obligation; how many sheets."""
    left = Sheet.objects.exclude(state__in=WAITING).filter(released=False, obligation__isnull=False)
    for sheet in left.select_related("obligation"):
        with transaction.atomic():
            release(sheet, sheet.obligation, Actor.SYSTEM)
            Sheet.objects.filter(pk=sheet.pk).update(released=True)
    return len(left)


@receiver(retention_due, dispatch_uid="mail.retention")
@transaction.atomic
def forget(sender: object, as_of: date, **_: object) -> None:
    """Delete scans and what was read of them when their day has come; the row and its decision stay."""
    over = Sheet.objects.filter(keep_until__lt=as_of).exclude(state__in=WAITING)
    SheetPage.objects.filter(sheet__in=over).delete()
    over.update(reading=None)
    StatusLookups.objects.filter(last__lt=timezone.now() - timedelta(days=1)).delete()
