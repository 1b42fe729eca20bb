"""What the calendar asks for; each can run twice, or late, without harm."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import date

from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor
from jianzai.certification.signals import retention_due

from ..errors import Settled
from ..models import Received
from .deciding import judge_arrival
from .settling import locked, release, settle

_log = logging.getLogger(__name__)


def judge_left() -> int:
    """Compare the faces of what came in and was not compared then; how many. One that fails delays none."""
    left = Received.objects.filter(state=Received.State.RECEIVED, judged=False, person__isnull=False)
    judged = 0
    for received in left.select_related("arrival"):
        try:
            judge_arrival(received.arrival)
            judged += 1
        except Exception:
            _log.exception("received %s is not judged", received.pk)
    return judged


def lapse(as_of: date) -> int:
    """End what held the pause for as long as it may before ``as_of``; how many."""
    ended = 0
    for received in Received.objects.filter(state=Received.State.RECEIVED, holds_until__lt=as_of):
        with suppress(Settled), transaction.atomic():
            settle(locked(received), Received.State.LAPSED, Actor.SYSTEM)
            ended += 1
    return ended


def release_left() -> int:
    """Close what is settled and still held on an earlier cycle's obligation; how many."""
    left = Received.objects.exclude(state=Received.State.RECEIVED).filter(released=False)
    for received in left.select_related("obligation", "arrival"):
        with transaction.atomic():
            release(received, received.obligation, Actor.SYSTEM)
            Received.objects.filter(pk=received.pk).update(released=True)
    return len(left)


@receiver(retention_due, dispatch_uid="counter.retention")
@transaction.atomic
def forget(sender: object, as_of: date, **_: object) -> None:
    """Delete pictures, and what was typed, whose day has come."""
    Received.objects.filter(keep_until__lt=as_of).exclude(typed=None).update(typed=None, pictures=None)
