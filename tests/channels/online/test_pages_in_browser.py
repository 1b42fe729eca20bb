"""Every page in a real browser: axe, type of 18 pt, targets of 60 px, and no sideways scrolling."""

import pytest
from django.utils import timezone

from jianzai import clock
from jianzai.certification.certificate import check_token
from jianzai.certification.models import CaptureSession, Certification, Consent, ReferenceFace
from tests.browser import assert_accessible, keep_picture

from .conftest import NAME, NUMBER, finish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["phone-zh", "desktop-zh", "narrow-en", "desktop-en"])
def look(request, browse):
    """``look(address, name)`` opens a page, checks it and keeps its picture."""
    size, language = request.param.split("-")
    page = browse(size, language)

    def look_at(address: str, name: str):
        if address:
            page.goto(address)
        page.wait_for_load_state()
        assert_accessible(page)
        keep_picture(page, f"{name}-{request.param}")
        return page

    look_at.page = page
    return look_at


def sign_in(page):
    page.goto("/sign-in")
    page.fill("#name", NAME)
    page.fill("#number", NUMBER)
    page.click("main button")
    page.wait_for_url("**/me")


def newest_capture() -> CaptureSession:
    return CaptureSession.objects.order_by("-opened").first()


def open_capture(page) -> CaptureSession:
    page.goto("/options")
    page.click("main button:not([name])")
    page.wait_for_url("**/capture/*")
    return newest_capture()


def test_pages_for_everybody(look, cycle, service_point):
    look("/", "home")
    look("/ways", "ways")
    look("/ways?district=430102000000", "ways-district")
    look("/check", "check")
    look("/check?serial=2026-0000000000&token=AAAAAAAAAA", "check-invalid")
    look("/nowhere", "error-404")


def test_pages_of_a_sign_in(look, cycle):
    page = look("/sign-in", "sign-in")
    for _ in range(11):
        page.fill("#name", "李秀兰")
        page.fill("#number", NUMBER)
        page.click("main button")
        page.wait_for_load_state()
        if page.locator(".note").count():
            break
    look("", "sign-in-no-match")
    for _ in range(5):
        page.fill("#name", "李秀兰")
        page.fill("#number", NUMBER)
        page.click("main button")
        page.wait_for_load_state()
    look("", "sign-in-wait")


def test_pages_up_to_the_camera(look, cycle):
    sign_in(look.page)
    look("/me", "person")
    page = look("/options", "consent")
    page.click("main button")
    page.wait_for_url("**/model")
    look("", "model")
    look("/cannot", "cannot")
    look("/me/history", "face-needed")
    page.goto("/cannot")
    page.click("main button")
    page.wait_for_url("**/referred")
    look("", "referred")


def test_pages_with_the_camera_and_after(look, modelled, service_point):
    page = look.page
    Consent.objects.update(text_version="1")
    ReferenceFace.objects.update(falling_since=clock.today())
    sign_in(page)
    look("/me/face", "face-refuse")
    look("/options", "options")
    capture = open_capture(page)
    look("", "capture-ready")
    look(f"/capture/{capture.pk}/result", "result-open")
    finish(capture, "uncertain", True, reasons=["uncertain", "backlit"], case=True)
    look(f"/capture/{capture.pk}/result", "result-review")
    capture = open_capture(page)
    finish(capture, "not_same", False, reasons=["not_same", "flat", "prompt_lapsed"])
    look(f"/capture/{capture.pk}/result", "result-failed")
    capture = open_capture(page)
    CaptureSession.objects.filter(pk=capture.pk).update(state="abandoned")
    look(f"/capture/{capture.pk}/result", "result-abandoned")
    capture = open_capture(page)
    finish(capture)
    look(f"/capture/{capture.pk}/result", "result-certified")
    look("/me/consent/newer", "newer-text")
    look("/me", "person-certified")
    look("/me/history", "history")
    look("/me/consent", "withdraw")
    serial = Certification.objects.get().serial
    look(f"/check/{serial}/{check_token(serial)}", "check-valid")
    page.goto("/me/consent")
    page.click("main button")
    page.wait_for_url("**/me/withdrawn")
    look("", "withdrawn")
    look("/me/face", "face-off")
    look("/me", "person-face-off")


def test_pages_of_modelling_at_home(look, cycle, person):
    page = look.page
    sign_in(page)
    page.goto("/consent")
    page.click("main button")
    page.wait_for_url("**/model")
    page.click("main button")
    page.wait_for_url("**/capture/*")
    look("", "capture-model")
    capture = newest_capture()
    refused = {"modelled": False, "pending": False, "second_clip": False, "reasons": ["too_dark"]}
    capture.batches.create(
        sequence=0, received=1.0, answered=1.1, observations={}, answer={"outcome": refused}
    )
    CaptureSession.objects.filter(pk=capture.pk).update(state="decided", closed=timezone.now())
    look(f"/capture/{capture.pk}/result", "model-failed")
    ReferenceFace.objects.create(
        person=person, pack="embedded", state="pending", templates=b"sealed", clips=[5], quality=80
    )
    modelled = {"modelled": True, "pending": True, "second_clip": True, "reasons": []}
    capture.batches.update(answer={"outcome": modelled})
    look(f"/capture/{capture.pk}/result", "model-second")
    look("/model", "model-pending")


def test_with_the_largest_type_nothing_is_cut_off(browse, modelled):
    page = browse("narrow")
    page.goto("/")
    page.click(".size-button-3")
    page.wait_for_load_state()
    for address in ("/", "/sign-in", "/ways", "/check"):
        page.goto(address)
        assert_accessible(page)
        keep_picture(page, f"largest{address.replace('/', '-')}")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 40  # 30 pt


def test_everything_is_reached_by_keyboard_and_focus_is_seen(browse, cycle):
    page = browse()
    page.goto("/sign-in")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 3
        if reached[-1] == "number":
            break
    assert "name" in reached
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    page.wait_for_selector(".note")


def test_without_scripts_everything_but_the_camera_works(browse, modelled):
    page = browse(java_script_enabled=False)
    sign_in(page)
    page.click("text=English")
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    open_capture(page)
    page.click("noscript a, main a:has-text('Other ways')")
    page.wait_for_url("**/ways")
