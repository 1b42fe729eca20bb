"""Colours on the page, in Chromium before a fake camera: what is painted, how fast, and by choice not."""

import pytest

from jianzai.audit.services import Actor
from jianzai.certification.models import Attempt
from jianzai.certification.services import open_cycle
from jianzai.clock import today
from jianzai.faces.liveness.light import SECONDS
from tests.browser import assert_accessible, keep_picture

from .test_camera_in_browser import LONG, MAN, reference, seen_by, start_camera  # noqa: F401
from .test_pages_in_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# As the man in view, with more rest at the end for the colours; from 43.0 on his hands are before his chin,
# which changes its colour.
SITTING = {**MAN, "film": [*MAN["film"][:-1], (29.0, 43.0), (8.5, 12.7), (52.0, 53.4)]}

_WATCHED = """() => {
  window.painted = [];
  const sheet = document.querySelector("[data-part=light]");
  new MutationObserver(() => {
    const colour = sheet.hidden ? "" : sheet.style.backgroundColor;
    const last = window.painted[window.painted.length - 1];
    if (last ? last.colour !== colour : colour) {
      const { width, height } = sheet.getBoundingClientRect();
      const whole = width === window.innerWidth && height === window.innerHeight;
      window.painted.push({ colour, whole, when: performance.now() });
      sessionStorage.setItem("painted", JSON.stringify(window.painted));
    }
  }).observe(sheet, { attributes: true });
}"""


@pytest.fixture
def cycle(person, tmp_path):
    rules = tmp_path / "office.toml"
    rules.write_text('base = "rolling-12-months"\nlight = "offered"\n', encoding="utf-8")
    return open_cycle(today().year, Actor.SYSTEM, str(rules))


def test_the_whole_page_shows_the_colours_that_were_drawn_calmly(browse, seen_by, reference):  # noqa: F811
    page = browse("phone", browser=seen_by(SITTING))
    sign_in(page)
    page.goto("/options")
    assert_accessible(page)
    keep_picture(page, "options-light")
    assert not page.locator("[name=plain]").is_checked()
    capture = start_camera(page)
    page.evaluate(_WATCHED)
    page.wait_for_selector('[data-part="light"]:visible', timeout=LONG)
    assert_accessible(page)
    keep_picture(page, "capture-light")
    page.wait_for_url("**/result", timeout=LONG)
    attempt = Attempt.objects.get()
    assert page.locator("h1").inner_text() == "认证成功", (attempt.reasons, attempt.voices)
    assert attempt.voices["light"] is None  # no camera looked at this screen
    painted = page.evaluate("JSON.parse(sessionStorage.getItem('painted'))")
    lit = [one for one in painted if one["colour"]]
    capture.refresh_from_db()
    assert [_hex(one["colour"]) for one in lit] == capture.challenge["light"]["colours"]
    assert all(one["whole"] for one in lit)
    moments = [one["when"] for one in painted]
    gaps = [after - before for before, after in zip(moments, moments[1:], strict=False)]
    assert min(gaps) >= 400, "more than 2.5 changes a second"
    assert max(gaps) < 3 * 1000 * SECONDS
    marks = [
        one["reflection"]["shown"]
        for batch in capture.batches.all()
        for one in batch.observations["frames"]
        if one["reflection"]
    ]
    assert marks == sorted(marks)
    assert {int(mark) for mark in marks} == set(range(len(lit) + 1))


def test_who_chooses_so_sees_no_colours(browse, seen_by, reference):  # noqa: F811
    page = browse(browser=seen_by(MAN))
    sign_in(page)
    page.goto("/options")
    page.check("[name=plain]")
    page.click("main button:not([name])")
    page.wait_for_url("**/capture/*")
    page.click('[data-part="start"]')
    page.wait_for_selector("text=第 1 步，共 2 步", timeout=LONG)
    page.evaluate(_WATCHED)
    page.wait_for_url("**/result", timeout=LONG)
    assert page.locator("h1").inner_text() == "认证成功"
    assert page.evaluate("sessionStorage.getItem('painted')") is None


def _hex(colour: str) -> str:
    """``rgb(1, 2, 3)`` as the challenge writes it."""
    return "#" + "".join(f"{int(part):02x}" for part in colour[4:-1].split(","))
