"""Attempts, cases and certifications read as trials, and counted.

The database counts: a year of a city's attempts never comes into this process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left

from jianzai.clock import today
from jianzai.faces.evaluation import Rate, rate
from jianzai.faces.evaluation.rates import AGES
from jianzai.faces.types import Decision, Reason
from jianzai.registry.access import within
from jianzai.registry.models import Staff

from ..models import Attempt, Certification, Cycle, ReviewCase
from .folding import LEAST, REST, Cell, Group, cells

DIMENSIONS = ("age", "sex", "area", "counter", "way", "month")
CONFIRMED_WITHIN = 30  # days in which somebody refused shows by being certified that it was them
A_YEAR = timedelta(days=365)
_AT_HOME = "home"
_DISTRICT = 6  # digits of an area's code

# Which voice gives which reason. Two that look for the same thing share one.
VOICE_OF = {
    Reason.PROMPT_LAPSED: "actions",
    Reason.WRONG_ACTION: "actions",
    Reason.BAD_TIMES: "cadence",
    Reason.REPEATED_FRAMES: "cadence",
    Reason.TOO_SHORT: "cadence",
    Reason.FLAT: "parallax",  # and shading
    Reason.FACE_CHANGED: "continuity",
    Reason.SEVERAL_FACES: "continuity",
    Reason.TEXTURE: "texture",  # and screen
    Reason.NO_LIGHT: "light",
    Reason.OTHER_LIGHT: "light",
    Reason.UNCERTAIN: "comparison",
}
_CLERKS = (ReviewCase.Kind.UNCERTAIN, ReviewCase.Kind.FAILED_ATTEMPT)


class NothingToTell(Exception):
    """Fewer than LEAST people were verified by face: ``people`` says how many."""

    def __init__(self, people: int):
        self.people = people
        super().__init__(str(people))


@dataclass(frozen=True, slots=True)
class Figures:
    """One thing that can go wrong: how often in all, among what it was, and by whom and where."""

    code: str
    total: Rate | None  # None where fewer than LEAST people had it at stake
    details: tuple[tuple[str, int], ...]  # what it was, the commonest first
    by: dict[str, tuple[Cell, ...]]  # of each dimension


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What a deployment's attempts since a day say."""

    on: date
    since: date
    within: int  # days, see CONFIRMED_WITHIN
    people: int
    attempts: int
    figures: tuple[Figures, ...]


def evaluate_live(
    since: date | None = None, within_days: int = CONFIRMED_WITHIN, staff: Staff | None = None
) -> LiveReport:
    """Count what went wrong in verifying people since a day, a year ago unless said.

    ``staff``: people of their area only. Raises NothingToTell where there are too few.
    """
    since = since or today() - A_YEAR
    attempts = _attempts(since, staff)
    counted = attempts.aggregate(people=Count("person", distinct=True), attempts=Count("pk"))
    if counted["people"] < LEAST:
        raise NothingToTell(counted["people"])
    refused, undecided = ~Q(decision=Decision.SAME), Q(decision=Decision.UNCERTAIN)
    compared = attempts.filter(score__isnull=False)
    first = _first_tries(attempts, within_days)
    by_voice = Q(reasons__has_any_keys=list(VOICE_OF))
    figures = (
        _figures("another_way", first, refused & Q(by_face=False), "how", lambda how: [how]),
        _figures("first_try", first, refused, "how", lambda how: [how]),
        _figures("not_acquired", attempts, Q(score__isnull=True), "reasons", lambda reasons: reasons[:1]),
        _figures("not_live", compared, Q(live=False) & ~undecided & by_voice, "reasons", _voices),
        _figures("undecided", compared, undecided, "reasons", _voices),
        _cases(since, staff),
    )
    return LiveReport(today(), since, within_days, counted["people"], counted["attempts"], figures)


def _attempts(since: date, staff: Staff | None) -> QuerySet[Attempt]:
    """Attempts with the latest ``cycle`` opened before them, ``score``, None without one, and groups."""
    rows = Attempt.objects.filter(on__gte=since).order_by()
    if staff is not None:
        rows = within(staff, rows, field="person__area")
    opened = Cycle.objects.order_by("-opened").values_list("opened", "pk")
    cycle = Case(*(When(at__gte=at, then=Value(pk)) for at, pk in opened), output_field=IntegerField())
    return _grouped(rows.annotate(cycle=cycle, score=KT("comparison__score")))


def _grouped(rows: QuerySet, attempt: str = "") -> QuerySet:
    """``rows`` about people with the group of each in all DIMENSIONS; ``attempt`` leads to the attempt."""
    on = F(f"{attempt}on")
    lived = Func(on, F("person__birth_date"), function="AGE")
    years = Func(Value("year"), lived, function="DATE_PART", output_field=IntegerField())
    bands = (When(years__gte=low, years__lte=high, then=Value(f"{low}-{high}")) for low, high in AGES)
    return rows.alias(years=years).annotate(
        age=Case(*bands, default=Value("?")),
        sex=F("person__sex"),
        area=Left("person__area", _DISTRICT),
        counter=Coalesce(f"{attempt}session__staff__area", Value(_AT_HOME)),
        way=F(f"{attempt}session__channel"),
        month=Func(on, Value("YYYY-MM"), function="TO_CHAR", output_field=CharField()),
    )


def _first_tries(attempts: QuerySet[Attempt], within_days: int) -> QuerySet[Attempt]:
    """Each person's first live comparison in a cycle, where they were certified soon after.

    That they were certified says that it was them: each with whether ``by_face``, and ``how``.
    """
    alive = attempts.filter(live=True, score__isnull=False)
    first = alive.values("person", "cycle").annotate(first=Min("pk")).values("first")
    by_face = Q(by_face=True)
    certified = Certification.objects.filter(person=OuterRef("person"), obligation__cycle=OuterRef("cycle"))
    certified = certified.order_by().annotate(
        case=KT("evidence__case"),
        by_face=_whether(Q(attempt__isnull=False, case__isnull=True)),
        how=Case(When(by_face | Q(attempt=None), then=F("channel")), default=Value("clerk")),
    )
    told = {name: Subquery(certified.values(name)[:1]) for name in ("by_face", "how")}
    last = ExpressionWrapper(F("on") + timedelta(days=within_days), output_field=DateField())
    return (
        attempts.filter(pk__in=first)
        .annotate(certified_on=Subquery(certified.values("on")[:1]), **told)
        .filter(certified_on__gte=F("on"), certified_on__lte=last)
    )


def _cases(since: date, staff: Staff | None) -> Figures:
    """What clerks made of the attempts they looked at: found to be the person, of those they decided."""
    rows = ReviewCase.objects.filter(kind__in=_CLERKS, attempt__on__gte=since).order_by()
    if staff is not None:
        rows = within(staff, rows, field="person__area")
    states = Counter({f"case_{state}": count for state, count in _how_often(rows, "state")})
    decided = rows.filter(state__in=(ReviewCase.State.APPROVED, ReviewCase.State.REJECTED))
    return _counted("clerks", _grouped(decided, "attempt__"), Q(state=ReviewCase.State.APPROVED), states)


def _figures(
    code: str, trials: QuerySet, wrong: Q, kept: str, what: Callable[[Any], Sequence[str]]
) -> Figures:
    """Count ``trials``; ``what`` tells from the column ``kept`` what it was that went wrong."""
    details: Counter[str] = Counter()
    for value, count in _how_often(trials.filter(wrong), kept):
        details.update(dict.fromkeys(what(value), count))
    return _counted(code, trials, wrong, details)


def _how_often(rows: QuerySet, column: str) -> Iterable[tuple[Any, int]]:
    return rows.values_list(column).annotate(count=Count("pk"))


def _counted(code: str, trials: QuerySet, wrong: Q, details: Counter[str]) -> Figures:
    named = trials.annotate(wrong=_whether(wrong)).values("person_id", "wrong", *DIMENSIONS)
    everybody, groups = _groups(*named.query.sql_with_params())
    if everybody.people < LEAST:
        return Figures(code, None, (), {})
    by = {
        dimension: cells(groups[dimension], partial(_together, trials, dimension)) for dimension in DIMENSIONS
    }
    told = sorted(details.items(), key=lambda item: (-item[1], item[0]))
    shown = {dimension: found for dimension, found in by.items() if found}
    return Figures(code, rate(everybody.wrong, everybody.trials), tuple(told), shown)


def _groups(sql: str, values: Sequence) -> tuple[Group, dict[str, list[Group]]]:
    """All trials of a query as one group, and their groups in each dimension, in one pass."""
    sets = ", ".join(f"({dimension})" for dimension in DIMENSIONS)
    found: dict[str, list[Group]] = {dimension: [] for dimension in DIMENSIONS}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH trial AS ({sql}) SELECT {', '.join(DIMENSIONS)}, "  # noqa: S608 - all of it is our own
            "count(DISTINCT person_id), count(*), count(*) FILTER (WHERE wrong) "
            f"FROM trial GROUP BY GROUPING SETS ({sets}, ())",
            values,
        )
        for *names, people, trials, wrong in cursor.fetchall():
            place = next((place for place, name in enumerate(names) if name is not None), None)
            if place is None:
                everybody = Group(REST, people, trials, wrong)
            else:
                found[DIMENSIONS[place]].append(Group(names[place], people, trials, wrong))
    return everybody, found


def _together(trials: QuerySet, dimension: str, names: Sequence[str]) -> int:
    """How many people have ``trials`` in one of several groups."""
    found = trials.filter(**{f"{dimension}__in": names}).aggregate(people=Count("person", distinct=True))
    return found["people"]


def _whether(holds: Q) -> Case:
    return Case(When(holds, then=Value(True)), default=Value(False), output_field=BooleanField())


def _voices(reasons: Sequence[str]) -> list[str]:
    """What spoke against an attempt, each once."""
    found = dict.fromkeys(VOICE_OF[Reason(reason)] for reason in reasons if reason in VOICE_OF)
    if len(found) > 1:  # undecided for what a voice could not tell: the comparison itself was not
        found.pop("comparison", None)
    return list(found)
