"""What pages read of home visits: what waits to be planned, where there is room, the sheet of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import QuerySet
from django.utils import timezone

from jianzai.certification.queries import current_obligation, standing_of
from jianzai.clock import today
from jianzai.notices.wording import written_date
from jianzai.registry.access import Permission, may, within
from jianzai.registry.models import Area, Beneficiary, Staff
from jianzai.sentences import language, say

from .models import Appointment, HomeVisit, Team
from .slots import Half, working_days

DAYS_AHEAD = 10
"""Working days among which a half day is proposed."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Half a day of a team with room for ``left`` more visits; ``nearby`` are in the same community."""

    team: Team
    day: date
    half: Half
    left: int
    nearby: int


class Diary:
    """What every team that goes out has to do over the next working days. Read once."""

    def __init__(self) -> None:
        self._teams = list(Team.objects.filter(active=True).select_related("area"))
        self._days = working_days(today() + timedelta(days=1), DAYS_AHEAD)
        self._areas: dict[tuple[int, date, str], list[str]] = defaultdict(list)
        booked = Appointment.objects.filter(state=Appointment.State.BOOKED, day__in=self._days)
        for team, day, half, area in booked.values_list("team", "day", "half", "visit__person__area"):
            self._areas[team, day, half].append(area)

    def room(self, area_code: str) -> list[Slot]:
        """Half days with room for somebody who lives in an area, the earliest first."""
        return [
            Slot(team, day, half, team.capacity - len(areas), areas.count(area_code))
            for day in self._days
            for half in Half
            for team in self._teams
            if area_code.startswith(team.area.prefix)
            and len(areas := self._areas[team.pk, day, str(half)]) < team.capacity
        ]

    def proposed(self, area_code: str) -> Slot | None:
        """The earliest half day in which a team goes to that community anyway; else the earliest of all."""
        room = self.room(area_code)
        return next((slot for slot in room if slot.nearby), room[0] if room else None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open visit with the last day of its duty in time, and where it could be put."""

    visit: HomeVisit
    due: date
    proposed: Slot | None


@dataclass(frozen=True, slots=True)
class Community:
    """The visits that wait in one area, the oldest deadline first."""

    area: Area
    waiting: list[Waiting]


def to_plan(staff: Staff) -> list[Community]:
    """What waits for an appointment in the area of ``staff``, where the oldest deadline is first."""
    diary = Diary()
    visits = _to_plan(staff)
    communities = []
    in_order = sorted(visits, key=lambda visit: (visit.person.area_id, visit.obligation.due, visit.pk))
    for area, group in groupby(in_order, key=lambda visit: visit.person.area):
        proposed = diary.proposed(area.code)
        communities.append(
            Community(area, [Waiting(visit, visit.obligation.due, proposed) for visit in group])
        )
    return sorted(communities, key=lambda one: (one.waiting[0].due, one.area.code))


def signatures(staff: Staff) -> list[HomeVisit]:
    """The visits in the area of ``staff`` that wait for a second officer to sign, their own first."""
    waiting = _open_visits(staff).filter(second__isnull=False).select_related("first", "second", "met_at")
    return sorted(waiting, key=lambda visit: (visit.second_id != staff.pk, visit.met_at.day, visit.pk))


def waiting(staff: Staff) -> int:
    """How many in the area of ``staff`` wait for an appointment, or for a signature."""
    return _to_plan(staff).count() + _open_visits(staff).filter(second__isnull=False).count()


def _to_plan(staff: Staff) -> QuerySet[HomeVisit]:
    unplanned = _open_visits(staff).filter(second=None).select_related("denied_by")
    return unplanned.exclude(appointments__state=Appointment.State.BOOKED)


@dataclass(frozen=True, slots=True)
class Outing:
    """A team's half days of one day."""

    day: date
    team: Team
    appointments: list[Appointment]


def outings(staff: Staff) -> list[Outing]:
    """What is booked in the area of ``staff``, or was and has no outcome yet, by day and team."""
    booked = _appointments(staff).filter(state=Appointment.State.BOOKED)
    rows = sorted(booked, key=lambda one: (one.day, one.team_id, one.period.lower))
    return [
        Outing(day, team, list(group))
        for (day, team), group in groupby(rows, key=lambda one: (one.day, one.team))
    ]


def day_sheet(staff: Staff, team: int, day: date) -> list[Appointment]:
    """The appointments of a team on a day in the area of ``staff``, in their order."""
    return list(_appointments(staff).filter(state=Appointment.State.BOOKED, team=team, day=day))


def officers_for(person: Beneficiary) -> list[Staff]:
    """Whoever may certify the person in person."""
    everybody = (
        Staff.objects.filter(user__is_active=True).select_related("area", "user").order_by("name", "id")
    )
    return [each for each in everybody if may(each, Permission.CERTIFY_IN_PERSON, person.area_id)]


def open_visit(person: Beneficiary) -> HomeVisit | None:
    """The visit that is under way for a person, with its appointments."""
    return (
        HomeVisit.objects.filter(person=person, state=HomeVisit.State.OPEN)
        .select_related("person", "obligation")
        .prefetch_related("appointments__team__area")
        .first()
    )


def changes_for(visit: HomeVisit, count: int = 6) -> list[Slot]:
    """Half days to which a person can move their appointment themselves; one for each half day."""
    slots = {}
    for slot in Diary().room(visit.person.area_id):
        slots.setdefault((slot.day, slot.half), slot)
    booked = visit.booked
    return [slot for when, slot in slots.items() if when != (booked.day, booked.half)][:count]


def when(appointment: Appointment) -> str:
    """The day, half and time of ``appointment`` in the language of the request."""
    begins = timezone.localtime(appointment.period.lower)
    return say(
        f"visit.when_{appointment.half}",
        day=written_date(appointment.day, language()),
        weekday=weekday(appointment.day),
        time=f"{begins:%H:%M}",
    )


def weekday(day: date) -> str:
    """The day of the week of ``day``, in the language of the request."""
    return say(f"visit.weekday_{day.weekday()}")


def under_way(person: Beneficiary) -> str | None:
    """For the person's own page: asked for, planned, or that the office called it off. Not when: who signs in
    may be anybody who knows the name and the number."""
    if visit := open_visit(person):
        if visit.awaits_signature:
            return say("visit.under_way_met")
        return say("visit.under_way_planned") if visit.booked else say("visit.under_way")
    last = person.home_visits.first()
    by_office = last and last.state == HomeVisit.State.CANCELLED and last.ended_by_id
    obligation = current_obligation(person) if by_office else None
    waits = obligation and not standing_of(obligation).certified_on
    return say("visit.called_off") if waits else None


def visits_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person; None where there is nothing to say or to do."""
    rows = person.home_visits.select_related("first", "second").prefetch_related("appointments__team")
    visits = list(rows[:10])
    obligation = current_obligation(person)
    due = obligation is not None and not person.died_on and not standing_of(obligation).certified_on
    if not visits and not due:
        return None
    is_open = any(visit.state == HomeVisit.State.OPEN for visit in visits)
    return {"visits": visits, "may_request": due and not is_open}


def _open_visits(staff: Staff) -> QuerySet[HomeVisit]:
    visits = HomeVisit.objects.filter(state=HomeVisit.State.OPEN)
    return within(staff, visits, field="person__area").select_related("person__area", "obligation")


def _appointments(staff: Staff) -> QuerySet[Appointment]:
    rows = within(staff, Appointment.objects.all(), field="visit__person__area")
    return rows.select_related("team__area", "visit__person__area")


def visits_within(staff: Staff) -> QuerySet[HomeVisit]:
    """The visits to people in the area of ``staff``."""
    rows = within(staff, HomeVisit.objects.all(), field="person__area")
    return rows.select_related(
        "person__area", "obligation", "taken_by", "ended_by", "first", "second", "denied_by", "met_at"
    ).prefetch_related("appointments__team__area")


def teams_for(person: Beneficiary) -> Iterable[Team]:
    """The teams that go to where the person lives."""
    teams = Team.objects.filter(active=True).select_related("area")
    return [team for team in teams if person.area_id.startswith(team.area.prefix)]
