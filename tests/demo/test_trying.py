"""The demo's page names people who are in the state that a way is about, with what to type."""

import re

import pytest

from jianzai import clock
from jianzai.audit.services import Actor
from jianzai.certification.services import open_cycle
from jianzai.channels.station.models import Mandate
from jianzai.demo import load
from jianzai.demo.accounts import CLERK, PASSWORD, SUPERVISOR
from jianzai.demo.people import HELPER_NAME, HELPER_NUMBER, roster
from jianzai.demo.trying import to_try
from jianzai.registry.areas import DEMO_TABLE, import_areas
from jianzai.registry.roster import import_roster
from jianzai.registry.services import create_staff


@pytest.mark.django_db
def test_whoever_is_named_can_sign_in_and_is_in_that_state(client, settings, tmp_path):
    settings.HOME, settings.DEMO_DATE_FILE = tmp_path, tmp_path / "date"
    settings.POLICY = str(load.__file__).replace("load.py", "policy.toml")
    assert list(to_try()) == []
    clock.move_to(load.in_window(2026))
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    import_roster("demo.csv", roster(2026), None, dry_run=False)
    open_cycle(2026, Actor.SYSTEM)
    for each in (CLERK, SUPERVISOR):
        create_staff(each.username, PASSWORD, each.name, each.role, each.area)
    load._visits()
    load._records()
    for _ in range(2):  # a demo that is started again keeps the code
        load._helper()
    shown = client.get("/demo/").text
    records, visit, helper = to_try()
    for each, told in ((records, "/matching/"), (visit, "/visit/")):
        assert f"<code>{each.number}</code>" in shown
        client.post("/sign-in", {"name": each.name, "number": each.number})
        assert told in client.get("/me").text
        client.post("/sign-out")
    assert (helper.name, helper.number) == (HELPER_NAME, HELPER_NUMBER)
    typed = {"name": helper.name, "number": helper.number, "code": re.search(r"[0-9]{8}", helper.text)[0]}
    assert typed["code"] in shown
    assert client.post(helper.page, typed).status_code == 302
    assert Mandate.objects.get().person.name in client.get("/me").text
