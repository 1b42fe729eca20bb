"""An employer lists whom it saw, a colleague signs, one of them is drawn and reads it, a clerk sees to it."""

import pytest

from jianzai.certification.models import Certification
from jianzai.channels.station.models import Sample
from jianzai.registry.models import ServicePoint
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.browser import assert_accessible, keep_picture
from tests.channels.station.office import EMPLOYER
from tests.console.test_looks import faults
from tests.people import PASSWORD, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(page, staff):
    page.goto("/console/sign-in")
    page.fill("[name=username]", staff.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main-action")


def fits(page, name: str):
    """axe finds nothing on a page of the console, and it is not too wide."""
    page.wait_for_load_state()
    keep_picture(page, name)
    assert faults(page) == []


def test_the_whole_walk(browse, people, district):
    first, second = (make_staff("employer", username=each, employer=EMPLOYER) for each in ("one", "two"))
    clerk, supervisor = make_staff("clerk", username="clerk"), make_staff("supervisor", username="head")

    # The first of two at the employer ticks two people, having read them from a file with a wrong line.
    desk = browse()
    enter(desk, first)
    desk.wait_for_url("**/console/station/lists")
    fits(desk, "station-lists-empty-desktop")
    desk.click(f"text={say('station.list_new', 'zh')}")
    rows = [f"{one.personal_number},{one.name}" for one in people[:2]]
    table = {
        "name": "list.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join(["个人编号,姓名", *rows, "P999999,吴长生"]).encode(),
    }
    desk.set_input_files("[name=file]", table)
    desk.click("#from-file button")
    desk.wait_for_selector("#list input:checked")
    fits(desk, "station-list-new-desktop")
    assert desk.locator("[name=people]:checked").count() == 2
    assert say("station.line_unknown", "zh") in desk.inner_text("#others")
    desk.fill("#text", people[2].name)
    desk.press("#text", "Enter")
    desk.wait_for_selector(f"#list label:has-text('{people[2].name}')")
    assert desk.locator("[name=people]:checked").count() == 2
    fits(desk, "station-list-found-desktop")
    desk.check("[name=seen]")
    desk.click("#list button.main-action")
    desk.wait_for_selector(".messages .success")
    fits(desk, "station-list-sent-desktop")
    assert desk.locator(f"text={say('station.do_sign', 'zh')}").count() == 0

    # The second signs on a telephone: both are certified, and one of them is drawn.
    other = browse("phone")
    enter(other, second)
    other.wait_for_url("**/console/station/lists")
    fits(other, "station-lists-phone")
    other.click("tbody a")
    other.wait_for_selector(f"text={say('station.do_sign', 'zh')}")
    fits(other, "station-list-sign-phone")
    other.click(f"text={say('station.do_sign', 'zh')}")
    other.wait_for_selector(".messages .success")
    fits(other, "station-list-signed-phone")
    assert Certification.objects.filter(channel="station").count() == 2
    drawn = Sample.objects.get().person

    # The one drawn reads it on their own page; what the employer has not listed it never sees.
    home = browse("phone")
    home.goto("/sign-in")
    home.fill("#name", drawn.name)
    home.fill("#number", identity_number(drawn))
    home.click("main button")
    home.wait_for_url("**/me")
    assert say("station.sample_asks", "zh", day="2026年10月1日") in home.inner_text("main")
    assert_accessible(home)
    keep_picture(home, "station-drawn-phone")

    # A supervisor adds a point, which the person finds; a clerk notes that they came.
    head = browse()
    enter(head, supervisor)
    head.wait_for_url("**/console/")
    head.goto("/console/station/points")
    for name, text in (
        ("name", "芙蓉区大厅"),
        ("address", "文艺路 1 号"),
        ("phone", "0731-1"),
        ("hours", "周一"),
    ):
        head.fill(f"[name={name}]", text)
    head.select_option("[name=area]", district.code)
    head.check("[value=no_steps]")
    head.click("#point button")
    head.wait_for_selector("td >> text=芙蓉区")
    fits(head, "station-points-desktop")
    home.goto("/ways")
    home.click(f"text={say('station.offer_link', 'zh')}")
    home.select_option("#area", district.code)
    home.click("main form button")
    home.wait_for_selector(f"text={ServicePoint.objects.get().name}")
    assert_accessible(home)
    keep_picture(home, "station-finder-phone")

    counter = browse()
    enter(counter, clerk)
    counter.wait_for_url("**/console/")
    counter.goto(f"/console/people/{drawn.key}")
    fits(counter, "station-person-desktop")
    counter.click(f"text={say('station.to_met', 'zh')}")
    counter.fill("[name=document]", "居民身份证原件，照片与本人相符")
    fits(counter, "station-met-desktop")
    counter.click("button.main-action")
    counter.wait_for_selector(".messages .success")
    assert Sample.objects.get().state == "answered"

    english = browse("phone", "en")
    enter(english, first)
    english.wait_for_url("**/console/station/lists")
    for address in ("lists", "lists/new", f"lists/{Sample.objects.get().seen.seen_list_id}"):
        english.goto(f"/console/station/{address}")
        fits(english, f"station-english-{address.replace('/', '-')}")
