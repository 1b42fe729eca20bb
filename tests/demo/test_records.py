"""Other offices' records in the demo: used, doubted, and waiting to be used."""

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.models import Certification
from jianzai.certification.services import open_cycle
from jianzai.channels.matching.models import Case, SignFile
from jianzai.channels.matching.queries import open_cases
from jianzai.demo import load
from jianzai.demo.accounts import CLERK, PASSWORD, SUPERVISOR
from jianzai.demo.people import roster
from jianzai.registry.areas import DEMO_TABLE, import_areas
from jianzai.registry.roster import import_roster
from jianzai.registry.services import create_staff
from tests.worker import work


@pytest.mark.django_db
def test_a_few_are_certified_two_doubted_and_a_file_waits(settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    settings.POLICY = str(load.__file__).replace("load.py", "policy.toml")
    clock.move_to(load.in_window(2026))
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    import_roster("demo.csv", roster(2026), None, dry_run=False)
    open_cycle(2026, Actor.SYSTEM)
    clerk, _ = (
        create_staff(each.username, PASSWORD, each.name, each.role, each.area) for each in (CLERK, SUPERVISOR)
    )
    load._records()
    load._records()
    assert Certification.objects.filter(channel="matching").count() == 4
    assert open_cases(clerk).count() == Case.objects.count() == 2
    assert sorted(case.signs.get().exact for case in Case.objects.all()) == [False, True]
    work()
    file = SignFile.objects.get(state="read")
    assert (file.report["exact"], file.report["probable"], file.report["nobody"]) == (4, 1, 1)
