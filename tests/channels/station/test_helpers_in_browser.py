"""A clerk names a daughter, she opens the road and asks for a visit, her mother reads it and ends it."""

import pytest

from jianzai.channels.station.models import Mandate
from jianzai.channels.visit.models import HomeVisit
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.browser import assert_accessible, keep_picture
from tests.channels.station.office import face
from tests.channels.station.test_helpers import NAME, NUMBER, TYPED
from tests.channels.station.test_in_browser import enter, fits
from tests.people import make_person, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def good(page, name: str):
    page.wait_for_load_state()
    assert_accessible(page)
    keep_picture(page, name)


def test_the_whole_walk(browse, people):
    mother, clerk = people[0], make_staff("clerk", username="clerk")

    desk = browse()
    enter(desk, clerk)
    desk.wait_for_url("**/console/")
    desk.goto(f"/console/people/{mother.key}")
    desk.click("#helpers a.button")
    desk.fill("[name=name]", NAME)
    desk.fill("[name=number]", NUMBER)
    desk.select_option("[name=relation]", TYPED["relation"])
    desk.check("[name=agreed]")
    fits(desk, "station-helper-new-desktop")
    desk.click("button.main-action")
    desk.wait_for_selector("#code")
    fits(desk, "station-helper-code-desktop")
    code = desk.inner_text("#code")
    desk.click(f"text={say('station.code_noted', 'zh')}")
    desk.wait_for_selector("#helpers td")
    fits(desk, "station-helpers-person-desktop")

    daughter = browse("phone")
    daughter.goto("/sign-in")
    daughter.click("a[href='/station/help']")
    daughter.wait_for_selector("[name=code]")
    good(daughter, "station-help-phone")
    daughter.fill("[name=name]", NAME)
    daughter.fill("[name=number]", NUMBER)
    daughter.fill("[name=code]", "0000 0000")
    daughter.click("main button")
    daughter.wait_for_selector(".note.care")
    good(daughter, "station-help-wrong-phone")
    daughter.fill("[name=code]", code)
    daughter.click("main button")
    daughter.wait_for_url("**/me")
    good(daughter, "station-helping-phone")
    daughter.click("a[href='/visit/']")
    daughter.select_option("[name=relation]", "child")
    daughter.select_option("[name=reason]", "bedridden")
    daughter.fill("[name=address]", "文艺路 1 号")
    daughter.fill("[name=phone]", "0731-8000001")
    daughter.click("main form button")
    daughter.wait_for_selector(f"text={say('visit.visit_pension', 'zh')}")
    daughter.goto("/me/history")
    good(daughter, "station-not-for-helpers-phone")
    assert HomeVisit.objects.get().helper == Mandate.objects.get().helper_id

    home = browse("phone")
    home.goto("/sign-in")
    home.fill("#name", mother.name)
    home.fill("#number", identity_number(mother))
    home.click("main button")
    home.wait_for_url("**/me")
    good(home, "station-helped-phone")
    home.goto("/station/helpers")
    good(home, "station-own-helpers-phone")
    home.click(f"text={say('station.do_end_own', 'zh')}")
    home.wait_for_selector(f"text={say('station.own_none', 'zh')}")
    daughter.goto("/me")
    daughter.wait_for_url("**/sign-in")

    # What a supervisor sees of five people before one camera.
    for number in range(5):
        session = face(make_person(name=f"赵{number}")).session
        session.address = "203.0.113.9"
        session.save()
    head = browse()
    enter(head, make_staff("supervisor", username="head"))
    head.wait_for_url("**/console/")
    head.goto("/console/station/unusual")
    head.click("#address summary")
    fits(head, "station-unusual-desktop")
    assert head.locator("#address tbody tr").count() == 5

    english = browse("desktop", "en")
    english.goto("/station/help")
    good(english, "station-help-desktop-english")
