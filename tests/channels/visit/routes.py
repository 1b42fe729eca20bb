"""Every clerk's address of home visits, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from jianzai.clock import today
from jianzai.registry.access import Permission as May
from tests.channels.visit.office import booked, photographed, team
from tests.registry.access_matrix import Route

V = "/console/visit"
ROUTES = {
    "planning": Route(f"{V}/", May.CERTIFY_IN_PERSON),
    "request": Route(f"{V}/request/{{person}}", May.CERTIFY_IN_PERSON),
    "visit": Route(f"{V}/{{visit}}", May.CERTIFY_IN_PERSON),
    "book": Route(f"{V}/{{visit}}/book", May.CERTIFY_IN_PERSON, "post"),
    "contact": Route(f"{V}/{{visit}}/contact", May.CERTIFY_IN_PERSON),
    "cancel": Route(f"{V}/{{visit}}/cancel", May.CERTIFY_IN_PERSON),
    "outcome": Route(f"{V}/{{visit}}/outcome", May.CERTIFY_IN_PERSON),
    "met": Route(f"{V}/{{visit}}/met", May.CERTIFY_IN_PERSON, "post"),
    "sign": Route(f"{V}/{{visit}}/sign", May.CERTIFY_IN_PERSON, "post"),
    "deny": Route(f"{V}/{{visit}}/deny", May.CERTIFY_IN_PERSON, "post"),
    "retract": Route(f"{V}/{{visit}}/retract", May.CERTIFY_IN_PERSON, "post"),
    "not-met": Route(f"{V}/{{visit}}/not-met", May.CERTIFY_IN_PERSON, "post"),
    "photograph": Route(f"{V}/{{visit}}/photograph", May.SEE_PEOPLE),
    "photograph-delete": Route(f"{V}/{{pictured}}/photograph/delete", May.CERTIFY_IN_PERSON, "post"),
    "sheet": Route(f"{V}/sheet/{{team}}/{{day}}.pdf", May.CERTIFY_IN_PERSON),
    "calendar": Route(f"{V}/calendar/{{team}}/{{day}}.ics", May.CERTIFY_IN_PERSON),
    "teams": Route(f"{V}/teams", May.MANAGE_TEAMS),
    "team": Route(f"{V}/teams/{{team}}", May.MANAGE_TEAMS),
}
TESTED_ELSEWHERE = {}


def rows(person) -> dict:
    """A visit booked for today, with a picture as if it were over."""
    made = team(person.area)
    visit = booked(person, made)
    photographed(visit)
    return {"visit": visit.pk, "pictured": visit.pk, "team": made.pk, "day": today().isoformat()}
