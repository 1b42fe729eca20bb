"""Forms by post in the demo: some in every state."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from jianzai.channels.mail.models import Form, Sheet
from jianzai.demo import load
from jianzai.demo.accounts import CLERK, PASSWORD
from jianzai.registry.services import add_person, create_staff
from tests.people import areas, resident_number


@pytest.mark.django_db
def test_forms_in_every_state(settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 9, 20))
    areas()
    create_staff(CLERK.username, PASSWORD, CLERK.name, CLERK.role, CLERK.area)
    for number in range(9):
        address = "示范路 1 号（虚构）"
        add_person(
            f"DEMO{number}", "李秀英", resident_number(number), CLERK.area, monthly_fen=1, address=address
        )
    open_cycle(2026, Actor.SYSTEM)
    load._papers()
    load._papers()
    assert Counter(Sheet.objects.values_list("state", flat=True)) == {
        "accepted": 1,
        "rejected": 1,
        "received": 5,
    }
    assert Form.objects.filter(to_post=True).count() == 3
    assert Sheet.objects.filter(person=None).count() == 1
    assert Sheet.objects.get(kind="letter").person
