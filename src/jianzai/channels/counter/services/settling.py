"""Holding a pause for what was received, and letting go of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.benefits.queries import withheld_at_death
from jianzai.benefits.signals import death_withdrawn, died
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import standing_of
from jianzai.certification.services import lock_standing, policy_of, record_event, required_obligation
from jianzai.certification.signals import certified, face_forgotten
from jianzai.clock import today
from jianzai.entitlement import HoldClosed, HoldKind, HoldOpened, ResumptionRule
from jianzai.offline.models import Arrival
from jianzai.offline.services import conclude
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..errors import Settled
from ..models import Received, seal_pictures

HOLDS_FOR = timedelta(days=365)
"""So long what was received may hold the pause; the office judges it within days, the oldest first."""

KEEP = timedelta(days=60)
"""So long pictures and what was typed can be looked at after a clerk decided, for somebody who objects."""

_TOLD = {
    Received.State.CERTIFIED: (Arrival.State.CERTIFIED, "counter.told_certified"),
    Received.State.REFUSED: (Arrival.State.REFUSED, "counter.told_refused"),
    Received.State.OVERTAKEN: (Arrival.State.NOTED, "counter.told_overtaken"),
    Received.State.LAPSED: (Arrival.State.REFUSED, "counter.told_lapsed"),
}


def duty_of(person: Beneficiary, day: date) -> Obligation:
    """The obligation that something received on ``day`` is about, locked. Raises NoCycle."""
    known = person.obligations.order_by("cycle__year")
    latest = known.last() if person.died_on else required_obligation(person)
    first = known.first()
    locked = lock_standing(first)
    return next((each for each in reversed(locked) if standing_of(each).opens <= day), latest)


def locked(received: Received) -> Received:
    """``received``, locked after the obligation it is about. Raises Settled."""
    known = Received.objects.select_related("obligation").get(pk=received.pk)
    if known.obligation:
        lock_standing(known.obligation)
    rows = Received.objects.select_for_update(of=("self",)).select_related(
        "person__area", "arrival", "officer__user", "obligation"
    )
    found = rows.get(pk=received.pk)
    if found.state != Received.State.RECEIVED:
        raise Settled()
    return found


def hold(received: Received, actor: Actor) -> None:
    """Hold the pause from the day on which it was received. Within the caller's transaction."""
    received.holds_until = today() + HOLDS_FOR
    received.save(update_fields=["holds_until"])
    held = HoldOpened(on=received.day, until=received.holds_until, kind=HoldKind.FORM, case=received.case)
    record_event(received.obligation, held, actor)


def settle(
    received: Received,
    state: Received.State,
    actor: Actor,
    *,
    release_on: Obligation | None = None,
    staff: Staff | None = None,
    finding: str = "",
    keep: bool = False,
) -> None:
    """End locked ``received`` in ``state``, and its hold on ``release_on``, by default its own obligation.

    What was typed and shown goes at once, unless ``keep``.
    """
    release_on = release_on or received.obligation
    received.state, received.settled_on, received.decided_by = state, today(), staff
    received.finding = finding.strip()
    received.released = release_on is None or release_on.pk == received.obligation_id
    if keep:
        received.keep_until = today() + KEEP
    else:
        received.typed = received.pictures = None
    received.save()
    if release_on is not None:
        release(received, release_on, actor)
    told, sentence = _TOLD[state]
    if state is Received.State.OVERTAKEN and received.person and received.person.died_on:
        sentence = "counter.told_dead"
    conclude(received.arrival, told, sentence)
    record(
        "counter.settled",
        actor,
        person=received.person,
        area=received.area_id,
        receipt=received.arrival.receipt,
        state=state,
    )


def release(received: Received, obligation: Obligation, actor: Actor) -> None:
    """Close the hold of ``received`` where it stands open on ``obligation``."""
    holds = standing_of(Obligation.objects.get(pk=obligation.pk)).holds
    if any(each.case == received.case and each.closed_on is None for each in holds):
        record_event(obligation, HoldClosed(on=today(), case=received.case), actor)


def may_void(received: Received) -> bool:
    """Whether judging what was received could pay what a pause withheld, though the person is certified.

    Where the rule pays from the month after, a pause ordered since costs months; received before it was
    ordered, it was void. The pause may stand in a later cycle, which took the duty over.
    """
    duties = Obligation.objects.select_related("cycle").filter(
        person_id=received.person_id, cycle__year__gte=received.obligation.cycle.year
    )
    return any(
        (pause := standing_of(each).pause)
        and received.day < pause.ordered_on
        and policy_of(each.cycle).resumption is ResumptionRule.MONTH_AFTER
        for each in duties
    )


def may_prove(received: Received) -> bool:
    """Whether what was received of somebody recorded dead has to be looked at all the same.

    Met before the death, it may earn the estate what a pause withheld; met on a later day than the recorded
    one, it contradicts the record.
    """
    person = received.person
    return received.day > person.died_on or withheld_at_death(person) or may_void(received)


@receiver(certified, dispatch_uid="counter.certified")
def overtake(sender: object, obligation: Obligation, certification: Certification, actor: Actor, **_) -> None:
    """Certified some other way than by itself: there is nothing to judge any more, but for ``may_void``.

    A hold on an earlier cycle's obligation is left to ``release_left``, since the oldest is locked first.
    """
    due = (
        Received.objects.select_for_update(of=("self",))
        .select_related("person", "arrival", "obligation")
        .filter(
            person_id=obligation.person_id,
            state=Received.State.RECEIVED,
            obligation__cycle__year__lte=obligation.cycle.year,
        )
    )
    for received in due:
        itself = received.arrival.receipt == certification.evidence.get("receipt")
        if not itself and not may_void(received):
            settle(received, Received.State.OVERTAKEN, actor, release_on=obligation)


@receiver(died, dispatch_uid="counter.died")
def nobody_to_certify(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """The person died: nothing is left to judge, but for what ``may_prove`` something. That waits."""
    _settle_all(person, actor, but_for=may_prove)


@receiver(death_withdrawn, dispatch_uid="counter.death_withdrawn")
@transaction.atomic
def hold_again(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """They did not die: what came in while they stood as dead holds the pause like any other."""
    for received in Received.objects.filter(person=person, state=Received.State.RECEIVED, holds_until=None):
        received = locked(received)
        received.obligation = duty_of(person, received.day)
        received.save(update_fields=["obligation"])
        if not standing_of(received.obligation).certified_on:
            hold(received, actor)


@receiver(replaced, dispatch_uid="counter.replaced")
def somebody_else(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """Somebody else stands under the number of ``person``."""
    _settle_all(person, actor)


@transaction.atomic
def _settle_all(
    person: Beneficiary, actor: Actor, but_for: Callable[[Received], bool] = lambda received: False
) -> None:
    for received in Received.objects.filter(person=person, state=Received.State.RECEIVED):
        received = locked(received)
        if not but_for(received):
            settle(received, Received.State.OVERTAKEN, actor)


@receiver(face_forgotten, dispatch_uid="counter.face_forgotten")
@transaction.atomic
def forget_face(sender: object, person: Beneficiary, **_: object) -> None:
    """Pictures of the face go with the consent; those of papers are the paper's."""
    rows = Received.objects.select_for_update(of=("self",)).select_related("arrival")
    for received in rows.filter(person=person, pictures__isnull=False):
        received.pictures = seal_pictures(received.arrival, received.shown[: received.papers])
        received.save(update_fields=["pictures"])
