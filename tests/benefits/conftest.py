from datetime import date

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from tests.people import make_person, make_staff


@pytest.fixture
def on_day(tmp_path, settings):
    """Sets the civil date, as the demo does."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return clock.move_to


@pytest.fixture
def supervisor(db):
    return make_staff("supervisor", username="first")


@pytest.fixture
def second(db):
    return make_staff("supervisor", username="second")


@pytest.fixture
def overdue(db, on_day):
    """Four people of one district, 3,000 yuan a month each, overdue since 30 September; it is 5 October 2026."""
    people = [make_person(name=f"王{character}") for character in "一二三四"]
    on_day(date(2026, 7, 1))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    on_day(date(2026, 10, 5))
    return people
