"""Consent to the use of one's face: given, and taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..engine import forget_cohorts
from ..gallery import forget_galleries
from ..models import (
    Attempt,
    Batch,
    CaptureSession,
    Consent,
    FaceRefusal,
    Lookalike,
    ReferenceFace,
    ReviewCase,
)
from ..signals import face_forgotten
from .reviews import close_case

TEXT_VERSION = "2"
LETS_GROW = frozenset({"2"})
"""Versions of the text that say that a certification may be added to the model of the face."""


@transaction.atomic
def give_consent(
    person: Beneficiary,
    language: str,
    actor: Actor,
    taken_by: Staff | None = None,
    version: str = TEXT_VERSION,
    on_paper: bool = False,
) -> Consent:
    """Record that ``person`` agreed to text ``version`` in ``language`` (zh, en); again, the standing one.

    on_paper: they signed it on paper, which the office keeps. Paper does not answer a refusal, which may be
    younger; who agrees now takes theirs back.
    """
    if not on_paper:
        FaceRefusal.objects.filter(person=person).delete()
    standing = person.consents.filter(withdrawn__isnull=True, text_version=version, language=language).first()
    if standing:
        return standing
    consent = Consent.objects.create(
        person=person, text_version=version, language=language, taken_by=taken_by
    )
    how = {"on_paper": True} if on_paper else {}
    record("certification.consent_given", actor, person=person, version=version, language=language, **how)
    return consent


@transaction.atomic
def offer_newer_text(attempt: Attempt, actor: Actor) -> bool:
    """Whether to ask the person about the newer text, now that they were certified by ``attempt``.

    After one attempt only, and no more once they said that the text they agreed to stays (``keep_text``), so
    that nobody is asked again and again. What they agreed to holds meanwhile.
    """
    consent = attempt.person.consents.select_for_update().filter(withdrawn__isnull=True).first()
    if consent is None or not has_newer_text(consent):
        return False
    if consent.offered != TEXT_VERSION:
        consent.offered, consent.offered_after, consent.kept = TEXT_VERSION, attempt, None
        consent.save(update_fields=["offered", "offered_after", "kept"])
        record("certification.consent_offered", actor, person=attempt.person, version=TEXT_VERSION)
    return consent.offered_after_id == attempt.pk and consent.kept is None


@transaction.atomic
def keep_text(person: Beneficiary, actor: Actor) -> None:
    """The person read the newer text, and the one that they agreed to stays; again, it changes nothing."""
    consent = person.consents.select_for_update().filter(withdrawn__isnull=True).first()
    if consent is None or not has_newer_text(consent):
        return
    if consent.offered == TEXT_VERSION and consent.kept:
        return
    consent.offered, consent.kept = TEXT_VERSION, timezone.now()
    consent.save(update_fields=["offered", "kept"])
    record("certification.consent_kept", actor, person=person, version=consent.text_version)


def has_newer_text(consent: Consent) -> bool:
    """Whether people are asked for more by now than ``consent`` allows, and the office makes use of it."""
    return settings.REFERENCES_GROW and consent.text_version not in LETS_GROW


@transaction.atomic
def withdraw_consent(person: Beneficiary, actor: Actor) -> None:
    """Take back every consent: references, pictures and frames are deleted at once, standings stay.

    What was certified stays certified; the person goes on by the ways without a face and is not asked again.
    """
    FaceRefusal.objects.update_or_create(
        person=person, defaults={"firm": True}, create_defaults={"on": today(), "firm": True}
    )
    references = person.references.exclude(state=ReferenceFace.State.WITHDRAWN)
    withdrawn = _forget_face(person, references, ReferenceFace.State.WITHDRAWN, actor)
    record("certification.consent_withdrawn", actor, person=person, references=withdrawn)


@receiver(replaced)
@transaction.atomic
def part_from_face(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """Somebody of another name and document stands under the number of ``person`` from now on.

    The face, and the consent to its use, were the other one's: both are needed anew. What clerks were to look
    at was too.
    """
    in_use = (ReferenceFace.State.ACTIVE, ReferenceFace.State.PENDING)
    references = person.references.filter(state__in=in_use)
    FaceRefusal.objects.filter(person=person).delete()
    ended = _forget_face(person, references, ReferenceFace.State.REPLACED, actor)
    for case in person.cases.filter(state=ReviewCase.State.OPEN):
        close_case(case, ReviewCase.State.OVERTAKEN, actor)
    record("certification.face_parted", actor, person=person, references=ended)


def _forget_face(person: Beneficiary, references: QuerySet[ReferenceFace], state: str, actor: Actor) -> int:
    """End every consent and what stands on it; ``references`` lose their templates. How many they are."""
    now = timezone.now()
    person.consents.filter(withdrawn__isnull=True).update(withdrawn=now)
    ended = references.update(state=state, **ReferenceFace.WITHOUT_FACE)
    person.modelled_files.all().delete()
    Batch.objects.filter(session__person=person).update(frames=None, embeddings=None)
    Attempt.objects.filter(person=person).update(kept_frames=None, keep_until=None)
    _abandon_captures(person)
    about_the_face = (ReviewCase.Kind.NEW_REFERENCE, ReviewCase.Kind.LOOKALIKE)
    person.cases.filter(kind__in=about_the_face, state=ReviewCase.State.OPEN).update(
        state=ReviewCase.State.OVERTAKEN, closed=now
    )
    Lookalike.objects.filter(Q(reference__person=person) | Q(person=person)).delete()
    transaction.on_commit(forget_cohorts)
    transaction.on_commit(forget_galleries)
    face_forgotten.send(Beneficiary, person=person, actor=actor)
    return ended


def _abandon_captures(person: Beneficiary) -> None:
    """A camera that is open takes no more pictures."""
    person.sessions.filter(state=CaptureSession.State.OPEN).update(
        state=CaptureSession.State.ABANDONED, closed=timezone.now()
    )


@transaction.atomic
def refuse_face(person: Beneficiary, actor: Actor) -> None:
    """Use the face of ``person`` no more and do not ask again; again, it changes nothing.

    Whoever signed in may say so. The model stays, unused and in no search, until the person is recognised or
    met (``withdraw_consent``): others know name and number too. Nobody proposes a new one.
    """
    _, new = FaceRefusal.objects.get_or_create(person=person, defaults={"on": today()})
    if new:
        person.references.filter(falling_since__isnull=False).update(falling_since=None)
        _abandon_captures(person)
        record("certification.face_refused", actor, person=person)
        transaction.on_commit(forget_cohorts)
        transaction.on_commit(forget_galleries)


@transaction.atomic
def allow_face(person: Beneficiary, actor: Actor) -> None:
    """Take back a refusal that a sign-in made: consent, where there is none, is asked for again.

    One that came with a withdrawal stands; a consent before a clerk ends it (``give_consent``).
    """
    if FaceRefusal.objects.filter(person=person, firm=False).delete()[0]:
        record("certification.face_allowed", actor, person=person)
        transaction.on_commit(forget_galleries)


def face_refused(person: Beneficiary) -> bool:
    """Whether the person does not want their face used."""
    return FaceRefusal.objects.filter(person=person).exists()


def valid_consent(person: Beneficiary) -> Consent | None:
    """The latest consent that was not withdrawn."""
    return person.consents.filter(withdrawn__isnull=True).first()
