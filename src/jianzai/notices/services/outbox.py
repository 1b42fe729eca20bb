"""The outbox of notices: what is told to whom, and which of it has reached them.

A notice counts as a contact when it is known to have gone out: a letter when staff say that it was posted, a
message on the page when its reader saw it, a text message when the gateway took it. A letter that lies in a
printer and a message nobody opened are no contacts, so that "reached by several means" (社会保险经办条例)
stays true. Staff log their own calls and visits with ``log_contact``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.certification.models import Obligation, ReferenceFace
from jianzai.certification.queries import to_be_modelled_anew
from jianzai.certification.services import lock_standing, record_event
from jianzai.clock import today
from jianzai.entitlement import ContactLogged, Status
from jianzai.registry.models import Area, Beneficiary

from ..kinds import OF_PAYMENT, TO_FAMILY, Kind, still_true
from ..models import Notice, seal_phone
from ..transports import transports
from ..transports.page import Message, message

REMIND_AHEAD = timedelta(days=60)
"""People are reminded from so long before their due date on (a proposal of this project)."""

REMIND_EVERY = timedelta(days=28)
"""Reminders to one person are so far apart at least: three fall before a pause, none is a nuisance."""

STAFF_CHANNELS = ("phone", "visit", "sms", "relative")
"""How staff reach people besides the transports."""

_FALLS = Exists(ReferenceFace.objects.filter(person=OuterRef("person"), falling_since__isnull=False))
"""Whether a new model is still proposed to the person, who may have one by now."""

TRUE = Q(person__died_on__isnull=False, kind__in=TO_FAMILY) | (
    Q(person__died_on__isnull=True)
    & ~Q(kind__in=TO_FAMILY)
    & (~Q(kind=Kind.MODEL_ANEW) | _FALLS)
    & (
        Q(obligation__isnull=True)
        | Q(
            *(
                Q(kind=kind, obligation__status__in=[each for each in Status if still_true(kind, each)])
                for kind in Kind
            ),
            _connector=Q.OR,
        )
    )
)
"""Notices that may still go out (kinds.still_true), as a condition."""

PUT_OFF = Q(person__died_on__isnull=False, kind__in=OF_PAYMENT)
"""Notices that wait meanwhile: the death may have been recorded by mistake (kinds.OF_PAYMENT)."""


@transaction.atomic
def notify(
    person: Beneficiary,
    kind: Kind | str,
    obligation: Obligation | None = None,
    *,
    occasion: str | None = None,
    phone: str = "",
    **values: object,
) -> list[Notice]:
    """Put a notice in the outbox, one for each transport that carries this kind to ``person``.

    occasion: what it is about; the same kind and occasion is told once (default: once a day). phone: where a
    text message goes, if not to the number in the roster. values: what
    fills its sentences in, see ``wording.words``. Returns those that are new; none where the notice is not
    true of the obligation, or to somebody who died; what is for the family, none while they live.
    """
    kind = Kind(kind)
    if bool(person.died_on) != (kind in TO_FAMILY):
        return []
    if obligation and not still_true(kind, Status(obligation.status)):
        return []
    made = []
    for name, transport in transports().items():
        if kind not in transport.KINDS or not transport.reaches(person, phone):
            continue
        notice, new = Notice.objects.get_or_create(
            dedupe=f"{person.pk}:{kind}:{occasion or today().isoformat()}:{name}",
            defaults={
                "person": person,
                "obligation": obligation,
                "kind": kind,
                "transport": name,
                "body": {**values, "dated": today().isoformat()},
                "phone": seal_phone(person, phone) if phone and name == "sms" else None,
            },
        )
        if new:
            made.append(notice)
    return made


def remind(obligation: Obligation, actor: Actor) -> list[Notice]:
    """Remind somebody who has not certified yet, once a day; empty when there is nothing to remind of.

    ``actor`` is who asks for it.
    """
    overdue = obligation.due < today()
    made = notify(
        obligation.person,
        Kind.REMINDER,
        obligation,
        variant="overdue" if overdue else "due",
        due=obligation.due.isoformat(),
        **({"model_anew": True} if to_be_modelled_anew(obligation.person) else {}),
    )
    if made:
        record(
            "notices.reminded", actor, person=obligation.person, transports=[each.transport for each in made]
        )
    return made


def remind_due(actor: Actor, area: Area | None = None) -> int:
    """Remind everyone whose due date is near or past and who heard nothing lately; how many people."""
    lately = timezone.now() - REMIND_EVERY
    told = Notice.objects.filter(person=OuterRef("person"), kind=Kind.REMINDER, made__gt=lately)
    newer = Obligation.objects.filter(person=OuterRef("person"), cycle__year__gt=OuterRef("cycle__year"))
    waiting = (
        Obligation.objects.filter(
            person__died_on__isnull=True,
            status__in=(Status.DUE, Status.HELD),
            due__lte=today() + REMIND_AHEAD,
        )
        .exclude(Exists(newer))
        .exclude(Exists(told))
        .select_related("person")
    )
    if area:
        waiting = waiting.filter(person__area__code__startswith=area.prefix)
    return sum(bool(remind(obligation, actor)) for obligation in waiting.order_by("id"))


@transaction.atomic
def take_back(person: Beneficiary, kinds: Collection[Kind]) -> None:
    """What ``person`` was to be told, or reads on their page, of these kinds is true no more."""
    Notice.objects.filter(
        Q(state=Notice.State.QUEUED) | Q(transport="page"), person=person, kind__in=kinds
    ).update(state=Notice.State.WITHDRAWN, phone=None)


@transaction.atomic
def log_contact(obligation: Obligation, channel: str, actor: Actor) -> Obligation:
    """Staff reached the person or their home by ``channel`` today; one a day and channel counts.

    Raises ValueError for a channel not in STAFF_CHANNELS, jianzai.entitlement.IllegalEvent after a death.
    """
    if channel not in STAFF_CHANNELS:
        raise ValueError(f"{channel!r} is none of {', '.join(STAFF_CHANNELS)}")
    return record_event(obligation, ContactLogged(on=today(), channel=channel), actor)


@transaction.atomic
def messages_for(person: Beneficiary, kinds: Collection[Kind] = frozenset(Kind)) -> list[Message]:
    """What the person is shown on their page, the newest first, and with that has been told.

    Only ``kinds`` that concern their latest obligation and are still true. No money in it, no other data.
    """
    latest = person.obligations.order_by("-cycle__year").first()
    if latest is None:
        return []
    lock_standing(latest)  # before the notices, as lock_notice does
    shown = (
        Notice.objects.select_for_update(of=("self",))
        .filter(TRUE, person=person, transport="page", obligation=latest, kind__in=kinds)
        .exclude(state=Notice.State.WITHDRAWN)
        .order_by("-id")
    )
    sent([notice for notice in shown if notice.state == Notice.State.QUEUED], Actor("person"), today())
    return [message(notice) for notice in shown]


def lock_notice(number: int) -> Notice:
    """The notice of this number, locked after its obligation, so that what is true of it stays so to the end.

    In this order as everywhere: whoever changes an obligation holds it when they take notices back.
    """
    notice = Notice.objects.select_related("obligation").get(pk=number)
    if notice.obligation:
        lock_standing(notice.obligation)
    return Notice.objects.select_for_update().get(pk=number)


def sent(notices: Sequence[Notice], actor: Actor, on: date) -> None:
    """They have reached their readers on a day: logged as contacts with those who have yet to certify."""
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
        state=Notice.State.SENT, sent=timezone.now()
    )
    for notice in notices:
        if notice.obligation and notice.kind in (Kind.REMINDER, Kind.IN_PERSON):
            record_event(notice.obligation, ContactLogged(on=on, channel=notice.transport), actor)
