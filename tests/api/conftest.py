"""A payer's client: requests with a token of chosen scopes and area."""

from __future__ import annotations

from datetime import date

import pytest

from jianzai import clock
from jianzai.api.scopes import Scope
from jianzai.api.tokens import make_token
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from jianzai.registry.models import Area
from tests.people import CITY, areas


@pytest.fixture
def civil_date(tmp_path, settings):
    """``civil_date(day)`` moves the civil date for this test."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return clock.move_to


@pytest.fixture
def cycle_2026(db, civil_date):
    civil_date(date(2026, 8, 3))
    return open_cycle(2026, Actor.SYSTEM)


@pytest.fixture
def token(db):
    """``token(*scopes, area=...)`` makes a token and gives the headers of a request that carries it."""
    areas()
    numbers = iter(range(100))

    def make(*scopes: Scope, area: str = CITY) -> dict[str, str]:
        text = make_token(f"payer {next(numbers)}", list(scopes), Area.objects.get(code=area), Actor.SYSTEM)
        return {"Authorization": f"Bearer {text}"}

    return make
