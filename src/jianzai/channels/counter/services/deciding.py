"""Judging what was received: by the face where one was modelled, else by a clerk who did not receive it.

No live face is claimed: which prompts were shown, and when, lay with the device alone. That the person was
there and alive is the word of the clerk who met them, as it is of certifying in person at any counter; the
comparison adds that the pictures show whom the roster means.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.certification.engine import at_work, cohort, engine
from jianzai.certification.errors import NotEntitled
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import active_reference
from jianzai.certification.sealing import open_reference
from jianzai.certification.services import certify, valid_consent
from jianzai.entitlement import IllegalEvent
from jianzai.faces import Frame, decode_jpeg
from jianzai.faces.comparison import anchored, decide, deciding, similarity
from jianzai.faces.types import Decision
from jianzai.notices.kinds import Kind
from jianzai.notices.services import notify
from jianzai.offline.models import Arrival
from jianzai.offline.services import conclude
from jianzai.registry.models import Beneficiary, Staff

from ..errors import AnotherClerkNeeded, FindingMissing, MetAfterDeath, PersonMissing, Settled
from ..models import Received
from .intake import know
from .settling import locked, settle


def judge_arrival(arrival: Arrival) -> None:
    """Compare the face in what ``arrival`` brought, and certify where it is the person's. Again, nothing."""
    received = Received.objects.select_related("person", "arrival").get(arrival=arrival)
    if received.judged or received.state != Received.State.RECEIVED or received.person is None:
        return
    compared = _compare(received)
    with transaction.atomic():
        try:
            received = locked(received)
        except Settled:
            return
        received.judged, received.compared = True, compared
        received.save(update_fields=["judged", "compared"])
        if compared:
            record(
                "counter.compared", Actor.SYSTEM, person=received.person, receipt=arrival.receipt, **compared
            )
        if compared and compared["decision"] == Decision.SAME:
            # Not of this cycle, or of somebody recorded dead: a clerk sees why.
            with suppress(IllegalEvent, MetAfterDeath), transaction.atomic():
                _certify(received, Actor.SYSTEM)


@transaction.atomic
def accept(
    received: Received, staff: Staff, finding: str, actor: Actor, person: Beneficiary | None = None
) -> Certification | None:
    """``staff`` looked and finds that the person was there: certify as of the day received.

    ``person``: whom it is about, where that was not known. None where that person is certified already or
    died. Told again by the same clerk, it is the same certification. Raises FindingMissing, PersonMissing,
    AnotherClerkNeeded, MetAfterDeath, Settled.
    """
    if not finding.strip():
        raise FindingMissing()
    if done := Received.objects.filter(
        pk=received.pk, state=Received.State.CERTIFIED, decided_by=staff
    ).first():
        return done.certification
    received = _for_decision(received, staff)
    if received.person is None:
        if person is None:
            raise PersonMissing()
        taken = know(received, person, actor)
        conclude(received.arrival, taken.state, taken.sentence)
        if received.state != Received.State.RECEIVED:
            return None
    return _certify(received, actor, staff, finding)


@transaction.atomic
def refuse(received: Received, staff: Staff, finding: str, actor: Actor) -> Received:
    """``staff`` finds that it proves nothing, for a reason the person is told of. Again, it changes nothing.

    Raises FindingMissing, AnotherClerkNeeded, Settled.
    """
    if not finding.strip():
        raise FindingMissing()
    if done := Received.objects.filter(
        pk=received.pk, state=Received.State.REFUSED, decided_by=staff
    ).first():
        return done
    received = _for_decision(received, staff)
    settle(received, Received.State.REFUSED, actor, staff=staff, finding=finding, keep=True)
    if received.person:
        notify(
            received.person,
            Kind.RECEIVED_REFUSED,
            Obligation.objects.get(pk=received.obligation_id),
            occasion=received.case,
            day=received.day.isoformat(),
            receipt=received.arrival.receipt,
        )
    return received


def _for_decision(received: Received, staff: Staff) -> Received:
    if received.officer_id == staff.pk:
        raise AnotherClerkNeeded()
    return locked(received)


def _certify(
    received: Received, actor: Actor, staff: Staff | None = None, finding: str = ""
) -> Certification | None:
    """Certify by locked ``received``; None where it turns out that there is nothing to certify.

    Raises MetAfterDeath.
    """
    died_on = received.person.died_on
    if died_on and received.day > died_on:
        raise MetAfterDeath(day=died_on)
    said = received.said
    evidence = {
        "receipt": received.arrival.receipt,
        "document": said.document,
        "papers": received.papers,
        "arrived": received.arrival.arrived.isoformat(),
        **({"similarity": received.compared["similarity"]} if received.compared else {}),
        **({"second_officer": staff.user.get_username(), "finding": finding.strip()} if staff else {}),
    }
    how = {
        "evidence": evidence,
        "officer": received.officer,
        "in_person": True,
        "on": received.day,
        "for_estate": True,
    }
    try:
        certification = certify(received.obligation, "counter", actor, **how)
    except NotEntitled:
        certification = None
    if certification is None or certification.evidence.get("receipt") != received.arrival.receipt:
        settle(received, Received.State.OVERTAKEN, actor)
        return None
    received.certification = certification
    # Looked at by a clerk, it can be looked at again by who objects; compared alone, the numbers are enough.
    settle(received, Received.State.CERTIFIED, actor, staff=staff, finding=finding, keep=staff is not None)
    return certification


def _compare(received: Received) -> dict | None:
    """What the pictures of the face are found to be; None where there is nothing to compare them with."""
    reference = active_reference(received.person)
    faces = received.shown[received.papers :]
    if not faces or reference is None or valid_consent(received.person) is None:
        return None
    face_engine = engine(reference.pack)
    frames = [Frame(decode_jpeg(jpeg), place * 0.5, place * 0.5) for place, jpeg in enumerate(faces)]
    with at_work:
        seen = face_engine.observe(frames)
    found = face_engine.compare(seen, open_reference(reference), cohort(reference.pack, received.person_id))
    if found.score is None:
        return {"decision": Decision.UNCERTAIN, "similarity": 0, "pack": reference.pack}
    score, point = deciding(found, face_engine.pack)
    return {
        "decision": anchored(decide(score, point), found, point.uncertain),
        "similarity": similarity(score, point.same),
        "pack": reference.pack,
    }
