from datetime import date

import pytest

from jianzai import clock
from tests.console import office
from tests.people import make_person, make_staff


@pytest.fixture(autouse=True)
def on_day(tmp_path, settings):
    """Sets the civil date, as the demo does; 5 October 2026 at first."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 10, 5))
    return clock.move_to


@pytest.fixture
def clerk(db):
    return make_staff("clerk", username="clerk")


@pytest.fixture
def supervisor(db):
    return make_staff("supervisor", username="supervisor")


@pytest.fixture
def second(db):
    return make_staff("supervisor", username="second")


@pytest.fixture
def administrator(db):
    return make_staff("administrator", username="administrator")


@pytest.fixture
def person(db, on_day):
    """Somebody overdue since 30 September 2026."""
    someone = make_person(name="王桂兰")
    office.cycle(2026)
    return someone


@pytest.fixture
def signed_in(client):
    """``signed_in(staff)`` gives a client of theirs."""

    def enter(staff):
        client.force_login(staff.user)
        return client

    return enter
