"""Questions for clerks, and how long each holds a pause."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from django.db import transaction
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.entitlement import HoldClosed, HoldKind, HoldOpened, IllegalEvent, Standing, Status, review_until
from jianzai.registry.access import Permission, may
from jianzai.registry.models import Beneficiary, Staff

from ..errors import (
    CaseChanged,
    CaseClosed,
    DiedBefore,
    FindingMissing,
    NeedsSupervisor,
    NotEntitled,
    PicturesGone,
)
from ..models import Attempt, Certification, Obligation, ReferenceFace, ReviewCase
from ..signals import case_closed
from .cycles import lock_standing, policy_of, record_event


@transaction.atomic
def open_case(
    person: Beneficiary,
    obligation: Obligation | None,
    kind: str,
    actor: Actor,
    *,
    attempt: Attempt | None = None,
    reference: ReferenceFace | None = None,
    note: str = "",
) -> ReviewCase:
    """Open a case, or add to the open one of its kind, which keeps the day its hold ends.

    Failed is not suspended: a case about an obligation holds its pause for the policy's days. Where those
    are used up the case opens without a hold, as one that only meeting the person settles.
    """
    if obligation is not None:
        lock_standing(obligation)  # before the case, as certifying does
    case, new = ReviewCase.objects.select_for_update().get_or_create(
        person=person,
        kind=kind,
        state=ReviewCase.State.OPEN,
        defaults={"obligation": obligation, "attempt": attempt, "reference": reference, "finding": note},
    )
    if not new:
        if case.attempt_id and attempt and case.attempt_id != attempt.pk:
            Attempt.objects.filter(pk=case.attempt_id).update(kept_frames=None, keep_until=None)
        case.attempt, case.reference = attempt or case.attempt, reference or case.reference
        if attempt:  # made in a later cycle, whose obligation took the duty over, hold and all
            case.obligation = obligation or case.obligation
        case.save(update_fields=["attempt", "reference", "obligation"])
        return case
    if obligation is not None:
        standing = Standing.from_dict(obligation.standing)
        until = review_until(policy_of(obligation.cycle), standing, today())
        event = HoldOpened(on=today(), until=until, kind=HoldKind.REVIEW, case=hold_name(case))
        try:
            with transaction.atomic():
                record_event(obligation, event, actor)
            case.holds_until = until
        except IllegalEvent:
            case.holds_until = None
        case.save(update_fields=["holds_until"])
    record("certification.case_opened", actor, person=person, case=case.pk, kind=kind)
    return case


def hold_name(case: ReviewCase) -> str:
    """What the case is called in the obligation's standing."""
    return f"review:{case.pk}"


def _holds(case: ReviewCase) -> bool:
    """Whether the case still stands among the holds: a duty that was met takes its holds along."""
    holds = Standing.from_dict(case.obligation.standing).holds
    return any(hold.case == hold_name(case) for hold in holds)


@transaction.atomic
def close_case(
    case: ReviewCase,
    state: str,
    actor: Actor,
    *,
    staff: Staff | None = None,
    finding: str = "",
    seen: str | None = None,
) -> ReviewCase:
    """Close ``case`` in ``state``: its hold ends, the frames kept for it go.

    ``seen`` is the case's ``shown`` when staff looked. Raises CaseClosed, or CaseChanged where it differs.
    """
    case = _locked(case)
    if case.state != ReviewCase.State.OPEN:
        raise CaseClosed()
    if seen is not None and seen != case.shown:
        raise CaseChanged()
    case.state, case.closed, case.closed_by = state, timezone.now(), staff
    case.finding = finding.strip() or case.finding
    case.save(update_fields=["state", "closed", "closed_by", "finding"])
    if case.attempt_id:
        Attempt.objects.filter(pk=case.attempt_id).update(kept_frames=None, keep_until=None)
    if case.obligation_id and _holds(case):
        record_event(case.obligation, HoldClosed(on=today(), case=hold_name(case)), actor)
    record("certification.case_closed", actor, person=case.person, case=case.pk, kind=case.kind, state=state)
    case_closed.send(ReviewCase, case=case, actor=actor)
    return case


def _locked(case: ReviewCase) -> ReviewCase:
    """``case``, locked after the obligation it is about, as certifying locks them."""
    rows = ReviewCase.objects.select_related("person", "attempt__session", "obligation__cycle")
    if obligation := rows.get(pk=case.pk).obligation:
        lock_standing(obligation)
    return rows.select_for_update(of=("self",)).get(pk=case.pk)


@transaction.atomic
def approve_case(case: ReviewCase, staff: Staff, finding: str, actor: Actor, *, seen: str) -> Certification:
    """Certify by the attempt of ``case``: ``staff`` looked and finds it is the person, alive.

    ``seen`` is the case's ``shown`` when they looked. Raises CaseClosed, CaseChanged, FindingMissing,
    PicturesGone where nothing is left to look at, NeedsSupervisor where liveness failed and staff may not
    overrule it, DiedBefore where by the record the person died before the day of the attempt.
    """
    from .certifying import certify

    if not finding.strip():
        raise FindingMissing()
    case = _locked(case)
    attempt = case.attempt
    if case.state != ReviewCase.State.OPEN:
        raise CaseClosed()
    if attempt is None or case.obligation is None:
        raise NeedsSupervisor()
    if not attempt.live and not may(staff, Permission.OVERRULE_LIVENESS, case.person.area_id):
        raise NeedsSupervisor()
    if attempt.kept_frames is None:
        raise PicturesGone()
    close_case(case, ReviewCase.State.APPROVED, actor, staff=staff, finding=finding, seen=seen)
    evidence = {"similarity": attempt.similarity, "case": case.pk, "finding": finding.strip()}
    try:
        return certify(
            case.obligation,
            attempt.session.channel,
            actor,
            evidence=evidence,
            officer=staff,
            attempt=attempt,
            on=attempt.on,
            for_estate=True,
        )
    except NotEntitled as refused:
        raise DiedBefore(died_on=case.person.died_on, on=attempt.on) from refused


@transaction.atomic
def reject_case(case: ReviewCase, staff: Staff, finding: str, actor: Actor, *, seen: str) -> ReviewCase:
    """Close ``case`` without a certification. Raises CaseClosed, CaseChanged, FindingMissing."""
    if not finding.strip():
        raise FindingMissing()
    return close_case(case, ReviewCase.State.REJECTED, actor, staff=staff, finding=finding, seen=seen)


@transaction.atomic
def refer_to_clerk(person: Beneficiary, actor: Actor, note: str = "") -> ReviewCase:
    """A case for someone who cannot do what the camera asks: a clerk calls them. Raises NoCycle."""
    from .certifying import required_obligation

    obligation = required_obligation(person)
    return open_case(person, obligation, ReviewCase.Kind.FAILED_ATTEMPT, actor, note=note)


def overtake_cases(obligation: Obligation, actor: Actor) -> None:
    """Close what is still open about ``obligation``, since the person is certified."""
    for case in ReviewCase.objects.filter(obligation=obligation, state=ReviewCase.State.OPEN):
        close_case(case, ReviewCase.State.OVERTAKEN, actor)


def expire_cases(as_of: date, actor: Actor = Actor.SYSTEM) -> int:
    """Close the cases whose hold ran out before ``as_of``: they ask for an in-person check. How many."""
    expired = ReviewCase.objects.filter(state=ReviewCase.State.OPEN, holds_until__lt=as_of)
    closed = 0
    for case in expired:
        with suppress(CaseClosed):  # decided at this moment
            close_case(case, ReviewCase.State.IN_PERSON, actor)
            closed += 1
    return closed


def end_holds(as_of: date) -> int:
    """Close holds of other kinds that ran out before ``as_of``, so that counts show it. How many."""
    ended = 0
    for obligation in Obligation.objects.filter(status=Status.HELD):
        for hold in Standing.from_dict(obligation.standing).holds:
            if hold.kind is not HoldKind.REVIEW and hold.closed_on is None and hold.until < as_of:
                record_event(obligation, HoldClosed(on=as_of, case=hold.case), Actor.SYSTEM)
                ended += 1
    return ended
