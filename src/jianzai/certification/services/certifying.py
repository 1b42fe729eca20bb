"""The one place where someone becomes certified, whatever the way."""

from __future__ import annotations

import json
import secrets
from datetime import date

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.entitlement import Certified
from jianzai.registry.models import Beneficiary, Staff
from jianzai.vault import vault

from ..errors import FindingMissing, NoCycle, NotEntitled
from ..models import Attempt, Certification, Obligation
from ..signals import certified, proved_again
from .cycles import lock_standing, record_event
from .falling import look_whether_scores_fall
from .reviews import overtake_cases

_SERIAL_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that reads two ways


@transaction.atomic
def certify(
    obligation: Obligation,
    channel: str,
    actor: Actor,
    *,
    evidence: dict,
    officer: Staff | None = None,
    attempt: Attempt | None = None,
    in_person: bool = False,
    on: date | None = None,
    for_estate: bool = False,
) -> Certification:
    """Certify ``obligation``; one certification by any way counts, so again it returns the first one.

    ``on`` is the civil day of the evidence, today unless it was received earlier. ``for_estate``: who died
    is certified too, as of a day on which they lived, since a pause may have withheld what is theirs.
    Raises NotEntitled after a confirmed death otherwise, and
    jianzai.entitlement.IllegalEvent where only meeting the
    person helps and ``in_person`` is false.
    """
    on = on or today()
    locked = lock_standing(obligation)[0]
    found = Certification.objects.filter(obligation=locked).first()
    died_on = locked.person.died_on
    if died_on and not found and not (for_estate and on <= died_on):
        raise NotEntitled()
    if found:
        if not died_on or on <= died_on:
            # The day is known all the same: where twelve months run from the last certification it counts,
            # and a pause ordered after it was void.
            record_event(locked, Certified(on=on, in_person=in_person), actor)
            proved_again.send(
                Certification, obligation=locked, certification=found, channel=channel, on=on, actor=actor
            )
        return found
    record_event(locked, Certified(on=on, in_person=in_person), actor)
    serial = f"{locked.cycle.year}-" + "".join(secrets.choice(_SERIAL_ALPHABET) for _ in range(10))
    certification = Certification.objects.create(
        obligation=locked,
        person=locked.person,
        channel=channel,
        on=on,
        attempt=attempt,
        officer=officer,
        evidence=evidence,
        serial=serial,
        signature=vault().sign(signed_text(serial, locked.person, locked.cycle.year, channel, on)),
    )
    record(
        "certification.certified",
        actor,
        person=locked.person,
        serial=serial,
        channel=channel,
        attempt=attempt and attempt.pk,
    )
    overtake_cases(locked, actor)
    look_whether_scores_fall(certification, actor)
    certified.send(Certification, obligation=locked, certification=certification, actor=actor)
    obligation.standing, obligation.status, obligation.due = locked.standing, locked.status, locked.due
    return certification


def certify_in_person(
    person: Beneficiary, staff: Staff, *, document: str, reason: str, note: str, actor: Actor
) -> Certification:
    """Certify someone whom ``staff`` met with their identity document, without a face.

    ``document``: kind and how it was checked; ``reason``: why without a face; both are kept as evidence.
    Raises FindingMissing where one is empty, NoCycle when none is open.
    """
    if not document.strip() or not reason.strip():
        raise FindingMissing()
    obligation = required_obligation(person)
    evidence = {"document": document.strip(), "reason": reason.strip(), "note": note.strip()}
    return certify(obligation, "in_person", actor, evidence=evidence, officer=staff, in_person=True)


def required_obligation(person: Beneficiary) -> Obligation:
    """The person's obligation in the latest cycle. Raises NoCycle when none is open."""
    from ..queries import current_obligation

    if obligation := current_obligation(person):
        return obligation
    raise NoCycle()


def signed_text(serial: str, person: Beneficiary, year: int, channel: str, on: date) -> bytes:
    """What the signature of a certification covers."""
    return json.dumps([serial, str(person.key), year, channel, on.isoformat()]).encode()
