"""Home visits in the demo: somebody waits, and a team is there to go."""

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from jianzai.channels.visit.models import HomeVisit, Team
from jianzai.channels.visit.queries import to_plan
from jianzai.demo import load
from jianzai.demo.accounts import CLERK, PASSWORD
from jianzai.demo.people import roster
from jianzai.registry.areas import DEMO_TABLE, import_areas
from jianzai.registry.roster import import_roster
from jianzai.registry.services import create_staff


@pytest.mark.django_db
def test_two_people_wait_for_a_team_that_has_room(settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(load.in_window(2026))
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    import_roster("demo.csv", roster(2026), None, dry_run=False)
    open_cycle(2026, Actor.SYSTEM)
    clerk = create_staff(CLERK.username, PASSWORD, CLERK.name, CLERK.role, CLERK.area)
    load._visits()
    load._visits()
    assert (HomeVisit.objects.count(), Team.objects.count()) == (2, 2)
    waiting = [each for community in to_plan(clerk) for each in community.waiting]
    assert len(waiting) == 2
    assert all(each.proposed and each.visit.seen_to.address for each in waiting)
