"""Taking in what was received: whom it is about, and that their pause is held from the day they came."""

from __future__ import annotations

import cv2

from jianzai.audit.services import Actor, record
from jianzai.certification.queries import standing_of
from jianzai.faces.video import Unusable, decode_jpeg
from jianzai.offline.content import Content
from jianzai.offline.forms import Taken
from jianzai.offline.models import Arrival
from jianzai.registry.access import within
from jianzai.registry.identity import normalised
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.names import comparable
from jianzai.registry.people import identity_lookup

from ..errors import NotFilledIn
from ..models import Received, Typed, seal_pictures, seal_typed
from .settling import duty_of, hold, may_prove, may_void, settle

PAPER, FACE = "paper", "face"
"""The names of pictures: of what the person brought, and of the person."""

_LARGEST = 50_000_000  # pixels
_QUALITY = 85  # of the JPEG


def take(arrival: Arrival, content: Content, actor: Actor) -> Taken:
    """Keep what a counter received, within the transaction that notes its arrival.

    The pause of a known person is held from the day received. Raises NotFilledIn.
    """
    fields = content.fields
    typed = Typed(
        *(
            fields.get(name, "").strip()[:length]
            for name, length in (("name", 100), ("number", 30), ("document", 100), ("note", 500))
        )
    )
    if not (typed.name and typed.number and typed.document):
        raise NotFilledIn()
    officer = arrival.key.staff
    person = whom(officer, typed)
    papers = _kept(content.named(PAPER))
    faces = _kept(content.named(FACE)) if fields.get("agreed") else []
    received = Received.objects.create(
        arrival=arrival,
        officer=officer,
        area=person.area if person else officer.area,
        person=person,
        day=arrival.received_on,
        typed=seal_typed(arrival, typed),
        pictures=seal_pictures(arrival, papers + faces),
        papers=len(papers),
    )
    record(
        "counter.received",
        actor,
        person=person,
        area=received.area_id,
        receipt=arrival.receipt,
        day=received.day,
        known=person is not None,
    )
    return know(received, person, actor) if person else Taken(Arrival.State.RECEIVED, "counter.told_unknown")


def know(received: Received, person: Beneficiary, actor: Actor) -> Taken:
    """``received`` turns out to be about ``person``: hold their pause, unless there is nothing to hold."""
    received.person, received.area = person, person.area
    if not person.died_on or person.obligations.exists():
        received.obligation = duty_of(person, received.day)
    received.save(update_fields=["person", "area", "obligation"])
    if person.died_on:
        if received.obligation and may_prove(received):
            return Taken(Arrival.State.RECEIVED, "counter.told_waiting")
        settle(received, Received.State.OVERTAKEN, actor)
        return Taken(Arrival.State.NOTED, "counter.told_dead")
    if standing_of(received.obligation).certified_on and not may_void(received):
        settle(received, Received.State.OVERTAKEN, actor)
        return Taken(Arrival.State.NOTED, "counter.told_overtaken")
    hold(received, actor)
    return Taken(Arrival.State.RECEIVED, "counter.told_waiting")


def whom(officer: Staff, typed: Typed) -> Beneficiary | None:
    """The one person of the officer's area who has the number that was typed and the name."""
    people = within(officer, Beneficiary.objects.select_related("area"))
    found = list(people.filter(personal_number=typed.number)[:2])
    if not found and normalised(typed.number):
        found = list(people.filter(identity_lookup=identity_lookup(typed.number))[:2])
    same = [each for each in found if comparable(each.name) == comparable(typed.name)]
    return same[0] if len(found) == 1 and same else None


def _kept(pictures: list[bytes]) -> list[bytes]:
    """The pictures, drawn anew so that nothing a camera wrote beside them stays; what is none is left out."""
    kept = []
    for jpeg in pictures:
        try:
            image = decode_jpeg(jpeg, _LARGEST)
        except Unusable:
            continue
        kept.append(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes())
    return kept
