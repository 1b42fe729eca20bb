"""Reference faces: kept, confirmed, rejected."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.faces import Reference
from jianzai.registry.models import Beneficiary, Staff
from jianzai.worker import hand_over

from ..engine import forget_cohorts
from ..errors import FindingMissing
from ..gallery import forget_galleries
from ..models import Consent, Lookalike, ReferenceFace, ReviewCase
from ..sealing import seal_picture, seal_reference
from .reviews import close_case, open_case


@transaction.atomic
def keep_reference(
    person: Beneficiary,
    reference: Reference,
    picture: bytes,
    actor: Actor,
    *,
    consent: Consent | None,
    made_by: Staff | None = None,
    confirmed_by: Staff | None = None,
    ground: str = "",
) -> ReferenceFace:
    """Keep a new reference of ``person``: active where somebody confirms it, else pending, with a case.

    At a counter that is the clerk who saw person and card; whoever else confirms it says on which ``ground``.
    What it replaces loses its templates: nobody needs them any more.
    """
    state = ReferenceFace.State.ACTIVE if confirmed_by else ReferenceFace.State.PENDING
    _retire(person, state)
    row = ReferenceFace.objects.create(
        person=person,
        pack=reference.pack,
        state=state,
        templates=seal_reference(person.key, reference),
        clips=list(reference.clips),
        quality=reference.quality,
        picture=seal_picture(person.key, picture),
        consent=consent,
        made_by=made_by,
        confirmed=timezone.now() if confirmed_by else None,
        confirmed_by=confirmed_by,
    )
    told = {"ground": ground} if ground else {}
    record(
        "certification.modelled",
        actor,
        person=person,
        reference=str(row.pk),
        state=state,
        pack=row.pack,
        **told,
    )
    if state == ReferenceFace.State.PENDING:
        open_case(person, None, ReviewCase.Kind.NEW_REFERENCE, actor, reference=row)
    hand_over("jianzai.certification.tasks.compare_with_everybody", reference=str(row.pk))
    return row


@transaction.atomic
def confirm_reference(
    case: ReviewCase, staff: Staff, finding: str, actor: Actor, *, seen: str
) -> ReferenceFace:
    """Make the pending reference of ``case`` active: ``staff`` compared it with the card or the person.

    ``seen`` is the case's ``shown`` when they looked. Raises CaseClosed, CaseChanged, FindingMissing without
    how it was compared.
    """
    if not finding.strip():
        raise FindingMissing()
    case = close_case(case, ReviewCase.State.APPROVED, actor, staff=staff, finding=finding, seen=seen)
    reference = ReferenceFace.objects.select_for_update().get(pk=case.reference_id)
    _retire(case.person, ReferenceFace.State.ACTIVE)
    reference.state, reference.confirmed, reference.confirmed_by = (
        ReferenceFace.State.ACTIVE,
        timezone.now(),
        staff,
    )
    reference.save(update_fields=["state", "confirmed", "confirmed_by"])
    record("certification.reference_confirmed", actor, person=case.person, reference=str(reference.pk))
    return reference


@transaction.atomic
def reject_reference(
    case: ReviewCase, staff: Staff, finding: str, actor: Actor, *, seen: str
) -> ReferenceFace:
    """Reject the reference of ``case``, pending or found to be somebody else's; delete its templates.

    Raises CaseClosed, CaseChanged, FindingMissing.
    """
    if not finding.strip():
        raise FindingMissing()
    case = close_case(case, ReviewCase.State.REJECTED, actor, staff=staff, finding=finding, seen=seen)
    reference = ReferenceFace.objects.select_for_update().get(pk=case.reference_id)
    rejected = {"state": ReferenceFace.State.REJECTED, **ReferenceFace.WITHOUT_FACE}
    for field, value in rejected.items():
        setattr(reference, field, value)
    reference.save(update_fields=list(rejected))
    transaction.on_commit(forget_cohorts)
    transaction.on_commit(forget_galleries)
    record("certification.reference_rejected", actor, person=case.person, reference=str(reference.pk))
    return reference


@transaction.atomic
def revoke_references(person: Beneficiary, actor: Actor) -> None:
    """Delete every model of ``person`` in use, pending ones too, before a new one is there.

    For one that is in doubt, or whose row may be in wrong hands. The consent stands, so that the same act can
    go on to model anew; until that succeeds the person certifies without a face.
    """
    in_use = (ReferenceFace.State.ACTIVE, ReferenceFace.State.PENDING)
    rows = list(person.references.select_for_update().filter(state__in=in_use))
    for state in in_use:
        _retire(person, state)
    for case in person.cases.filter(
        state=ReviewCase.State.OPEN, kind__in=(ReviewCase.Kind.NEW_REFERENCE, ReviewCase.Kind.LOOKALIKE)
    ):
        close_case(case, ReviewCase.State.OVERTAKEN, actor)
    Lookalike.objects.filter(Q(reference__in=rows) | Q(person=person)).delete()
    transaction.on_commit(forget_cohorts)
    transaction.on_commit(forget_galleries)
    record("certification.reference_revoked", actor, person=person, references=[str(row.pk) for row in rows])


def _retire(person: Beneficiary, state: str) -> None:
    person.references.select_for_update().filter(state=state).update(
        state=ReferenceFace.State.REPLACED, **ReferenceFace.WITHOUT_FACE
    )
