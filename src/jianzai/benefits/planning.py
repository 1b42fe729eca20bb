"""Who a sweep pauses and who it leaves out: read from the database, judged by the rules, nothing written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, Substr

from jianzai.certification.models import Cycle, Obligation
from jianzai.certification.services import policy_of
from jianzai.entitlement import Month, PauseVerdict, Policy, Standing, Status, effective_month, may_pause
from jianzai.registry.models import Area, Beneficiary

from .models import Benefit

DISTRICT = 6
"""Digits of a GB/T 2260 code that name the district 县级行政区."""

OVER_CAP = "over_cap"
"""The reason to leave somebody out that is this app's own; the others are jianzai.entitlement.Reason."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to pause: ids of person and obligation, and the first month that is not paid."""

    person: int
    obligation: int
    effective_month: Month


@dataclass(slots=True)
class District:
    """What a sweep does in one district. ``people`` live there in all, ``limit`` is how many it may pause."""

    code: str  # 6 digits
    name: str
    people: int
    limit: int | None = None
    overdue: int = 0
    chosen: int = 0


@dataclass(slots=True)
class SweepReport:
    """A dry run. ``left_out`` counts the overdue who are not paused, by every reason that applies to them.

    Reasons are values of jianzai.entitlement.Reason, and ``over_cap``.
    """

    as_of: date
    area: str
    cap: int | None
    overdue: int = 0
    chosen: int = 0
    monthly_fen: int = 0  # pension a month of those chosen
    two_person_release: bool = False
    left_out: dict[str, int] = field(default_factory=dict)
    districts: list[District] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}


@dataclass(frozen=True, slots=True)
class Plan:
    report: SweepReport
    people: list[Candidate]


def plan(as_of: date, area: Area, cap: int | None, *, by_date_alone: bool = False) -> Plan:
    """Whom a sweep pauses as of a day, those longest overdue first; ``by_date_alone`` for the automatic one.

    In each district at most ``cap`` people, and at most the share of its people that the policy sets, so
    that a broken import does not stop a whole town.
    """
    report = SweepReport(as_of, area.code, cap)
    districts = {district.code: district for district in _districts(area)}
    left_out: Counter[str] = Counter()
    people = []
    policies = {cycle.pk: policy_of(cycle) for cycle in Cycle.objects.all()}

    @cache
    def judge(cycle: int, standing: str) -> PauseVerdict:
        """Most people who are overdue stand exactly alike: each way to stand is read and judged once."""
        known = Standing.from_dict(json.loads(standing))
        return may_pause(policies[cycle], known, as_of, by_date_alone=by_date_alone)

    columns = ("id", "person_id", "person__area_id", "person__monthly_fen", "cycle_id")
    rows = overdue(area, as_of).values_list(*columns, Cast("standing", TextField()))
    for obligation, person, code, monthly_fen, cycle, standing in rows.iterator(chunk_size=2000):
        district = districts[code[:DISTRICT]]
        policy = policies[cycle]
        district.overdue += 1
        verdict = judge(cycle, standing)
        if not verdict.allowed:
            left_out.update(map(str, verdict.reasons))
            continue
        district.limit = _limit(policy, district, cap)
        if district.chosen >= district.limit:
            left_out[OVER_CAP] += 1
            continue
        district.chosen += 1
        report.monthly_fen += monthly_fen
        report.two_person_release |= policy.two_person_release
        people.append(Candidate(person, obligation, effective_month(policy, as_of)))
    report.districts = [district for district in districts.values() if district.overdue]
    report.overdue = sum(district.overdue for district in report.districts)
    report.chosen = len(people)
    report.left_out = dict(left_out.most_common())
    return Plan(report, people)


def overdue(area: Area, as_of: date) -> QuerySet[Obligation]:
    """The latest obligation of everyone in ``area`` who is paid and did not certify in time, by due date."""
    newer = Obligation.objects.filter(person=OuterRef("person"), cycle__year__gt=OuterRef("cycle__year"))
    return (
        Obligation.objects.filter(
            person__area__code__startswith=area.prefix,
            person__died_on__isnull=True,
            status__in=(Status.DUE, Status.HELD),
            due__lt=as_of,
        )
        .exclude(Exists(newer))
        .exclude(
            Exists(Benefit.objects.filter(person=OuterRef("person")).exclude(state=Benefit.State.PAYING))
        )
        .order_by("due", "id")
    )


def _limit(policy: Policy, district: District, cap: int | None) -> int:
    share = policy.area_batch_cap(district.people)
    return share if cap is None else min(cap, share)


def _districts(area: Area) -> Iterator[District]:
    living = Beneficiary.objects.filter(area__code__startswith=area.prefix, died_on__isnull=True)
    counted = (
        living.annotate(district=Substr("area_id", 1, DISTRICT))
        .values_list("district")
        .order_by("district")
        .annotate(people=Count("id"))
    )
    names = dict(Area.objects.filter(code__endswith="000000").values_list("code", "name"))
    for code, people in counted:
        yield District(code, names.get(f"{code}000000", code), people)
