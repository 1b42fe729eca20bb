"""A hospital's system asks for a home visit."""

from __future__ import annotations

from datetime import date

import pytest

from jianzai import clock
from jianzai.api.scopes import Scope
from jianzai.api.tokens import make_token
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certify, open_cycle
from jianzai.channels.visit.models import HomeVisit
from jianzai.registry.models import Area
from tests.people import CITY, areas, make_person

pytestmark = pytest.mark.django_db
WANTED = {
    "relation": "community",
    "reason": "bedridden",
    "address": "五里牌街道 3 栋 2 单元",
    "phone": "0731-8888 1234",
}


@pytest.fixture
def person(tmp_path, settings):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 8, 3))
    areas()
    open_cycle(2026, Actor.SYSTEM)
    return make_person()


@pytest.fixture
def call(client, person):
    """``call(body)`` asks for a visit; without a body it asks how the last one stands."""
    text = make_token("hospital", [Scope.VISITS], Area.objects.get(code=CITY), Actor.SYSTEM)
    path, headers = f"/api/v1/persons/{person.personal_number}/visits", {"Authorization": f"Bearer {text}"}

    def send(body: dict | None = None):
        if body is None:
            return client.get(path, headers=headers)
        return client.post(path, body, content_type="application/json", headers=headers)

    return send


def test_a_visit_asked_for_twice_is_one_and_holds_the_pause(call, person):
    assert call().status_code == 404
    answers = [call(WANTED), call(WANTED | {"phone": "13800001234"})]
    assert [answer.status_code for answer in answers] == [201, 201]
    visit = HomeVisit.objects.get()
    assert visit.relation == "community"
    assert current_obligation(person).status == "held"
    assert call().json() == {"state": "open", "requested_on": "2026-08-03", "day": None, "half": None}
    assert AuditEntry.objects.get(act="visit.requested").actor == "token:hospital"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"phone": "ring the bell"}, "phone"),
        ({"relation": "neighbour"}, "relation"),
        ({"address": ""}, "address"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(call, wrong, where):
    answer = call(WANTED | wrong)
    assert answer.status_code == 422
    assert any(where in each["where"] for each in answer.json()["fields"])
    assert not HomeVisit.objects.exists()


def test_nobody_is_visited_who_is_certified(call, person):
    certify(current_obligation(person), "in_person", Actor.SYSTEM, evidence={}, in_person=True)
    answer = call(WANTED)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_certified")
