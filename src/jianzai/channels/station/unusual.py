"""What a supervisor may want to look at: one address, helper or clerk with many people in a short time, odd
hours, the same picture in several captures. A list with counts; nothing follows from it by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, QuerySet
from django.db.models.functions import ExtractHour
from django.utils import timezone

from jianzai.certification.models import Attempt, Certification
from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff

from .peaks import CLOSED, NIGHT, most_at_once

DAYS = (1, 7, 30)
"""Over how many days one can look back."""

_MOST_FINDINGS = 20  # of a kind, the largest first
_MOST_LINES = 40  # of a finding


@dataclass(frozen=True, slots=True)
class Rule:
    """``least`` different people within ``stretch`` by one of something are worth a look."""

    kind: str
    stretch: timedelta
    least: int


ADDRESS = Rule("address", timedelta(hours=24), 5)
HELPER = Rule("helper", timedelta(hours=1), 3)
COUNTER = Rule("counter", timedelta(hours=1), 20)
DOCUMENT = Rule("document", timedelta(hours=1), 8)
RULES = (ADDRESS, HELPER, COUNTER, DOCUMENT)
"""Proposals of this project: a family shares an address, a counter needs two minutes for a face."""


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt, or one certification without a face (``decision`` None)."""

    at: datetime
    person: Beneficiary
    channel: str
    decision: str | None
    live: bool
    replay: bool
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of a ``kind`` by one of ``whom``: ``people`` at once, or in all where ``kind`` is about hours
    or pictures; ``count`` times in the days looked at."""

    kind: str
    whom: str
    people: int
    count: int
    first: datetime
    last: datetime
    lines: list[Line]


def findings(staff: Staff, days: int) -> list[Finding]:
    """What is worth a look among people in the area of ``staff`` over the last ``days``."""
    since = timezone.now() - timedelta(days=days)
    attempts = within(staff, Attempt.objects.filter(at__gte=since), field="person__area")
    home = attempts.filter(session__staff=None)
    counter = attempts.filter(session__staff__isnull=False)
    documents = within(
        staff,
        Certification.objects.filter(at__gte=since, channel="in_person", officer__isnull=False),
        field="person__area",
    )
    return [
        *_many(ADDRESS, home.exclude(session__address=None), "session__address"),
        *_many(HELPER, home.exclude(session__helper=None), "session__helper"),
        *_many(COUNTER, counter, "session__staff"),
        *_many(DOCUMENT, documents, "officer"),
        *_at_hours("night", home.exclude(session__address=None), "session__address", NIGHT, 2),
        *_at_hours("closed", counter, "session__staff", CLOSED, 1),
        *_at_hours("closed_document", documents, "officer", CLOSED, 1),
        *_same_pictures(attempts),
    ]


def _many(rule: Rule, rows: QuerySet, by: str) -> list[Finding]:
    """Whoever stands under ``by`` with as many people at once as ``rule`` asks."""
    suspects = rows.values(by).annotate(people=Count("person", distinct=True)).filter(people__gte=rule.least)
    keys = list(suspects.order_by("-people").values_list(by, flat=True))
    happened = defaultdict(list)
    for key, at, person in rows.filter(**{f"{by}__in": keys}).values_list(by, "at", "person"):
        happened[key].append((at, person))
    found = []
    for key in keys:
        people = most_at_once(happened[key], rule.stretch)
        if people >= rule.least:
            found.append(_finding(rule.kind, key, people, rows.filter(**{by: key})))
    return sorted(found, key=lambda one: -one.people)[:_MOST_FINDINGS]


def _at_hours(kind: str, rows: QuerySet, by: str, hours: Collection[int], least: int) -> list[Finding]:
    """Whoever stands under ``by`` with ``least`` people or more at those hours of the office's clock."""
    rows = rows.alias(hour=ExtractHour("at", tzinfo=timezone.get_current_timezone())).filter(
        hour__in=sorted(hours)
    )
    suspects = rows.values(by).annotate(people=Count("person", distinct=True)).filter(people__gte=least)
    return [
        _finding(kind, key, people, rows.filter(**{by: key}))
        for key, people in suspects.order_by("-people").values_list(by, "people")[:_MOST_FINDINGS]
    ]


def _same_pictures(attempts: QuerySet[Attempt]) -> list[Finding]:
    """What the worker found (services/pictures.py)."""
    counts = attempts.filter(same_picture__isnull=False).values("same_picture__together")
    return [
        _finding("picture", "", people, attempts.filter(same_picture__together=together))
        for together, people in counts.annotate(people=Count("person", distinct=True), times=Count("id"))
        .order_by("-times")
        .values_list("same_picture__together", "people")[:_MOST_FINDINGS]
    ]


def _finding(kind: str, key: object, people: int, rows: QuerySet) -> Finding:
    times = sorted(rows.values_list("at", flat=True))
    return Finding(kind, _called(kind, key), people, len(times), times[0], times[-1], _lines(rows))


def _called(kind: str, key: object) -> str:
    if kind == "helper":
        return f"helper:{key}"
    if kind in ("counter", "document", "closed", "closed_document"):
        member = Staff.objects.select_related("user").get(pk=key)
        return f"{member.name} ({member.user.get_username()})"
    return str(key)


def _lines(rows: QuerySet) -> list[Line]:
    """The latest of ``rows``, attempts or certifications, each with the cases about it."""
    shown = rows.select_related("person").order_by("-at")
    if rows.model is Certification:
        return [Line(row.at, row.person, row.channel, None, True, False, ()) for row in shown[:_MOST_LINES]]
    shown = shown.annotate(channel=F("session__channel"), replay=F("session__replay"))
    return [
        Line(
            row.at,
            row.person,
            row.channel,
            row.decision,
            row.live,
            row.replay,
            tuple(each.pk for each in row.reviewcase_set.all()),
        )
        for row in shown.prefetch_related("reviewcase_set")[:_MOST_LINES]
    ]
