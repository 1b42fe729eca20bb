"""The console in a real browser: axe finds nothing, nothing scrolls sideways, keys do their work."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from jianzai.audit.services import Actor
from jianzai.benefits.services import propose_sweep, sweep_now
from jianzai.certification.services import certify_in_person
from jianzai.clock import today
from tests.browser import browse, chromium, keep_picture, playwright_driver  # noqa: F401
from tests.console import office
from tests.people import DISTRICT, OTHER_DISTRICT, PASSWORD, make_person, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    office.pending(who["李秀英"])
    certify_in_person(
        who["刘德福"],
        clerk,
        document="居民身份证原件",
        reason="本人不愿使用人脸",
        note="",
        actor=Actor.staff(clerk),
    )
    office.letter(who["陈玉珍"])
    proposed = propose_sweep(today(), who["陈玉珍"].area, None, supervisor, Actor.staff(supervisor))
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


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
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
