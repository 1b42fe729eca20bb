"""An identity card at the counter: read, corrected, decided, and its portrait compared with the live face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np
from django.db import transaction
from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.benefits.signals import died
from jianzai.certification.engine import cohort, engine
from jianzai.certification.errors import FindingMissing
from jianzai.certification.models import CaptureSession
from jianzai.certification.services.outcomes import actor_of
from jianzai.certification.signals import captured, retention_due
from jianzai.clock import today
from jianzai.faces import Frame, Observations, Reference, similarity
from jianzai.faces.comparison import deciding
from jianzai.faces.video import decode_jpeg
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.people import identity_lookup, identity_number
from jianzai.registry.signals import replaced

from ..cards.fields import FIELDS, ReadField, understood
from ..cards.rules import Check, Register, check, questions
from ..cards.sources import ReadCard
from ..errors import CardChanged, CardOver
from ..models import CardReading

_SMALLEST = 480  # pixels of the longer side a portrait is enlarged to: on the chip it has 126


@dataclass(frozen=True, slots=True)
class Answer:
    """How a clerk decided one question, and why."""

    accepted: bool
    reason: str


@transaction.atomic
def take_card(card: ReadCard, staff: Staff, actor: Actor, person: Beneficiary | None = None) -> CardReading:
    """Keep what was read of a card; of ``person``, else of whoever has its number, where anybody does."""
    reading = CardReading(staff=staff, read_on=today(), by_chip=card.by_chip, person=person)
    number = card.fields.get("number")
    if person is None and number:
        reading.person = Beneficiary.objects.filter(
            identity_kind=Beneficiary.IdentityKind.RESIDENT,
            identity_lookup=identity_lookup(number.text),
            area__code__startswith=staff.area.prefix,
        ).first()
    reading.keep(card.fields)
    if card.portrait:
        reading.keep_portrait(card.portrait)
    reading.save()
    record(
        "station.card_read",
        actor,
        person=reading.person,
        area="" if reading.person else staff.area_id,
        card=reading.pk,
        by_chip=card.by_chip,
    )
    return reading


@transaction.atomic
def choose_person(reading: CardReading, person: Beneficiary, actor: Actor) -> CardReading:
    """Nobody has the card's number: a clerk says whose it may be. Raises CardOver."""
    reading = _open(reading)
    reading.person = person
    reading.save(update_fields=["person"])
    record("station.card_person", actor, person=person, card=reading.pk)
    return reading


@transaction.atomic
def correct_card(reading: CardReading, typed: Mapping[str, str], actor: Actor) -> CardReading:
    """Put what a clerk ``typed`` (by field) in place of what was read wrongly. Raises CardOver."""
    reading = _open(reading)
    read = reading.read
    for field in FIELDS:
        text = understood(field, typed.get(field, ""))
        if text != (read[field].text if field in read else ""):
            read[field] = ReadField(text, corrected=True)
    corrected = sorted(field for field, value in read.items() if value.corrected)
    if corrected != reading.corrected:
        record("station.card_corrected", actor, person=reading.person, card=reading.pk, fields=corrected)
    reading.corrected = corrected
    reading.keep(read)
    reading.save(update_fields=["fields", "corrected"])
    return reading


def checks_of(reading: CardReading) -> list[Check]:
    """What the card says against the register, today. Of an open reading with a person."""
    person = reading.person
    register = Register(person.name, person.sex, person.birth_date, identity_number(person))
    return check({name: value.text for name, value in reading.read.items()}, register, today())


@transaction.atomic
def decide_card(
    reading: CardReading, answers: Mapping[str, Answer], staff: Staff, actor: Actor
) -> CardReading:
    """Decide every question (by its code): accepted where all of them are, else refused; the fields go.

    Told again, it changes nothing. Raises FindingMissing without a reason, CardChanged where the questions
    are others by now, CardOver.
    """
    if CardReading.objects.filter(
        pk=reading.pk, state__in=[CardReading.State.ACCEPTED, CardReading.State.REFUSED]
    ).exists():
        return CardReading.objects.get(pk=reading.pk)
    reading = _open(reading)
    if reading.person is None:
        raise CardOver()
    asked = [one.code for one in questions(checks_of(reading))]
    if set(asked) != set(answers):
        raise CardChanged()
    if not all(answer.reason.strip() for answer in answers.values()):
        raise FindingMissing()
    accepted = all(answer.accepted for answer in answers.values())
    reading.decisions = [
        {"question": code, "accepted": answers[code].accepted, "reason": answers[code].reason.strip()}
        for code in asked
    ]
    reading.state = CardReading.State.ACCEPTED if accepted else CardReading.State.REFUSED
    reading.decided_by, reading.fields = staff, None
    if not accepted:
        reading.portrait = None
    reading.save(update_fields=["decisions", "state", "decided_by", "fields", "portrait"])
    record(
        "station.card_decided",
        actor,
        person=reading.person,
        card=reading.pk,
        state=reading.state,
        corrected=reading.corrected,
        questions={one["question"]: one["accepted"] for one in reading.decisions},
    )
    return reading


@receiver(captured, dispatch_uid="station.portrait")
def compare_portrait(
    sender: object, session: CaptureSession, observations: Observations, **_: object
) -> None:
    """Compare the portrait of a card accepted today with the face that the counter's camera just saw.

    A hint beside what the camera decided: no threshold was ever measured on portraits of cards.
    """
    if session.staff_id is None:
        return
    reading = (
        CardReading.objects.select_for_update(of=("self",))
        .filter(
            person=session.person_id,
            read_on=today(),
            portrait__isnull=False,
            state=CardReading.State.ACCEPTED,
        )
        .first()
    )
    if reading is None:
        return
    similar = _similarity(reading.picture, session, observations)
    if similar is None:
        return
    reading.similarity, reading.portrait = similar, None
    reading.save(update_fields=["similarity", "portrait"])
    record(
        "station.portrait_compared",
        actor_of(session),
        person=session.person,
        card=reading.pk,
        similarity=similar,
    )


@receiver(retention_due, dispatch_uid="station.cards")
@transaction.atomic
def forget_cards(sender: object, as_of: date, **_: object) -> None:
    """What was read of cards goes with its day, decided or not."""
    old = CardReading.objects.filter(read_on__lt=as_of)
    old.filter(state=CardReading.State.OPEN).update(state=CardReading.State.LAPSED, fields=None)
    old.filter(portrait__isnull=False).update(portrait=None)


@receiver(died, dispatch_uid="station.cards_died")
@receiver(replaced, dispatch_uid="station.cards_replaced")
def nobodys_card(sender: object, person: Beneficiary, **_: object) -> None:
    """The person died, or somebody else stands under their number."""
    cards = CardReading.objects.filter(person=person)
    cards.filter(state=CardReading.State.OPEN).update(state=CardReading.State.LAPSED, fields=None)
    cards.update(portrait=None)


def _open(reading: CardReading) -> CardReading:
    found = CardReading.objects.select_for_update(of=("self",)).select_related("person").get(pk=reading.pk)
    if found.state != CardReading.State.OPEN or found.read_on != today():
        raise CardOver()
    return found


def _similarity(jpeg: bytes, session: CaptureSession, live: Observations) -> int | None:
    """0-100, 60 at the pack's own threshold; None where one side shows no face."""
    picture = decode_jpeg(jpeg)
    scale = _SMALLEST / max(picture.shape[:2])
    if scale > 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    faces = engine(session.pack)
    frames = [Frame(picture, 0.0, 0.0)]
    seen = faces.embed_answer(frames, faces.observe(frames))
    embedding = seen.frames[0].embedding
    if embedding is None:
        return None
    portrait = Reference(session.pack, np.stack([embedding]), (1,), 0.0)
    found = faces.compare(live, portrait, cohort(session.pack, session.person_id))
    if found.score is None:
        return None
    score, point = deciding(found, faces.pack)
    return similarity(score, point.same)
