"""What the console's pages read: people with their status, the work list, one person's whole story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from jianzai import worker
from jianzai.certification.models import Cycle, Obligation, ObligationEvent, ReviewCase
from jianzai.certification.queries import current_cycle, standing_of
from jianzai.certification.services import policy_of
from jianzai.clock import today
from jianzai.entitlement import Status, status_on
from jianzai.notices.models import PrintRun
from jianzai.notices.services import LETTERS_A_RUN, runs_under_way, waiting_letters
from jianzai.registry.access import within
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sentences import say

HOLDS_SOON = timedelta(days=7)
"""A hold that ends within so many days is work that waits."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody found, with the status of the latest cycle; None where none was opened for them."""

    person: Beneficiary
    status: Status | None


def with_status(people: Iterable[Beneficiary]) -> list[PersonRow]:
    """``people`` with their status as of today."""
    people = list(people)
    cycle = current_cycle()
    found = Obligation.objects.filter(person__in=people, cycle=cycle).select_related("cycle") if cycle else []
    statuses = {obligation.person_id: status_now(obligation) for obligation in found}
    return [PersonRow(person, statuses.get(person.pk)) for person in people]


def status_now(obligation: Obligation) -> Status:
    """The status as of today: what is due may be overdue by now, what was held may be held no more."""
    return status_on(policy_of(obligation.cycle), standing_of(obligation), today())


def open_cases(staff: Staff) -> QuerySet[ReviewCase]:
    """The open cases in the area of ``staff``, the oldest first."""
    cases = ReviewCase.objects.filter(state=ReviewCase.State.OPEN)
    return (
        within(staff, cases, field="person__area")
        .select_related("person__area", "attempt")
        .order_by("opened", "id")
    )


def case_after(staff: Staff, case: ReviewCase) -> ReviewCase | None:
    """The case to do next: the oldest open one that came after ``case``, else the oldest of all."""
    waiting = open_cases(staff).exclude(pk=case.pk)
    later = waiting.filter(Q(opened__gt=case.opened) | Q(opened=case.opened, pk__gt=case.pk))
    return later.first() or waiting.first()


def holds_running_out(staff: Staff) -> QuerySet[ReviewCase]:
    """The open cases whose hold on the pause ends within a week, the most urgent first."""
    soon = today() + HOLDS_SOON
    return open_cases(staff).filter(holds_until__lte=soon).order_by("holds_until", "id")


def covers_everybody(staff: Staff) -> bool:
    """Whether nobody lives outside the area of ``staff``: files to and from the payer concern everyone."""
    return not Beneficiary.objects.exclude(area__code__startswith=staff.area.prefix).exists()


def runs_within(staff: Staff, runs: QuerySet[PrintRun]) -> QuerySet[PrintRun]:
    """Those of ``runs`` that were printed for the staff's area or inside it.

    What the command line printed for everywhere belongs to staff whose area holds everybody.
    """
    own = within(staff, runs)
    everywhere = runs.filter(area=None)
    return own | everywhere if everywhere.exists() and covers_everybody(staff) else own


def letters_to_do(staff: Staff) -> dict[str, object]:
    """For ``console/letters.html``: print runs under way in the staff's area, and how many letters wait."""
    return {
        "letters": waiting_letters(staff.area).count(),
        "letters_a_run": LETTERS_A_RUN,
        "runs": runs_within(staff, runs_under_way()),
        "worker": worker.alive(),
    }


def area_names(prefixes: Iterable[str]) -> dict[str, str]:
    """Names of areas by the prefix of their code (2, 4, 6 or 9 digits); the prefix where it is unknown."""
    prefixes = list(prefixes)
    known = dict(
        Area.objects.filter(code__in=[each.ljust(12, "0") for each in prefixes]).values_list("code", "name")
    )
    return {each: known.get(each.ljust(12, "0"), each) for each in prefixes}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a person's history."""

    on: date
    year: int
    sentence: str


def history(person: Beneficiary) -> list[Happening]:
    """What happened to the person's obligations, the latest first."""
    events = ObligationEvent.objects.filter(obligation__person=person).select_related("obligation__cycle")
    return [
        Happening(_day_of(row), row.obligation.cycle.year, event_in_words(row.event))
        for row in events.order_by("-id")[:100]
    ]


def standing_in_words(obligation: Obligation) -> str:
    """Where the person stands, in one plain sentence."""
    standing, status = standing_of(obligation), status_now(obligation)
    held_until = max((hold.last_day for hold in standing.holds if hold.closed_on is None), default=None)
    return say(
        f"console.standing_{status}",
        due=standing.due,
        certified_on=standing.certified_on,
        held_until=held_until,
        month=standing.pause.effective_month if standing.pause else "",
        resumed_on=standing.resumed_on,
        died_on=standing.died_on,
        days=(today() - standing.due).days,
    )


def holds_in_words(obligation: Obligation) -> list[str]:
    """Why the pause is held today, since when and until when; empty where nothing holds it."""
    holds = [each for each in standing_of(obligation).holds if each.opened <= today() <= each.last_day]
    return [
        say(
            "console.held_because",
            because=say(
                "console.hold_death" if hold.case.startswith("death:") else f"console.hold_{hold.kind}"
            ),
            since=hold.opened,
            until=hold.last_day,
        )
        for hold in holds
    ]


def cycles() -> QuerySet[Cycle]:
    """All cycles, the latest first."""
    return Cycle.objects.order_by("-year")


def _day_of(row: ObligationEvent) -> date:
    return date.fromisoformat(row.event["on"]) if "on" in row.event else row.at.date()


def event_in_words(event: dict) -> str:
    """What happened to an obligation, in one plain sentence; ``event`` as ``event_to_dict`` wrote it."""
    values = dict(event)
    name = values.pop("event")
    if "channel" in values:
        values["channel"] = say(f"console.transport_{values['channel']}")
    if "kind" in values:
        values["kind"] = say(f"console.hold_{values['kind']}")
    return say(f"console.event_{name}", **values)
