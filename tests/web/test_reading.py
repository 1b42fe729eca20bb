"""The buttons for language and size of type lead back to the page, also where it answered a form."""

import html
import re
from datetime import date
from http.cookies import SimpleCookie
from importlib import import_module

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from jianzai import clock
from jianzai.channels.ways import ways
from tests.console import office
from tests.people import make_person, make_staff

pytestmark = pytest.mark.django_db
DESKS = ways("desk_urls")  # their addresses stand with what they hold, in a table of each way's tests
_NEXT = re.compile(r'name="next" value="([^"]*)"')


def routes(resolver=None, namespace=""):
    """Every route with a name, as (name, its parameters)."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            if each.namespace and not each.namespace.startswith("api"):
                yield from routes(each, f"{each.namespace}:")
            elif not each.namespace:
                yield from routes(each, namespace)
        elif each.name:
            yield f"{namespace}{each.name}", tuple(each.pattern.converters)


def addresses(person, clerk):
    """Every address of the pages, about this person."""
    made, case = office.reference(person), office.case(person)
    capture = office.attempt(person, staff=clerk).session
    values = {
        "key": person.key,
        "reference": made.pk,
        "capture": capture.pk,
        "capture_id": capture.pk,
        "notice": office.letter(person).pk,
        "sequence": office.order(person).sequence,
        "upload": capture.pk,
        "serial": "2026-0000000000",
        "token": "0",
        "language": "zh",
        "name": "cap12",
        "kind": "hmt",
        "side": "front",
    }
    numbers = {
        "case": case.pk,
        "sweep": office.sweep(person.area).pk,
        "member": make_staff("clerk").pk,
    }
    for way in DESKS:
        table = import_module(f"tests.channels.{way}.routes")
        known = {"person": person.key, **table.rows(person)}
        yield from (route.url.format(**known) for route in table.ROUTES.values())
    for route, parameters in routes():
        if route.partition(":")[0] in {f"{way}-desk" for way in DESKS}:
            continue
        of_route = route.removeprefix("console:").split("-")[0]
        known = values | {"number": numbers.get(of_route, case.pk)}
        yield reverse(route, kwargs={name: known[name] for name in parameters})


@pytest.fixture
def person(settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 8, 3))
    someone = make_person()
    office.cycle()
    return someone


def leads_back(client, answer):
    """Whether every ``next`` on the page of ``answer`` can be opened, or refuses for the same reason."""
    found = {html.unescape(address) for address in _NEXT.findall(answer.content.decode())}
    return all(client.get(page, follow=True).status_code in (200, answer.status_code) for page in found)


@pytest.mark.parametrize("role", ["clerk", "supervisor", "administrator"])
@pytest.mark.parametrize("expired", [False, True], ids=["sent", "with an expired form"])
def test_every_page_that_answers_a_form_can_be_shown_again(person, role, expired):
    member = make_staff(role)
    client = Client(enforce_csrf_checks=expired)
    client.force_login(member.user)
    with_visit = client.session
    with_visit["visit"] = {"person": person.pk, "captures": []}
    with_visit.save()
    cookies, pages, wrong = client.cookies.output(), [], []
    for address in addresses(person, member):
        mark = transaction.savepoint()
        client.cookies = SimpleCookie(cookies.replace("Set-Cookie: ", ""))
        answer = client.post(address)
        if answer.headers["Content-Type"].startswith("text/html") and answer.content:
            pages.append(address)
            if not leads_back(client, answer):
                wrong.append((address, answer.status_code))
        transaction.savepoint_rollback(mark)
    assert len(pages) > 20
    assert not wrong


def test_an_address_that_only_forms_are_sent_to_says_so(client):
    for address, home in (("/capture", "/"), ("/console/cycle/open", "/console/")):
        answer = client.get(address)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert f'class="button" href="{home}"' in answer.content.decode()
        assert f'name="next" value="{home}"' in answer.content.decode()
