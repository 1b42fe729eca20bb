"""A relative asks by telephone, a clerk books and prints, officers meet a paused person, who is paid."""

from datetime import date

import pytest

from jianzai.audit.services import Actor
from jianzai.benefits.models import Pause
from jianzai.benefits.services import sweep_now
from jianzai.certification.models import Certification
from jianzai.certification.queries import current_obligation
from jianzai.channels.visit.models import HomeVisit
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.browser import assert_accessible, keep_picture
from tests.channels.visit import office
from tests.console.test_looks import faults
from tests.people import PASSWORD, make_person, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in_to_console(page, staff):
    page.goto("/console/sign-in")
    page.fill("[name=username]", staff.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main-action")
    page.wait_for_url("**/console/")


def fits(page, name: str):
    """axe finds nothing on a page of the console, and it is not too wide."""
    page.wait_for_load_state()
    keep_picture(page, name)
    assert faults(page) == []


def test_the_whole_walk(browse, person, clerk, supervisor, on_day, tmp_path):
    second = make_staff("clerk", username="second")
    on_day(date(2026, 10, 8))
    sweep_now(today(), Actor.SYSTEM)
    assert current_obligation(person).status == Status.PAUSED

    # A supervisor adds a team.
    teams = browse()
    sign_in_to_console(teams, supervisor)
    teams.goto("/console/visit/teams")
    teams.fill("[name=name]", "上门一组")
    teams.select_option("[name=area]", person.area_id)
    teams.click("#team button")
    teams.wait_for_selector("td >> text=芙蓉区")
    fits(teams, "visit-teams-desktop")

    # The daughter finds the way on the site and asks for a visit.
    home = browse("phone")
    home.goto("/sign-in")
    home.fill("#name", person.name)
    home.fill("#number", identity_number(person))
    home.click("main button")
    home.wait_for_url("**/me")
    home.goto("/ways")
    assert_accessible(home)
    home.get_by_role("link", name=say("visit.offer_link", "zh"), exact=True).click()
    home.wait_for_url("**/visit/")
    assert_accessible(home)
    keep_picture(home, "visit-request-phone")
    home.select_option("[name=relation]", "child")
    home.select_option("[name=reason]", "bedridden")
    home.fill("[name=address]", office.ADDRESS)
    home.fill("[name=phone]", "没有")
    home.click("main form button")
    home.wait_for_selector("[role=alert]")
    assert_accessible(home)
    keep_picture(home, "visit-request-wrong-phone")
    home.fill("[name=phone]", office.PHONE)
    home.click("main form button")
    home.wait_for_selector(f"text={say('visit.visit_pension', 'zh')}")
    assert_accessible(home)
    keep_picture(home, "visit-waiting-phone")

    # The clerk books what is proposed and prints the sheet of the day.
    desk = browse()
    sign_in_to_console(desk, clerk)
    desk.click(f"nav >> text={say('visit.planning', 'zh')}")
    desk.wait_for_url("**/console/visit/")
    fits(desk, "visit-planning-desktop")
    visit = HomeVisit.objects.get(person=person)
    desk.goto(f"/console/visit/{visit.pk}")
    fits(desk, "visit-visit-desktop")
    desk.go_back()
    desk.click(f"text={say('visit.do_book', 'zh')}")
    desk.wait_for_selector(f"text={say('visit.to_sheet', 'zh')}")
    fits(desk, "visit-booked-desktop")
    sheet = desk.request.get(desk.get_attribute(f"text={say('visit.to_sheet', 'zh')}", "href"))
    assert sheet.body().startswith(b"%PDF")
    assert visit.booked.day == date(2026, 10, 9)

    # The daughter moves it to the afternoon, and has it in her telephone's calendar.
    home.reload()
    assert_accessible(home)
    keep_picture(home, "visit-booked-phone")
    home.click("button[value='2026-10-09:afternoon']")
    moved = say("visit.when_afternoon", "zh", day="2026年10月9日", weekday="星期五", time="14:00")
    home.wait_for_selector(f"text={moved}")
    with home.expect_download() as download:
        home.click(f"text={say('visit.visit_calendar', 'zh')}")
    assert "DTSTART:20261009T060000Z" in download.value.path().read_text()
    pages = (("/visit/contact", "visit-contact"), ("/visit/cancel", "visit-cancel"), ("/me", "visit-me"))
    for address, name in pages:
        home.goto(address)
        assert_accessible(home)
        keep_picture(home, f"{name}-phone")
    small = browse("narrow", "en")  # long words on little room
    signed_in = [one for one in home.context.cookies() if one["name"] != "django_language"]
    small.context.add_cookies(signed_in)
    for address in ("/visit/", "/visit/cancel", "/me", "/ways"):
        small.goto(address)
        assert_accessible(small)
    keep_picture(small, "visit-ways-narrow")

    desk.goto(f"/console/visit/{visit.pk}/contact")
    fits(desk, "visit-contact-desktop")
    son = browse("phone")  # knows the name and the number, and finds the telephone
    son.goto("/sign-in?to=/visit/")
    son.fill("#name", person.name)
    son.fill("#number", identity_number(person))
    son.click("main button")
    son.wait_for_url("**/visit/")
    assert_accessible(son)
    keep_picture(son, "visit-locked-phone")
    son.fill("#digits", "1111")
    son.click("main form button")
    son.wait_for_selector("#problem")
    assert_accessible(son)
    son.fill("#digits", office.PHONE[-4:])
    son.click("main form button")
    son.wait_for_selector(f"text={office.ADDRESS}")
    keep_picture(son, "visit-opened-phone")

    # At the door the officer tells the outcome on a telephone.
    on_day(date(2026, 10, 9))
    picture = tmp_path / "meeting.jpg"
    picture.write_bytes(office.picture())
    door = browse("phone")
    sign_in_to_console(door, clerk)
    door.goto("/console/visit/")
    fits(door, "visit-planning-phone")
    door.click(f"text={say('visit.enter_outcome', 'zh')}")
    door.wait_for_url("**/outcome")
    fits(door, "visit-outcome-phone")
    door.select_option("[name=second]", str(second.pk))
    door.fill("[name=document]", "居民身份证原件，照片与本人相符")
    door.set_input_files("[name=photograph]", str(picture))
    door.select_option("[name=photograph_consent]", "relative")
    door.click("#met button")
    door.wait_for_selector(".messages .success")
    fits(door, "visit-met-phone")
    home.goto("/visit/")
    assert_accessible(home)
    keep_picture(home, "visit-met-phone-home")

    # The second signs with their own account.
    signing = browse("phone")
    sign_in_to_console(signing, second)
    signing.goto("/console/visit/")
    fits(signing, "visit-signatures-phone")
    signing.click(f"#signatures >> text={say('visit.to_signature', 'zh')}")
    signing.wait_for_selector("#signature")
    fits(signing, "visit-signature-phone")
    signing.click("#signature button.main-action")
    signing.wait_for_selector(".messages .success")
    fits(signing, "visit-signed-phone")

    certification = Certification.objects.get(person=person)
    assert (certification.channel, certification.officer) == ("visit", clerk)
    assert Pause.objects.get(person=person).state == "resumed"
    assert current_obligation(person).status == Status.RESUMED
    visit.refresh_from_db()
    assert (visit.state, visit.photograph_consent) == ("certified", "relative")
    english = browse("phone", "en")
    sign_in_to_console(english, clerk)
    for address in (f"/console/visit/{visit.pk}", f"/console/visit/request/{make_person().key}"):
        english.goto(address)
        fits(english, f"visit-english-{address.count('/')}")
    desk.goto(f"/console/people/{person.key}")
    fits(desk, "visit-person-desktop")
    assert say("visit.channel", "zh") in desk.inner_text("main")
    home.goto("/visit/")
    assert_accessible(home)
    keep_picture(home, "visit-not-needed-phone")
