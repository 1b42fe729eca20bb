"""A form is downloaded, stamped and sent in; a clerk decides by keyboard; the sender sees how it stands."""

from datetime import date

import pytest

from jianzai.audit.services import Actor
from jianzai.benefits.models import Pause
from jianzai.benefits.services import sweep_now
from jianzai.certification.models import Certification
from jianzai.certification.queries import current_obligation
from jianzai.channels.mail.models import Form, Sheet
from jianzai.channels.mail.payload import Kind
from jianzai.channels.mail.tasks import read_left_sheets
from jianzai.clock import today
from jianzai.demo.papers import returned
from jianzai.notices.models import Notice
from jianzai.registry.services import identity_number
from jianzai.sentences import say
from tests.browser import assert_accessible, keep_picture
from tests.channels.mail import office
from tests.console.test_looks import faults
from tests.people import PASSWORD, make_person

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


def looks(page, name: str):
    """A page of the site is fit for old eyes and hands."""
    page.wait_for_load_state()
    keep_picture(page, name)
    assert_accessible(page)


def test_the_whole_walk(browse, person, clerk, on_day, tmp_path):
    other = make_person(name="李秀英", address="示范路 2 号（虚构） 410000")
    current_obligation(other)

    # At home: the form, with what was typed and the number, and no more without a face match.
    home = browse("phone")
    home.goto("/sign-in")
    home.fill("#name", person.name)
    home.fill("#number", identity_number(person))
    home.click("main button")
    home.wait_for_url("**/me")
    home.goto("/ways")
    home.click(f"text={say('mail.offer_link', 'zh')}")
    home.wait_for_url("**/mail/")
    looks(home, "mail-start-phone")
    home.click(f"text={say('mail.offer_elsewhere', 'zh')}")
    home.wait_for_url("**/mail/form/elsewhere")
    looks(home, "mail-form-phone")
    home.fill("[name=phone]", "0755-88880000")
    with home.expect_download() as download:
        home.click("main form button")
    printed = download.value.path().read_bytes()
    assert printed.startswith(b"%PDF")
    number = Form.objects.get(person=person).number

    # At the desk: the scan is brought in, and holds the pause.
    on_day(date(2026, 9, 28))
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(returned(printed, Kind.ELSEWHERE, office.WRITTEN))
    desk = browse()
    sign_in_to_console(desk, clerk)
    desk.click(f"nav >> text={say('mail.sheets', 'zh')}")
    desk.wait_for_url("**/console/mail/")
    desk.keyboard.press("u")
    desk.wait_for_url("**/arrive")
    fits(desk, "mail-arrive-desktop")
    desk.set_input_files("[name=files]", str(scan))
    desk.fill("[name=custodian]", "芙蓉区档案柜 3")
    desk.click("#arrive button")
    desk.wait_for_selector(".messages .success")
    fits(desk, "mail-sheets-desktop")
    on_day(date(2026, 10, 8))
    sweep_now(today(), Actor.SYSTEM)
    assert not Pause.objects.filter(person=person).exists()
    assert Pause.objects.filter(person=other).exists()

    home.goto("/mail/")
    home.fill("[name=number]", number)
    home.click("main form button")
    home.wait_for_selector(f"text={say('mail.status_received', 'zh')}")
    looks(home, "mail-status-phone")

    # It was read: the clerk sees scan and fields side by side, and presses one key.
    read_left_sheets(0)
    sheet = Sheet.objects.get()
    desk.reload()
    desk.keyboard.press("n")
    desk.wait_for_url(f"**/console/mail/{sheet.pk}")
    desk.wait_for_function("[...document.images].every((one) => one.complete && one.naturalWidth)")
    fits(desk, "mail-sheet-desktop")
    assert desk.input_value("[name=attested_on]") == "2026-08-20"
    if desk.input_value("[name=attester]") != office.ATTESTER:
        desk.fill("[name=attester]", office.ATTESTER)
    desk.focus("h1 ~ p a")
    desk.keyboard.press("a")
    desk.wait_for_selector(".messages .success")
    certification = Certification.objects.get(person=person)
    assert (certification.channel, certification.on) == ("mail", date(2026, 8, 20))
    home.reload()
    home.fill("[name=number]", number)
    home.click("main form button")
    home.wait_for_selector(f"text={say('mail.status_accepted', 'zh')}")

    # Another one lacks its seal: what is wrong is ticked already; two keys, and a letter says so.
    unsealed = office.waiting(other, clerk, Kind.HMT)
    unsealed.keep_reading(office.EMPTY_READING | {"asked": ["seal", "signature"], "signature": False})
    unsealed.save()
    desk.goto("/console/mail/")
    desk.keyboard.press("n")
    desk.wait_for_selector("#reject")
    fits(desk, "mail-reject-desktop")
    desk.keyboard.press("6")
    desk.focus("h1 ~ p a")
    desk.keyboard.press("r")
    desk.wait_for_selector(".messages .success")
    assert {"no_seal", "no_signature", "not_readable"} <= set(Sheet.objects.get(person=other).reasons)
    assert Notice.objects.filter(person=other, kind="form_rejected", transport="letter").exists()

    for address, name in (
        ("/console/mail/posting", "posting"),
        (f"/console/people/{other.key}", "person"),
        (f"/console/mail/{sheet.pk}", "decided"),
    ):
        desk.goto(address)
        fits(desk, f"mail-{name}-desktop")
    small = browse("phone", "en")
    sign_in_to_console(small, clerk)
    for address, name in (("/console/mail/", "sheets"), (f"/console/mail/{sheet.pk}", "sheet")):
        small.goto(address)
        fits(small, f"mail-{name}-phone-english")
    narrow = browse("narrow", "en")
    narrow.context.add_cookies([one for one in home.context.cookies() if one["name"] != "django_language"])
    for address in ("/mail/", "/mail/form/abroad", "/ways"):
        narrow.goto(address)
        looks(narrow, f"mail-narrow-{address.strip('/').replace('/', '-')}")
