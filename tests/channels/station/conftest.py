from datetime import date

import pytest

from jianzai import clock
from tests.browser import browse, chromium, playwright_driver  # noqa: F401
from tests.people import make_staff


@pytest.fixture(autouse=True)
def on_day(tmp_path, settings):
    """Sets the civil date, as the demo does; Tuesday, 1 September 2026 at first."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 9, 1))
    return clock.move_to


@pytest.fixture
def supervisor(db):
    return make_staff("supervisor", username="supervisor")


@pytest.fixture
def desk(client):
    """``desk(staff)`` gives a client of theirs."""

    def enter(staff):
        client.force_login(staff.user)
        return client

    return enter
