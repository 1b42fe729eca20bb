"""The console in a real browser: axe finds nothing, nothing scrolls sideways, keys do their work."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from jianzai.audit.services import Actor
from jianzai.benefits.services import propose_sweep, sweep_now
from jianzai.certification.models import Lookalike
from jianzai.certification.services import certify_in_person
from jianzai.clock import today
from jianzai.console.forms import LARGEST_ROSTER
from jianzai.notices.services import print_letter
from jianzai.sentences import say
from tests.browser import browse, chromium, keep_picture, playwright_driver  # noqa: F401
from tests.console import office
from tests.people import DISTRICT, OTHER_DISTRICT, PASSWORD, make_person, make_staff, resident_number
from tests.worker import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


ROSTER = (
    "personal_number,name,identity_number,area_code,monthly_pension\n"
    f"R1,郑雪梅,{resident_number(322)},{DISTRICT},3000.00"
).encode()


@pytest.fixture
def city(db):
    """An office at work: people of two districts in every standing, cases, orders, a batch, a notice."""
    supervisor = make_staff("supervisor", username="supervisor")
    other = make_staff("supervisor", username="second")
    clerk = make_staff("clerk", username="clerk")
    people = [
        make_person(name=name, area=area, phone="0731-88880001", address="长沙市芙蓉区文艺路1号")
        for area, names in (
            (DISTRICT, ("张三丰", "王桂兰", "李秀英", "刘德福", "陈玉珍", "吕淑芬")),
            (OTHER_DISTRICT, ("黄建国", "周月娥")),
        )
        for name in names
    ]
    office.cycle(today().year - 1)
    who = {person.name: person for person in people}
    sweep_now(today(), Actor.SYSTEM, area=who["黄建国"].area)
    office.reference(who["张三丰"])
    office.case(who["张三丰"])
    office.case(who["王桂兰"], live=False, decision="same")
    new = office.pending(who["李秀英"]).reference
    for name, score in (("张三丰", 9.1), ("王桂兰", 7.2)):
        Lookalike.objects.create(reference=new, person=who[name], similarity=round(9 * score), score=score)
    certify_in_person(
        who["刘德福"],
        clerk,
        document="居民身份证原件",
        reason="本人不愿使用人脸",
        note="",
        actor=Actor.staff(clerk),
    )
    print_letter(office.letter(who["陈玉珍"]), Actor.SYSTEM)
    proposed = propose_sweep(today(), who["陈玉珍"].area, None, supervisor, Actor.staff(supervisor))
    who["张三丰"].references.filter(state="active").update(falling_since=today())
    rejected = office.order(who["吕淑芬"], "rejected", rejection="账户已注销")
    return {
        "supervisor": supervisor,
        "second": other,
        "clerk": clerk,
        "who": who,
        "sweep": proposed,
        "order": rejected,
    }


def sign_in(page, username: str) -> None:
    page.goto("/console/sign-in")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/console/")


def faults(page) -> list[str]:
    """What axe finds, and how far the page is too wide."""
    found = Axe().run(page).response["violations"]
    told = [
        f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{page.url} {each}" for each in told + ([f"{wide} px too wide"] if wide > 0 else [])]


# English on a phone is the narrowest fit; axe finds the same in every combination.
@pytest.mark.parametrize(("size", "language"), [("desktop", "zh"), ("phone", "en")])
def test_every_page(browse, city, size, language):  # noqa: F811
    make_staff("administrator", username="administrator")
    who, case = city["who"], city["who"]["张三丰"].cases.get()
    page = browse(size, language)
    page.goto("/console/sign-in")
    found = faults(page)
    keep_picture(page, f"console-{size}-{language}-sign-in")
    sign_in(page, "supervisor")
    pages = {
        "home": reverse("console:home"),
        "person": reverse("console:person", args=[who["张三丰"].key]),
        "person-paused": reverse("console:person", args=[who["黄建国"].key]),
        "certify": reverse("console:certify", args=[who["吕淑芬"].key]),
        "death": reverse("console:death", args=[who["吕淑芬"].key]),
        "withdraw": reverse("console:withdraw", args=[who["张三丰"].key]),
        "model": reverse("console:model", args=[who["张三丰"].key]),
        "cases": reverse("console:cases"),
        "case": reverse("console:case", args=[case.pk]),
        "case-reference": reverse("console:case", args=[who["李秀英"].cases.get().pk]),
        "cycle": reverse("console:cycle"),
        "policy": reverse("console:policy"),
        "sweeps": reverse("console:sweeps"),
        "sweep": reverse("console:sweep", args=[city["sweep"].pk]),
        "orders": reverse("console:orders"),
        "order": reverse("console:order", args=[city["order"].sequence]),
        "roster": reverse("console:roster"),
        "audit": reverse("console:audit"),
        "figures": reverse("console:figures"),
        "account": reverse("console:account"),
        "password": reverse("console:password"),
        "set-up": reverse("console:set-up"),
    }
    for name, address in pages.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found += faults(page)
        keep_picture(page, f"console-{size}-{language}-{name}")
    page.context.clear_cookies(name="sessionid")
    sign_in(page, "administrator")
    for name in ("staff", "home"):
        page.goto(reverse(f"console:{name}"))
        found += faults(page)
        keep_picture(page, f"console-{size}-{language}-admin-{name}")
    page.goto(reverse("console:member", args=[city["clerk"].pk]))
    found += faults(page)
    keep_picture(page, f"console-{size}-{language}-member")
    assert not found, "\n".join(found)


def test_a_person_is_found_and_opened_with_the_keyboard_alone(browse, city):  # noqa: F811
    page = browse()
    sign_in(page, "clerk")
    page.keyboard.press("/")
    page.keyboard.type("wang")
    page.wait_for_selector("#search-found a")
    keep_picture(page, "console-desktop-zh-search")
    page.keyboard.press("ArrowDown")
    assert "王桂兰" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "search-text"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{city['who']['王桂兰'].key}")
    page.keyboard.press("i")  # the identity number, without leaving the page
    page.wait_for_selector("#identity strong")
    page.keyboard.press("c")
    page.wait_for_url("**/certify")


def test_enter_opens_the_only_one_found_and_escape_closes_the_list(browse, city):  # noqa: F811
    page = browse()
    sign_in(page, "clerk")
    page.keyboard.press("/")
    page.keyboard.type("li xiu ying")
    page.wait_for_selector("#search-found a")
    page.keyboard.press("Escape")  # browsers empty a search field by it, too
    assert page.locator("#search-found a").count() == 0
    page.keyboard.type("lxy")
    page.wait_for_selector("#search-found a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{city['who']['李秀英'].key}")


def test_enter_without_anybody_found_says_so_and_what_to_try(browse, city):  # noqa: F811
    page = browse("phone")
    sign_in(page, "clerk")
    for wait in (True, False):  # for the list, or faster than it comes
        page.fill("#search-text", "没有的人")
        if wait:
            page.wait_for_selector("#search-found .note")
        page.press("#search-text", "Enter")
        page.wait_for_selector("main .note")
        assert say("console.search_nobody", "zh", text="没有的人") in page.inner_text("main")
        assert page.input_value("#search-text") == "没有的人"
        assert not faults(page)
        keep_picture(page, "console-phone-zh-nobody")
        page.goto("/console/")


def test_cases_are_decided_with_two_keys_each(browse, city):  # noqa: F811
    who = city["who"]
    first, second, third = (who[name].cases.get() for name in ("张三丰", "王桂兰", "李秀英"))
    page = browse()
    sign_in(page, "clerk")
    page.goto(reverse("console:cases"))
    page.keyboard.press("n")
    page.wait_for_url(f"**/review/{first.pk}")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "id_finding"
    assert page.input_value("#id_finding")  # the usual finding, selected, to be typed over
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{second.pk}")
    page.keyboard.press("r")
    page.keyboard.type("画面里是一张照片")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{third.pk}")
    for case in (first, second):
        case.refresh_from_db()
    assert (first.state, second.state) == ("approved", "rejected")
    assert second.finding == "画面里是一张照片"


def test_a_letter_typed_into_a_field_is_no_shortcut(browse, city):  # noqa: F811
    page = browse()
    sign_in(page, "clerk")
    page.goto(reverse("console:case", args=[city["who"]["张三丰"].cases.get().pk]))
    page.click("#id_finding")
    page.keyboard.type("a/r/n")
    assert page.input_value("#id_finding") == "a/r/n"
    assert page.locator("input[name=decision]:checked").count() == 0


def test_the_console_works_without_scripts(browse, city):  # noqa: F811
    page = browse(java_script_enabled=False)
    sign_in(page, "clerk")
    page.fill("#search-text", "王桂兰")
    page.press("#search-text", "Enter")
    page.click("main .people a")
    page.wait_for_url(f"**/people/{city['who']['王桂兰'].key}")


def test_a_batch_from_dry_run_to_release(browse, city):  # noqa: F811
    page = browse("desktop", "en")
    sign_in(page, "second")
    page.goto(reverse("console:sweeps"))
    page.click("button[name=dry-run]")
    page.wait_for_selector("#report")
    found = faults(page)
    keep_picture(page, "console-desktop-en-dry-run")
    page.goto(reverse("console:sweep", args=[city["sweep"].pk]))
    page.click("form[action$=confirm] button")
    page.wait_for_selector(".messages .success")
    page.wait_for_selector("#progress progress")
    found += faults(page)
    keep_picture(page, "console-desktop-en-released")
    work()
    page.wait_for_selector("#progress progress", state="detached")  # it asked by itself
    page.wait_for_selector("text=Undo the whole batch")
    found += faults(page)
    keep_picture(page, "console-desktop-en-carried-out")
    city["sweep"].refresh_from_db()
    assert city["sweep"].state == "done"
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_roster_is_read_and_taken_over_before_ones_eyes(browse, city, scripts):  # noqa: F811
    page = browse("phone", "en", java_script_enabled=scripts)
    sign_in(page, "supervisor")
    page.goto(reverse("console:roster"))
    page.set_input_files("[name=file]", {"name": "2026.csv", "mimeType": "text/csv", "buffer": ROSTER})
    page.click("form .main-action")
    page.wait_for_selector("#progress")
    found = faults(page) if scripts else []
    keep_picture(page, "console-phone-en-roster-reading")
    work()
    page.click("form .main-action")  # appears by itself
    page.wait_for_selector("#progress")
    found += faults(page) if scripts else []
    work()
    page.wait_for_selector("text=Roster imported: 1 added")
    found += faults(page) if scripts else []
    keep_picture(page, "console-phone-en-roster-imported")
    assert not found, "\n".join(found)


def test_a_roster_with_mistakes_in_a_browser(browse, city, tmp_path):  # noqa: F811
    file = tmp_path / "名册.csv"
    file.write_text(
        "personal_number,name,identity_number,area_code,monthly_pension\nR1,,43010219500115,430102,三千\n"
    )
    page = browse()
    sign_in(page, "supervisor")
    page.goto(reverse("console:roster"))
    field = page.locator("#id_file")
    with file.with_name("too-large.csv").open("wb") as large:
        large.truncate(LARGEST_ROSTER + 1)  # told before it is sent
    field.set_input_files(large.name)
    too_large = say("console.file_too_large", "zh", megabytes=64)
    assert field.evaluate("field => field.validationMessage") == too_large
    assert page.locator("main .errorlist").inner_text() == too_large
    keep_picture(page, "console-desktop-zh-roster-too-large")
    field.set_input_files(file)
    assert page.locator("main .errorlist").inner_text() == ""
    page.click("main .main-action")
    page.wait_for_url("**/roster/*")
    work()
    page.wait_for_selector("main table tbody tr")  # appears by itself
    assert page.locator("main table tbody tr").count() >= 3
    found = faults(page)
    keep_picture(page, "console-desktop-zh-roster-check")
    assert not found, "\n".join(found)
