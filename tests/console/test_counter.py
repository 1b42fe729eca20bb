"""The camera at the counter, with a film of a sample person in front of it: modelled twice, certified."""

from random import Random

import pytest
from django.urls import reverse

from jianzai.certification.models import Attempt, CaptureSession, Certification, ReferenceFace
from jianzai.faces import fetch
from jianzai.faces.liveness import draw
from tests.browser import browse, cameras, chromium, film, keep_picture, playwright_driver  # noqa: F401
from tests.console import office
from tests.console.test_looks import faults, sign_in
from tests.faces.liveness.scripts import STRAIGHT
from tests.people import make_person, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.camera, pytest.mark.django_db(transaction=True)]
A_CONVERSATION = 120_000  # milliseconds, on a busy machine


@pytest.fixture
def filmed(cameras, tmp_path, settings):  # noqa: F811
    """``filmed(script)`` starts a browser whose camera plays that recording, and draws what it answers."""

    def start(script):
        settings.CHALLENGE_SEED = next(
            seed
            for seed in range(1000)
            if tuple(prompt.action for prompt in draw(Random(seed)).prompts) == script.actions
        )
        stretch = [(script.start, script.start + 2 * script.seconds)]
        return cameras(film(tmp_path / f"{script.file}.mjpeg", fetch(script.file), stretch))

    return start


def test_modelled_with_two_clips_and_certified_at_the_counter(browse, filmed):  # noqa: F811
    clerk, person = make_staff("clerk", username="clerk"), make_person(name="王德福")
    office.cycle()
    short, long = sorted(STRAIGHT, key=lambda script: script.file, reverse=True)
    page = browse(browser=filmed(short))
    sign_in(page, "clerk")
    page.goto(reverse("console:model", args=[person.key]))
    page.check("#id_seen")
    page.check("#id_consent")
    page.click("button.main-action")
    page.wait_for_url("**/captures/*")
    found = faults(page)
    keep_picture(page, "console-desktop-zh-capture-ready")
    page.click('[data-part="start"]')
    page.wait_for_selector('[data-part="progress"]:not(:empty)', timeout=A_CONVERSATION)
    found += faults(page)
    keep_picture(page, "console-desktop-zh-capture")
    page.wait_for_url("**/result", timeout=A_CONVERSATION)
    found += faults(page)
    keep_picture(page, "console-desktop-zh-modelled")
    one = ReferenceFace.objects.get(person=person)
    assert (one.state, one.made_by, one.confirmed_by, len(one.clips)) == ("active", clerk, clerk, 1)

    page = with_another_film(browse, filmed(long), CaptureSession.objects.get())
    page.keyboard.press("s")  # the second clip
    converse(page)
    both = ReferenceFace.objects.get(person=person, state="active")
    assert len(both.clips) == 2, page.inner_text("main")

    page = with_another_film(browse, filmed(long), CaptureSession.objects.get(clip=2))
    page.keyboard.press("v")
    converse(page)
    found += faults(page)
    keep_picture(page, "console-desktop-zh-certified")
    certification = Certification.objects.filter(person=person).first()
    assert certification, Attempt.objects.values("decision", "reasons", "voices", "similarity")
    assert (certification.channel, certification.officer) == ("station", clerk)
    assert not found, "\n".join(found)


def with_another_film(browse, camera, capture):  # noqa: F811
    """The clerk at the result of ``capture``, with a film from its start: gone round, it is a replay."""
    page = browse(browser=camera)
    sign_in(page, "clerk")
    page.goto(reverse("console:capture-result", args=[capture.pk]))
    return page


def converse(page) -> None:
    page.wait_for_url("**/captures/*")
    page.click('[data-part="start"]')
    page.wait_for_url("**/result", timeout=A_CONVERSATION)
