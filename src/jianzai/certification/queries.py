"""Reads that more than one caller needs."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from jianzai.clock import today
from jianzai.entitlement import LightRule, Policy, Standing, Status, in_person_required, status_on
from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff

from .models import Attempt, Cycle, Obligation, ReferenceFace
from .sealing import open_frames, open_picture


def current_cycle() -> Cycle | None:
    """The latest cycle that was opened."""
    return Cycle.objects.first()


def current_obligation(person: Beneficiary) -> Obligation | None:
    """The person's obligation in the latest cycle, made on the way for someone added since it opened."""
    from .services.cycles import ensure_obligation

    cycle = current_cycle()
    return ensure_obligation(person, cycle) if cycle else None


def policy_of(cycle: Cycle) -> Policy:
    """The policy the cycle was opened under."""
    return Policy.from_dict(cycle.policy)


def light_rule(person: Beneficiary) -> LightRule:
    """Whether screens show ``person`` colours, by the policy of their cycle."""
    obligation = current_obligation(person)
    return policy_of(obligation.cycle).light if obligation else LightRule.OFF


def standing_of(obligation: Obligation) -> Standing:
    """The state machine's state of ``obligation``."""
    return Standing.from_dict(obligation.standing)


def pause_is_held(obligation: Obligation) -> bool:
    """Whether a case holds the pause of ``obligation`` today, so that payment surely goes on meanwhile."""
    return status_on(policy_of(obligation.cycle), standing_of(obligation), today()) is Status.HELD


def must_be_met(obligation: Obligation) -> bool:
    """Whether only meeting the person helps now: no certification from afar is accepted any more."""
    return in_person_required(policy_of(obligation.cycle), standing_of(obligation), today())


def active_reference(person: Beneficiary) -> ReferenceFace | None:
    """The reference the person is verified with."""
    return person.references.filter(state=ReferenceFace.State.ACTIVE).first()


def to_be_modelled_anew(person: Beneficiary) -> bool:
    """Whether the person's scores fall, and no new model waits for a clerk."""
    fall = person.references.filter(falling_since__isnull=False).exists()
    return fall and not person.references.filter(state=ReferenceFace.State.PENDING).exists()


def references_to_make_anew(staff: Staff) -> QuerySet[ReferenceFace]:
    """References in the area of ``staff`` whose people's scores fall, the longest known first."""
    rows = ReferenceFace.objects.filter(falling_since__isnull=False, person__died_on=None)
    rows = within(staff, rows, field="person__area").select_related("person")
    return rows.order_by("falling_since", "made")


def kept_frames(attempt: Attempt) -> list[bytes]:
    """JPEG frames kept for the review of ``attempt``; none once it is over."""
    if attempt.kept_frames is None:
        return []
    return open_frames(attempt.person.key, attempt.kept_frames)


def reference_picture(reference: ReferenceFace) -> bytes | None:
    """The JPEG that was kept with ``reference``."""
    if reference.picture is None:
        return None
    return open_picture(reference.person.key, reference.picture)


@dataclass(frozen=True, slots=True)
class AreaProgress:
    """How many people of one district (6-digit code) stand where in a cycle."""

    code: str
    due: int
    certified: int
    overdue: int
    held: int
    paused: int

    @property
    def total(self) -> int:
        return self.due + self.certified + self.overdue + self.held + self.paused


def progress_by_area(cycle: Cycle, staff: Staff) -> list[AreaProgress]:
    """Counts per district within the area of ``staff``, as of today, without those whose benefit ended."""
    from django.db.models.functions import Left

    day = today()
    rows = (
        within(staff, Obligation.objects.filter(cycle=cycle), field="person__area")
        .annotate(district=Left("person__area", 6))
        .values("district")
        .annotate(
            not_yet=Count("id", filter=Q(status=Status.DUE, due__gte=day)),
            overdue=Count("id", filter=Q(status=Status.DUE, due__lt=day)),
            certified=Count("id", filter=Q(status__in=[Status.CERTIFIED, Status.RESUMED])),
            held=Count("id", filter=Q(status=Status.HELD)),
            paused=Count("id", filter=Q(status=Status.PAUSED)),
        )
        .order_by("district")
    )
    return [
        AreaProgress(
            row["district"], row["not_yet"], row["certified"], row["overdue"], row["held"], row["paused"]
        )
        for row in rows
    ]
