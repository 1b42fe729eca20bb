from datetime import date

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from tests.notices.outbox import ADDRESS
from tests.people import make_person


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    """Nobody signs in here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def on_day(tmp_path, settings):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return clock.move_to


@pytest.fixture
def person(db, on_day):
    """Somebody with an address whose year ends on 30 September 2026; it is 1 September."""
    person = make_person(address=ADDRESS)
    on_day(date(2026, 7, 1))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    on_day(date(2026, 9, 1))
    return person
