"""A supervisor's file certifies somebody, who objects; one hint of a death is rebutted, another confirmed."""

from datetime import date

import pytest

from jianzai.benefits.models import Death
from jianzai.certification.models import Certification
from jianzai.channels.matching.models import Case, SignFile, Source
from jianzai.notices.models import Notice
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.browser import assert_accessible, keep_picture
from tests.channels.matching import office
from tests.channels.visit.test_in_browser import fits, sign_in_to_console
from tests.people import CITY, make_person, make_staff
from tests.worker import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, person):
    page.goto("/sign-in")
    page.fill("#name", person.name)
    page.fill("#number", identity_number(person))
    page.click("main button")
    page.wait_for_url("**/me")


def test_the_whole_walk(browse, person, clerk, supervisor, on_day, tmp_path):
    alive, late = make_person(name="李秀英", phone="0731-88880001"), make_person(name="陈建国")
    late.address = "长沙市芙蓉区文艺路1号 410001"
    late.save()

    # A supervisor registers a hospital's records, and brings a file with a bad row, then one without.
    desk = browse()
    sign_in_to_console(desk, supervisor)
    desk.click(f"nav >> text={say('matching.sources', 'zh')}")
    desk.wait_for_url("**/console/matching/sources")
    fits(desk, "matching-sources-desktop")
    for name, value in (
        ("name", "市医保中心就诊记录"),
        ("code", "hospital"),
        ("ground", "社会保险经办条例 第三十九条"),
        ("purpose", "核对养老金领取资格"),
        ("column_day", "就诊时间"),
    ):
        desk.fill(f"[name={name}]", value)
    desk.select_option("[name=area]", CITY)
    desk.select_option("[name=kind]", "hospital")
    desk.select_option("[name=says]", "alive")
    desk.select_option("[name=trust]", "3")
    desk.click("#source button.main-action")
    desk.wait_for_selector(".messages .success")
    source = Source.objects.get()
    fits(desk, "matching-source-desktop")
    header = ["证件号码", "姓名", "就诊时间"]
    theirs = [identity_number(person), person.name, "2026-08-20 10:22"]
    for bad in (True, False):
        file = tmp_path / "visits.csv"
        file.write_bytes(
            office.table(theirs, *([["", "只有姓名", "2026-08-20"]] if bad else []), header=header)
        )
        desk.goto(f"/console/matching/sources/{source.pk}")
        desk.set_input_files("[name=file]", str(file))
        desk.click("#upload button.main-action")
        desk.wait_for_url("**/console/matching/files/*")
        fits(desk, "matching-file-waiting-desktop")
        work()
        desk.reload()
        fits(desk, f"matching-file-{'bad' if bad else 'fine'}-desktop")
    desk.click(f"text={say('matching.do_import', 'zh')}")
    desk.wait_for_load_state()
    work()
    desk.reload()
    desk.wait_for_selector(f"text={say('matching.file_done', 'zh')}")
    fits(desk, "matching-file-done-desktop")
    assert SignFile.objects.filter(state="imported").count() == 1
    assert Certification.objects.get().on == date(2026, 8, 20)

    # The person reads by what, and objects.
    home = browse("phone")
    sign_in(home, person)
    assert_accessible(home)
    keep_picture(home, "matching-me-phone")
    home.click(f"a[href='/matching/'] >> text={say('online.matter_see', 'zh')}")
    home.wait_for_url("**/matching/")
    assert_accessible(home)
    keep_picture(home, "matching-certified-phone")
    home.click(f"text={say('matching.object', 'zh')}")
    home.fill("[name=said]", "那天我在外地")
    assert_accessible(home)
    keep_picture(home, "matching-object-phone")
    home.click("main form button")
    home.wait_for_selector(f"text={say('matching.objection_open', 'zh')}")
    assert_accessible(home)

    # A cremation's records name two people; nothing is stopped.
    office.bring(
        office.source("dead"), office.row_of(alive, number=False), office.row_of(late, date(2026, 6, 20))
    )
    clerks = browse()
    sign_in_to_console(clerks, clerk)
    clerks.click(f"nav >> text={say('matching.cases', 'zh')}")
    clerks.wait_for_url("**/console/matching/cases")
    fits(clerks, "matching-cases-desktop")
    case = Case.objects.get(person=alive)
    clerks.goto(f"/console/matching/cases/{case.pk}")
    fits(clerks, "matching-case-desktop")

    # One of them certifies: answered within minutes.
    other = browse("phone")
    sign_in(other, alive)
    keep_picture(other, "matching-hint-me-phone")
    other.click(f"a[href='/matching/'] >> text={say('online.matter_see', 'zh')}")
    other.wait_for_url("**/matching/")
    assert_accessible(other)
    keep_picture(other, "matching-hint-phone")
    assert other.is_visible(f"text={say('matching.hint_certify', 'zh')}")
    clerks.goto(f"/console/people/{alive.key}/certify")
    clerks.fill("[name=document]", "居民身份证原件")
    clerks.select_option("[name=reason]", "no_camera")
    clerks.click("form.panel button.main-action")
    clerks.wait_for_selector(".messages .success")
    fits(clerks, "matching-person-desktop")
    case.refresh_from_db()
    assert case.state == "rebutted"
    other.reload()
    other.wait_for_selector(f"text={say('matching.nothing', 'zh')}")
    assert_accessible(other)

    # Of the other there is a document.
    clerks.goto(f"/console/matching/cases/{Case.objects.get(person=late).pk}")
    clerks.fill("[name=died_on]", "2026-06-20")
    clerks.fill("[name=document]", "火化证 1234")
    clerks.fill("[name=document_on]", "2026-06-23")
    clerks.check("[name=sure]")
    clerks.click("#death button")
    clerks.wait_for_url(f"**/console/people/{late.key}")
    fits(clerks, "matching-death-desktop")
    assert Death.objects.get().overpaid_months == 2
    assert Notice.objects.get(kind="condolence").state == "queued"

    # The objection is right.
    objection = Case.objects.get(kind="objection")
    clerks.goto(f"/console/matching/cases/{objection.pk}")
    fits(clerks, "matching-objection-desktop")
    clerks.check("[name=answer][value=right]")
    clerks.fill("[name=finding]", "医院更正")
    clerks.click("#answer button.main-action")
    clerks.wait_for_selector(".messages .success")
    home.reload()
    home.wait_for_selector(f"text={say('matching.objection_upheld', 'zh')}")
    assert_accessible(home)
    keep_picture(home, "matching-upheld-phone")

    # English, and on little room.
    for size, staff in (("phone", make_staff("supervisor", username="second")), ("narrow", None)):
        page = browse(size, "en")
        if staff:
            sign_in_to_console(page, staff)
            for address in ("sources", f"sources/{source.pk}", "cases", f"cases/{objection.pk}"):
                page.goto(f"/console/matching/{address}")
                fits(page, f"matching-english-{address.replace('/', '-')}")
        else:
            sign_in(page, person)
            for address in ("/matching/", "/ways", "/me"):
                page.goto(address)
                assert_accessible(page)
