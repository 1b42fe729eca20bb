"""One face, many names: every new reference is compared with everybody else's, for a clerk to judge."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.faces.models import packs
from jianzai.registry.models import Staff

from ..errors import FindingMissing
from ..gallery import Candidate, candidates
from ..models import Lookalike, ReferenceFace, ReviewCase
from ..sealing import open_reference
from .reviews import close_case, open_case

MOST = 5  # shown to a clerk
_IN_USE = (ReferenceFace.State.PENDING, ReferenceFace.State.ACTIVE)


def look_for_lookalikes(reference: UUID | str) -> None:
    """Search everybody's references for the face of a new one, and keep whom it noteworthily resembles.

    A pending reference's case shows them before it is confirmed; for one in use a case of its own opens.
    Nobody is refused for it. Again, or for a reference that is no longer in use, nothing.
    """
    rows = ReferenceFace.objects.select_related("person")
    row = rows.filter(pk=reference, searched=None, state__in=_IN_USE).first()
    if row is None:
        return
    found = candidates(
        row.pack, open_reference(row).embeddings, besides=row.person_id, count=MOST, noteworthy_only=True
    )
    _keep(row, found)


def look_for_those_left() -> None:
    """Search for every new reference whose job was lost, the oldest first.

    Those of a pack that is there no more, of which `jianzai check` tells, keep no other waiting.
    """
    left = ReferenceFace.objects.filter(searched=None, state__in=_IN_USE, pack__in=packs()).order_by("made")
    for reference in left.values_list("pk", flat=True):
        look_for_lookalikes(reference)


@transaction.atomic
def _keep(row: ReferenceFace, found: Sequence[Candidate]) -> None:
    # The case before the reference, as those who decide a case lock them.
    list(row.person.cases.select_for_update().filter(state=ReviewCase.State.OPEN))
    waiting = ReferenceFace.objects.select_for_update(of=("self",)).select_related("person")
    row = waiting.filter(pk=row.pk, searched=None, state__in=_IN_USE).first()
    if row is None:
        return
    row.searched = timezone.now()
    row.save(update_fields=["searched"])
    for case in row.person.cases.filter(kind=ReviewCase.Kind.LOOKALIKE, state=ReviewCase.State.OPEN):
        close_case(case, ReviewCase.State.OVERTAKEN, Actor.SYSTEM)  # it was about an earlier reference
    if not found:
        return
    Lookalike.objects.bulk_create(
        Lookalike(
            reference=row, person=one.reference.person, similarity=one.similarity, score=round(one.score, 3)
        )
        for one in found
    )
    record(
        "lookalikes.found",
        Actor.SYSTEM,
        person=row.person,
        reference=str(row.pk),
        people=[str(one.reference.person.key) for one in found],
        similarities=[one.similarity for one in found],
    )
    if row.state == ReferenceFace.State.ACTIVE:
        open_case(row.person, None, ReviewCase.Kind.LOOKALIKE, Actor.SYSTEM, reference=row)


@transaction.atomic
def keep_despite_lookalikes(
    case: ReviewCase, staff: Staff, finding: str, actor: Actor, *, seen: str
) -> ReviewCase:
    """Close ``case``: ``staff`` found that they are different people, the reference stays.

    ``seen`` is the case's ``shown`` when they looked. Raises CaseClosed, CaseChanged, FindingMissing.
    """
    if not finding.strip():
        raise FindingMissing()
    return close_case(case, ReviewCase.State.APPROVED, actor, staff=staff, finding=finding, seen=seen)
