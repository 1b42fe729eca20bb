from datetime import date

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from jianzai.registry.models import Area
from tests.browser import browse, chromium, playwright_driver  # noqa: F401
from tests.channels.station.office import EMPLOYER
from tests.people import DISTRICT, areas, make_person
from tests.registry.people import staff


@pytest.fixture(autouse=True)
def on_day(tmp_path, settings):
    """Sets the civil date, as the demo does; Tuesday, 1 September 2026 at first."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 9, 1))
    return clock.move_to


@pytest.fixture
def district(db):
    areas()
    return Area.objects.get(code=DISTRICT)


@pytest.fixture
def supervisor(district):
    return staff("supervisor", district, "supervisor")


@pytest.fixture
def desk(client):
    """``desk(staff)`` gives a client of theirs."""

    def enter(staff):
        client.force_login(staff.user)
        return client

    return enter


@pytest.fixture
def people(db):
    """Three who retired from one employer and are due on 30 September 2026."""
    names = ("王桂兰", "李秀英", "陈玉珍")
    retired = [make_person(name=name, employer=EMPLOYER) for name in names]
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")
    return retired


@pytest.fixture
def first(people):
    return staff("employer", people[0].area, "first")


@pytest.fixture
def second(people):
    return staff("employer", people[0].area, "second")


@pytest.fixture
def clerk(district):
    return staff("clerk", district, "clerk")
