"""The verbs of fingerprints, each one transaction: the only writers of this app's tables."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.certification.errors import FindingMissing
from jianzai.certification.services import certify, required_obligation
from jianzai.certification.signals import retention_due
from jianzai.clock import today
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from .errors import EnoughFingers, NoConsent, NotEnrolled, TooPoor
from .models import Fingerprint, PrintCheck, PrintConsent, seal_template
from .reading import READER, read

TEXT_VERSION = "1"
"""Of the text people agree to, in ``consent/``; a version never changes."""

THRESHOLD = 112.0
"""From this score on two prints are taken for one finger: 1.15 times the most of 760 pairs of strangers.

Counted on other drawn fingers (``benchmarks/fingerprint.py``), none of 760 pairs of strangers reached it
(95 %: at most 0.48 %), and 21 of 120 pairs of one finger did not; of fingers drawn badly worn, all 120.
"""

FEWEST_MINUTIAE = 20
"""Fewer are no finger to know somebody again by: another one is taken, or another way."""

LOWEST_QUALITY = 40
"""Of 100, as NFIQ 2 counts. Drawn fingers have 72 in the median, badly worn ones, which never match, 34."""


def enrol(
    person: Beneficiary, finger: int, content: bytes, *, agreed: str, staff: Staff, actor: Actor
) -> Fingerprint:
    """Keep ``finger`` (Fingerprint.Finger) of ``person`` from a picture; the same finger again is replaced.

    agreed: the language (zh, en) of the text the person agreed to before ``staff``, empty where they did not.
    Raises NoConsent, EnoughFingers, TooPoor, WrongFile, TooLarge, TooSmall.
    """
    if not agreed:
        raise NoConsent()
    found = read(content)  # outside the transaction: it takes a while
    if found.minutiae < FEWEST_MINUTIAE or found.quality < LOWEST_QUALITY:
        raise TooPoor()
    return _keep(person, finger, found.template, found.quality, agreed, staff, actor)


@transaction.atomic
def _keep(
    person: Beneficiary,
    finger: int,
    template: str,
    quality: int,
    agreed: str,
    staff: Staff,
    actor: Actor,
) -> Fingerprint:
    person = Beneficiary.objects.select_for_update(of=("self",)).get(pk=person.pk)
    kept = {one.finger: one for one in person.prints.all()}
    free = {1, 2} - {one.place for one in kept.values()}
    if finger not in kept and not free:
        raise EnoughFingers()
    consent = person.print_consents.filter(withdrawn=None).first()
    if consent is None:
        consent = PrintConsent.objects.create(
            person=person, text_version=TEXT_VERSION, language=agreed, taken_by=staff
        )
    row = kept.get(finger) or Fingerprint(person=person, finger=finger, place=min(free))
    row.consent, row.reader, row.quality, row.made_by = consent, READER, quality, staff
    row.template = seal_template(person, template, READER)
    row.save()
    record(
        "fingerprint.enrolled",
        actor,
        person=person,
        finger=finger,
        quality=quality,
        consent=consent.text_version,
    )
    return row


def verify(person: Beneficiary, content: bytes, *, document: str, staff: Staff, actor: Actor) -> PrintCheck:
    """Compare a finger of ``person``, whom ``staff`` met with ``document``; certify where it is theirs.

    A finger below the threshold refuses nobody: it is one row, and the clerk goes on another way.
    Raises FindingMissing without a document, NotEnrolled, WrongFile, TooLarge, TooSmall, and what
    ``certification.services.certify`` raises.
    """
    if not document.strip():
        raise FindingMissing()
    kept = list(person.prints.filter(reader=READER).select_related("person"))
    if not kept:
        raise NotEnrolled()
    found = read(content, [one.opened for one in kept])
    score, best = max(zip(found.scores, kept, strict=True), key=lambda pair: pair[0])
    return _decide(person, best, score, found.quality, document.strip(), staff, actor)


@transaction.atomic
def _decide(
    person: Beneficiary,
    best: Fingerprint,
    score: float,
    quality: int,
    document: str,
    staff: Staff,
    actor: Actor,
) -> PrintCheck:
    # Taken back, or taken anew, while it was compared: it says nothing any more.
    if not Fingerprint.objects.select_for_update().filter(pk=best.pk, made=best.made).exists():
        raise NotEnrolled()
    check = PrintCheck(
        person=person,
        officer=staff,
        on=today(),
        finger=best.finger,
        score=score,
        threshold=THRESHOLD,
        quality=quality,
    )
    seen = {"finger": best.finger, "score": round(score, 1), "threshold": THRESHOLD, "quality": quality}
    if check.matched:
        check.certification = certify(
            required_obligation(person),
            "fingerprint",
            actor,
            evidence={"document": document, "reader": READER, **seen},
            officer=staff,
            in_person=True,
        )
    check.save()
    record("fingerprint.compared", actor, person=person, matched=check.matched, **seen)
    return check


@transaction.atomic
def withdraw(person: Beneficiary, actor: Actor) -> None:
    """Take back the consent to fingerprints: they are deleted at once, what was certified stays.

    Again, it changes nothing.
    """
    person = Beneficiary.objects.select_for_update(of=("self",)).get(pk=person.pk)
    deleted = person.prints.all().delete()[0]
    ended = person.print_consents.filter(withdrawn=None).update(withdrawn=timezone.now())
    if deleted or ended:
        record("fingerprint.withdrawn", actor, person=person, fingers=deleted)


@receiver(replaced, dispatch_uid="fingerprint.replaced")
def part_from_prints(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """Somebody else stands under the number of ``person`` from now on: the fingers were the other one's."""
    withdraw(person, actor)


@receiver(retention_due, dispatch_uid="fingerprint.retention")
@transaction.atomic
def forget(sender: object, as_of: date, **_: object) -> None:
    """Delete the fingers of people who died before ``as_of``: nobody is certified by them any more."""
    for person in Beneficiary.objects.filter(died_on__lt=as_of, prints__isnull=False).distinct():
        withdraw(person, Actor.SYSTEM)
