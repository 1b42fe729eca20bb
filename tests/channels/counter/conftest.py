from datetime import date

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from tests.browser import browse, cameras, chromium, playwright_driver  # noqa: F401
from tests.offline.device import Device
from tests.people import make_person, make_staff


@pytest.fixture(autouse=True)
def on_day(tmp_path, settings):
    """Sets the civil date, as the demo does; Tuesday, 29 September 2026 at first."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 9, 29))
    return clock.move_to


@pytest.fixture
def person(db):
    """Somebody who is due on 30 September 2026."""
    someone = make_person(name="王桂兰")
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    return someone


@pytest.fixture
def clerk(db):
    return make_staff("clerk", username="clerk")


@pytest.fixture
def second(db):
    return make_staff("clerk", username="second")


@pytest.fixture
def device(clerk):
    """The clerk's, with a key of the day."""
    made = Device(clerk)
    made.prepare()
    return made
