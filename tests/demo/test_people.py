"""The demo's people are invented, valid, and the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import pytest

from jianzai.demo.people import PEOPLE, SPECIAL, retirees, roster, service_points
from jianzai.operations.mark import DEMO_MARK
from jianzai.registry import identity
from jianzai.registry.areas import DEMO_TABLE, import_areas
from jianzai.registry.models import Beneficiary
from jianzai.registry.roster import import_roster
from jianzai.registry.service_points import import_service_points


def test_they_are_the_same_every_time_and_marked():
    people = list(retirees(2026))
    assert people == list(retirees(2026))
    assert len(people) == PEOPLE
    assert people[: len(SPECIAL)] == list(SPECIAL)
    assert all(one.personal_number.startswith(DEMO_MARK) for one in people)


def test_their_numbers_are_valid_and_never_given_out():
    """430100 is the prefecture itself: numbers carry a county."""
    for one in retirees(2026):
        born = date.fromisoformat(one.birth_date)
        found = identity.check("resident", one.identity_number, born, one.sex)
        assert not [each for each in found if not each.warning]
        assert one.identity_number.startswith("430100")
        assert 60 <= 2026 - born.year <= 102


def test_they_are_known_before_there_is_a_site():
    """``jianzai demo run`` prints them from the supervisor, which has no settings and no database."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-c", "import jianzai.demo.people, jianzai.demo.accounts, jianzai.demo.site"],
        env=environment,
        check=True,
    )


@pytest.mark.django_db
def test_the_service_points_pass_their_import():
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    assert import_service_points("demo.csv", service_points()) == 9


@pytest.mark.django_db
def test_the_roster_passes_the_import_and_again_changes_nothing():
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    first = import_roster("demo.csv", roster(2026), None, dry_run=False)
    assert (first.problems, first.added) == ([], PEOPLE)
    again = import_roster("demo.csv", roster(2026), None, dry_run=False)
    assert (again.added, again.changed) == (0, 0)
    assert Beneficiary.objects.count() == PEOPLE
