"""A list of people seen in person: sent by one of the employer's staff, signed by a second, certified."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.certification.errors import NotEntitled
from jianzai.certification.models import Obligation
from jianzai.certification.queries import standing_of
from jianzai.certification.services import certify, lock_standing, record_event, required_obligation
from jianzai.clock import today
from jianzai.entitlement import HoldClosed, HoldKind, HoldOpened
from jianzai.registry.access import own_retirees
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..errors import (
    EverybodyStruckOut,
    FirstSignerGone,
    ListEnded,
    NobodyToList,
    NotYourRetirees,
    SecondSignerNeeded,
    TooManyOnAList,
)
from ..models import SeenList, SeenPerson
from .samples import draw

MOST_ON_A_LIST = 200
"""People; a list is one transaction within one request."""

HOLDS_FOR = timedelta(days=14)
"""So long a list may wait for its second signature, and holds the pause meanwhile."""


@transaction.atomic
def send_list(staff: Staff, keys: Collection[str], actor: Actor) -> SeenList:
    """List the people with these keys as seen in person today; ``staff`` of the employer signs first.

    Whoever is certified already, stands on another list that waits, or died is left out. The same list again
    is the same row. Raises NobodyToList, TooManyOnAList, NotYourRetirees, NoCycle.
    """
    keys = {str(key) for key in keys}
    if len(keys) > MOST_ON_A_LIST:
        raise TooManyOnAList(most=MOST_ON_A_LIST)
    people = list(own_retirees(staff).filter(key__in=keys).order_by("pk"))
    if len(people) < len(keys):
        raise NotYourRetirees()
    if known := _same(staff, people):
        return known
    duties = [required_obligation(person) for person in people]
    # Before the list, as certifying does, and in this order, so that two lists never wait for each other.
    locked = [lock_standing(duty)[0] for duty in duties]
    waiting = set(SeenPerson.objects.filter(person__in=people, waiting=True).values_list("person", flat=True))
    listed = [
        duty
        for duty in locked
        if not duty.person.died_on and not standing_of(duty).certified_on and duty.person_id not in waiting
    ]
    if not listed:
        raise NobodyToList()
    sent = SeenList.objects.create(
        employer=staff.employer,
        area=staff.area,
        day=today(),
        first=staff,
        holds_until=today() + HOLDS_FOR,
    )
    SeenPerson.objects.bulk_create(
        SeenPerson(seen_list=sent, person=duty.person, obligation=duty) for duty in listed
    )
    for duty in listed:
        held = HoldOpened(on=sent.day, until=sent.holds_until, kind=HoldKind.FORM, case=sent.case)
        record_event(duty, held, actor)
        record("station.listed", actor, person=duty.person, list=sent.pk)
    record("station.list_sent", actor, area=sent.area_id, list=sent.pk, people=len(listed))
    return sent


@transaction.atomic
def sign_list(seen_list: SeenList, staff: Staff, actor: Actor, struck: Collection[str] = ()) -> SeenList:
    """Sign as the second: everybody on it is certified as of the day of the list, and a share is sampled.

    struck: keys of people whom ``staff`` does not sign for: they wait no more, and nothing else happens.
    Whoever was certified another way meanwhile stays certified that way. Told again, it changes nothing.
    Raises ListEnded, SecondSignerNeeded, FirstSignerGone, EverybodyStruckOut.
    """
    entries, seen_list = _locked(seen_list)
    if seen_list.state == SeenList.State.SIGNED and seen_list.second_id == staff.pk:
        return seen_list
    if seen_list.state != SeenList.State.SENT or seen_list.holds_until < today():
        raise ListEnded()
    if staff.pk == seen_list.first_id or staff.employer != seen_list.employer:
        raise SecondSignerNeeded()
    if not seen_list.first.user.is_active:
        raise FirstSignerGone()
    evidence = {
        "list": seen_list.pk,
        "first_officer": seen_list.first.user.get_username(),
        "second_officer": staff.user.get_username(),
    }
    signed = [entry for entry in entries if str(entry.person.key) not in set(struck)]
    if entries and not signed:
        raise EverybodyStruckOut()
    _end(seen_list, entries, SeenList.State.SIGNED, actor, second=staff)
    for entry in entries:
        if entry not in signed:
            entry.struck = True
            entry.save(update_fields=["struck"])
            record("station.struck", actor, person=entry.person, list=seen_list.pk)
    certified = []
    for entry in signed:
        # What was seen on the last day of a year is that year's, also where it is signed in the next.
        duties = lock_standing(entry.obligation)
        duty = next((one for one in reversed(duties) if standing_of(one).opens <= seen_list.day), duties[0])
        with suppress(NotEntitled):
            entry.certification = certify(
                duty,
                "station",
                actor,
                evidence=evidence,
                officer=seen_list.first,
                in_person=True,
                on=seen_list.day,
            )
            entry.save(update_fields=["certification"])
            if entry.certification.evidence == evidence:
                certified.append(entry)
    record(
        "station.list_signed",
        actor,
        area=seen_list.area_id,
        list=seen_list.pk,
        people=len(certified),
        sampled=draw(certified, actor),
    )
    return seen_list


@transaction.atomic
def withdraw_list(seen_list: SeenList, actor: Actor) -> SeenList:
    """Take a list back before it is signed by both. Again, it changes nothing. Raises ListEnded."""
    entries, seen_list = _locked(seen_list)
    if seen_list.state == SeenList.State.WITHDRAWN:
        return seen_list
    if seen_list.state != SeenList.State.SENT:
        raise ListEnded()
    _end(seen_list, entries, SeenList.State.WITHDRAWN, actor)
    record("station.list_withdrawn", actor, area=seen_list.area_id, list=seen_list.pk)
    return seen_list


def lapse(as_of: date) -> int:
    """End lists that waited for their second signature until before ``as_of``; how many."""
    ended = 0
    for seen_list in SeenList.objects.filter(state=SeenList.State.SENT, holds_until__lt=as_of):
        with transaction.atomic():
            entries, seen_list = _locked(seen_list)
            if seen_list.state == SeenList.State.SENT:
                _end(seen_list, entries, SeenList.State.LAPSED, Actor.SYSTEM)
                record("station.list_lapsed", Actor.SYSTEM, area=seen_list.area_id, list=seen_list.pk)
                ended += 1
    return ended


@receiver(replaced, dispatch_uid="station.replaced")
@transaction.atomic
def somebody_else(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """Another person stands under the number: the employer did not see them."""
    for entry in SeenPerson.objects.select_related("obligation", "seen_list").filter(
        person=person, waiting=True
    ):
        lock_standing(entry.obligation)
        SeenPerson.objects.filter(pk=entry.pk).update(waiting=False)
        _release(entry.obligation, entry.seen_list.case, actor)


def _same(staff: Staff, people: list[Beneficiary]) -> SeenList | None:
    """The list that ``staff`` sent today with just these people, while it waits."""
    sent = SeenList.objects.filter(first=staff, day=today(), state=SeenList.State.SENT)
    wanted = {person.pk for person in people}
    return next((one for one in sent if set(one.people.values_list("person", flat=True)) == wanted), None)


def _locked(seen_list: SeenList) -> tuple[list[SeenPerson], SeenList]:
    """Who still waits on ``seen_list``, their obligations locked, and then the list itself, locked."""
    waiting = seen_list.people.filter(waiting=True).select_related("obligation", "person")
    entries = list(waiting.order_by("person"))
    for entry in entries:
        lock_standing(entry.obligation)
    rows = SeenList.objects.select_for_update(of=("self",)).select_related("first__user")
    found = rows.get(pk=seen_list.pk)
    still = set(found.people.filter(waiting=True).values_list("pk", flat=True))
    return [entry for entry in entries if entry.pk in still], found


def _end(
    seen_list: SeenList,
    entries: list[SeenPerson],
    state: SeenList.State,
    actor: Actor,
    second: Staff | None = None,
) -> None:
    """End a locked list: nobody on it waits any more, and its holds are closed."""
    seen_list.state, seen_list.second, seen_list.ended_on = state, second, today()
    seen_list.save(update_fields=["state", "second", "ended_on"])
    for entry in entries:
        entry.waiting = False
        entry.save(update_fields=["waiting"])
        _release(entry.obligation, seen_list.case, actor)


def _release(obligation: Obligation, case: str, actor: Actor) -> None:
    """Close the hold ``case`` where it stands open on ``obligation``, which later cycles start from."""
    holds = standing_of(Obligation.objects.get(pk=obligation.pk)).holds
    if any(each.case == case and each.closed_on is None for each in holds):
        record_event(obligation, HoldClosed(on=today(), case=case), actor)
