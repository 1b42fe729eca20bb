"""Consent to the use of one's face: given, and taken back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..engine import forget_cohorts
from ..gallery import forget_galleries
from ..models import Attempt, Batch, CaptureSession, Consent, Lookalike, ReferenceFace, ReviewCase
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

    on_paper: they signed it on paper, which the office keeps.
    """
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
def withdraw_consent(person: Beneficiary, actor: Actor) -> None:
    """Take back every consent: references, pictures and frames are deleted at once, standings stay.

    What was certified stays certified; the person goes on by the ways without a face.
    """
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
    person.sessions.filter(state=CaptureSession.State.OPEN).update(
        state=CaptureSession.State.ABANDONED, closed=now
    )
    about_the_face = (ReviewCase.Kind.NEW_REFERENCE, ReviewCase.Kind.LOOKALIKE)
    person.cases.filter(kind__in=about_the_face, state=ReviewCase.State.OPEN).update(
        state=ReviewCase.State.OVERTAKEN, closed=now
    )
    Lookalike.objects.filter(Q(reference__person=person) | Q(person=person)).delete()
    transaction.on_commit(forget_cohorts)
    transaction.on_commit(forget_galleries)
    face_forgotten.send(Beneficiary, person=person, actor=actor)
    return ended


def valid_consent(person: Beneficiary) -> Consent | None:
    """The latest consent that was not withdrawn."""
    return person.consents.filter(withdrawn__isnull=True).first()
