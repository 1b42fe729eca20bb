"""Keys of a day, and taking in what they sealed: once, however often it comes."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.certification.signals import retention_due
from jianzai.clock import today
from jianzai.registry.models import Staff
from jianzai.vault import vault

from .content import bound, unseal
from .errors import KeyOver, NotThisKey, NotYourKey, NumberTaken
from .forms import form_named
from .models import KEY, NUMBERS, Arrival, DayKey

TAKES_FOR = timedelta(days=7)
"""So long after its day what a key sealed comes in; then the key is destroyed."""

_CLOCKS_DIFFER = timedelta(minutes=5)
_log = logging.getLogger(__name__)


@transaction.atomic
def issue_key(staff: Staff, device: UUID, actor: Actor) -> DayKey:
    """The key of today for one device of ``staff``; asked for again, it is the same one."""
    now = timezone.now()
    local = timezone.localtime(now)
    expires = timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), datetime.min.time()))
    made = DayKey(
        staff=staff, device=device, day=today(), issued=now, expires=expires, takes_until=expires + TAKES_FOR
    )
    made.key = vault().seal(secrets.token_bytes(32), owner=str(made.token), purpose=KEY)
    with suppress(IntegrityError), transaction.atomic():
        made.save()
        record("offline.key_issued", actor, area=staff.area_id, key=made.pk, day=made.day)
        return made
    return DayKey.objects.get(staff=staff, device=device, day=today())


def keys_of(staff: Staff, device: UUID) -> list[DayKey]:
    """The keys of ``staff`` on a device that still take something in, the newest first."""
    rows = DayKey.objects.filter(staff=staff, device=device, takes_until__gte=timezone.now())
    return list(rows.exclude(key=None))


def receive(
    staff: Staff, key_id: int, item: UUID, number: int, form: str, sealed: bytes, actor: Actor
) -> Arrival:
    """Take in one item that a device of ``staff`` sealed. The same item again is the same arrival.

    Raises NotYourKey, KeyOver, NotThisKey, NumberTaken, and what its form refuses with; nothing is kept then.
    What cannot be judged now is received all the same: its way judges it later, and none waits behind it.
    """
    arrival = _take(staff, key_id, item, number, form, sealed, actor)
    if arrival.state == Arrival.State.RECEIVED:
        try:
            form_named(arrival.form).judge(arrival)
        except Exception:
            _log.exception("arrival %s is not judged", arrival.pk)
        arrival.refresh_from_db()
    return arrival


@transaction.atomic
def _take(staff, key_id, item, number, form, sealed, actor) -> Arrival:
    # Under the key's lock: one item that comes twice at the same moment is taken in once.
    key = DayKey.objects.select_for_update(of=("self",)).filter(pk=key_id, staff=staff).first()
    if key is None:
        raise NotYourKey()
    if known := Arrival.objects.filter(item=item).first():
        if known.key_id != key.pk:
            raise NotThisKey()
        return known
    if key.key is None or key.takes_until < timezone.now():
        raise KeyOver()
    way = form_named(form)
    if way is None or not 1 <= number <= NUMBERS:
        raise NotThisKey()
    content = unseal(key.opened(), sealed, bound(str(key.token), str(item), number, form))
    if Arrival.objects.filter(key=key, number=number).exists():
        raise NumberTaken()
    arrival = Arrival.objects.create(
        item=item, key=key, number=number, form=form, received_on=_received_on(key, content.at)
    )
    record(
        "offline.arrived",
        actor,
        area=staff.area_id,
        receipt=arrival.receipt,
        form=form,
        day=arrival.received_on,
    )
    taken = way.take(arrival, content, actor)
    conclude(arrival, taken.state, taken.sentence, taken.values)
    return arrival


def conclude(arrival: Arrival, state: str, sentence: str, values: dict | None = None) -> None:
    """What came of ``arrival``, as its device is told. Within the caller's transaction."""
    arrival.state, arrival.sentence, arrival.values = state, sentence, values or {}
    arrival.save(update_fields=["state", "sentence", "values"])


def _received_on(key: DayKey, at: float) -> date:
    """The key's day, where the device's clock says that it was received while the key was good.

    Who says otherwise is taken at the day of arrival: the clerk's word is bounded by the key's day.
    """
    try:
        received = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return today()
    latest = min(key.expires, timezone.now() + _CLOCKS_DIFFER)
    return key.day if key.issued - _CLOCKS_DIFFER <= received <= latest else today()


@receiver(retention_due, dispatch_uid="offline.keys")
@transaction.atomic
def destroy_keys(sender: object, **_: object) -> None:
    """Destroy keys that take nothing in any more."""
    DayKey.objects.filter(takes_until__lt=timezone.now()).exclude(key=None).update(key=None)
