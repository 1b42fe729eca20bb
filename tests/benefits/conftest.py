from datetime import date

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from tests.people import make_person, make_staff


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    """Nobody signs in here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
    """Four people with 3,000 yuan a month, not certified by 30 September 2026; it is 5 October."""
    people = [make_person(name=f"王{character}") for character in "一二三四"]
    on_day(date(2026, 7, 1))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    on_day(date(2026, 10, 5))
    return people
