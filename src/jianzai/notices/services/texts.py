"""Handing text messages over: what waits, one after the other, until the gateway has taken it.

A message is claimed in a transaction of its own before it is posted, and posted outside of any. Whoever is
killed in between leaves it to be posted again, under the same number. One process at a time hands over, and
not for long at a stretch: the worker has other things to do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor
from jianzai.certification.signals import retention_due
from jianzai.clock import today

from ..models import Notice
from ..transports import sms
from .outbox import PUT_OFF, TRUE, lock_notice, sent

HOURS = range(8, 20)
"""Of the office's clock: nobody's telephone rings at night because of us."""

AGAIN_AFTER = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 360))
"""How long a message waits that the gateway did not take, the first time, the second, and so on."""

GIVEN_UP_AFTER = timedelta(hours=24)
"""So long after it was made a message is old news; the letter and the page say the same."""

LOOKED_BACK = timedelta(days=7)
"""Over so many days messages that were given up are told to whoever runs the site."""

ROUND = timedelta(seconds=50)
"""So long a round takes at most, and what one message takes; the next begins with the next minute."""

_LOCK = 0x6A7A7478  # "jztx": the advisory lock of a round
_TROUBLE = 3  # so many in a row that are not taken: the gateway is away, and the rest waits


def send_texts() -> int:
    """Hand over the messages whose time has come, for a ROUND; how many the gateway took. None outside HOURS,
    without a gateway, or while another process hands over."""
    if not settings.SMS_GATEWAY:
        return 0
    with _alone() as alone:
        return _round() if alone else 0


def stuck_texts() -> tuple[int, list[int]]:
    """How many messages have waited for longer than they may, and the numbers of those given up lately, the
    latest first. None where there is no gateway and none is wanted: the demo sends nothing."""
    if settings.DEMO and not settings.SMS_GATEWAY:
        return 0, []
    texts, now = Notice.objects.filter(transport="sms"), timezone.now()
    waiting = texts.filter(state=Notice.State.QUEUED, made__lt=now - GIVEN_UP_AFTER).exclude(PUT_OFF)
    given_up = texts.filter(state=Notice.State.FAILED, made__gt=now - LOOKED_BACK)
    return waiting.count(), list(given_up.order_by("-pk").values_list("pk", flat=True))


@receiver(retention_due, dispatch_uid="notices.phones")
def forget_phones(sender: object, **_: object) -> None:
    """The number that was given for a message goes when it is too old to be sent, whatever became of it: it
    may wait for a gateway that was switched off."""
    old = timezone.now() - GIVEN_UP_AFTER
    Notice.objects.filter(transport="sms", phone__isnull=False, made__lt=old).update(phone=None)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process hands over, of all workers. Ends with the process: a lock of Procrastinate's own
    would outlast a killed worker, and no message would go out any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        alone = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _round() -> int:
    taken = trouble = 0
    end = time.monotonic() + ROUND.total_seconds()
    while (
        trouble < _TROUBLE
        and time.monotonic() < end
        and timezone.localtime().hour in HOURS
        and (notice := _claim())
    ):
        message = sms.message(notice)
        outcome = sms.send(message) if message else sms.Outcome.REFUSED
        _conclude(notice.pk, outcome)
        taken += outcome is sms.Outcome.ACCEPTED
        trouble = trouble + 1 if outcome is sms.Outcome.LATER else 0
    return taken


def _claim() -> Notice | None:
    """The next message that is due, true and not too old. It is put off before it is posted."""
    while True:
        with transaction.atomic():
            now = timezone.now()
            notice = (
                Notice.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("person")
                .filter(Q(next_try=None) | Q(next_try__lte=now), transport="sms", state=Notice.State.QUEUED)
                .exclude(PUT_OFF)
                .order_by("pk")
                .first()
            )
            if notice is None:
                return None
            if not Notice.objects.filter(TRUE, pk=notice.pk).exists():
                _end(notice.pk, Notice.State.WITHDRAWN)
            elif now - notice.made > GIVEN_UP_AFTER:
                _end(notice.pk, Notice.State.FAILED)
            else:
                wait = AGAIN_AFTER[min(notice.tries, len(AGAIN_AFTER) - 1)]
                notice.tries, notice.next_try = notice.tries + 1, now + wait
                notice.save(update_fields=["tries", "next_try"])
                return notice


@transaction.atomic
def _conclude(number: int, outcome: sms.Outcome) -> None:
    notice = lock_notice(number)
    if notice.state != Notice.State.QUEUED or outcome is sms.Outcome.LATER:
        return
    if outcome is sms.Outcome.REFUSED:
        _end(number, Notice.State.FAILED)
        return
    if Notice.objects.filter(TRUE, pk=number).exists():
        sent([notice], Actor.SYSTEM, today())
    _end(number, Notice.State.SENT)


def _end(number: int, state: Notice.State) -> None:
    """The number that was given for the message goes with its end."""
    Notice.objects.filter(pk=number).update(
        state=state, phone=None, sent=timezone.now() if state == Notice.State.SENT else None
    )
