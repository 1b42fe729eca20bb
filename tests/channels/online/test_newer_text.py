"""Who agreed to an older text is offered the newer one: once, after a certification, and free to say no."""

from datetime import date

import pytest
from django.test import Client

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.models import CaptureSession, Consent
from jianzai.certification.services import TEXT_VERSION, valid_consent
from jianzai.certification.services.consents import LETS_GROW
from jianzai.sentences import say

from .conftest import NAME, NUMBER, finish, open_capture

OFFER = say("online.newer_offer", "zh")
PAGE = "/me/consent/newer"


@pytest.fixture
def agreed(modelled):
    """The person agreed when the first text was shown."""
    Consent.objects.update(text_version="1")
    return modelled


def certified(client) -> tuple[CaptureSession, str]:
    """A capture that certifies, and the page that says so."""
    capture = open_capture(client)
    finish(capture)
    return capture, client.get(f"/capture/{capture.pk}/result").content.decode()


def acts() -> list[str]:
    entries = AuditEntry.objects.filter(act__startswith="certification.consent").order_by("pk")
    return [entry.act.removeprefix("certification.consent_") for entry in entries]


def test_what_is_new_is_said_for_the_text_in_force():
    assert TEXT_VERSION == "2"  # a further version needs another online.newer_what


def test_agreeing_lets_the_model_grow_from_then_on(signed_in, agreed):
    _, page = certified(signed_in)
    assert OFFER in page
    assert f'href="{PAGE}"' in page
    assert say("online.newer_what", "zh") in signed_in.get(PAGE).content.decode()
    answer = signed_in.post(PAGE, {"answer": "agree"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/me/consent"
    assert valid_consent(agreed).text_version in LETS_GROW
    assert Consent.objects.filter(withdrawn=None).count() == 2  # the older one is not taken back
    capture, page = certified(signed_in)
    assert OFFER not in page
    assert capture.consent.text_version == TEXT_VERSION
    assert signed_in.get(PAGE)["Location"] == "/me/consent"
    assert acts() == ["given", "offered", "given"]


def test_keeping_what_one_agreed_to_is_not_asked_again(signed_in, agreed):
    capture, _ = certified(signed_in)
    signed_in.post(PAGE, {"answer": "keep"})
    signed_in.post(PAGE, {"answer": "keep"})
    assert valid_consent(agreed).text_version == "1"
    assert OFFER not in signed_in.get(f"/capture/{capture.pk}/result").content.decode()
    assert OFFER not in certified(signed_in)[1]
    assert acts() == ["given", "offered", "kept"]
    assert f'href="{PAGE}"' in signed_in.get("/me/consent").content.decode()  # where one looks for it
    signed_in.post(PAGE, {"answer": "agree"})
    assert valid_consent(agreed).text_version == TEXT_VERSION


def test_whoever_does_not_answer_is_not_asked_at_the_next_one(signed_in, agreed, settings, tmp_path):
    capture, page = certified(signed_in)
    assert OFFER in page
    assert OFFER in signed_in.get(f"/capture/{capture.pk}/result").content.decode()  # read again
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(clock.today().year + 1, 7, 20))
    services.open_cycle(clock.today().year, Actor.SYSTEM)
    client = Client()
    client.post("/sign-in", {"name": NAME, "number": NUMBER})
    assert OFFER not in certified(client)[1]
    assert acts() == ["given", "offered"]


def test_it_is_no_barrier(signed_in, agreed):
    _, page = certified(signed_in)
    assert say("online.result_certified_title", "zh") in page
    assert signed_in.get("/me/history").status_code == 200
    assert signed_in.get("/options").status_code == 200
    assert OFFER not in signed_in.get("/me").content.decode()


@pytest.mark.parametrize("why", ["newest text", "growing is off"])
def test_nobody_else_is_asked(signed_in, agreed, settings, why):
    if why == "newest text":
        Consent.objects.update(text_version=TEXT_VERSION)
    else:
        settings.REFERENCES_GROW = False
    assert OFFER not in certified(signed_in)[1]
    assert f'href="{PAGE}"' not in signed_in.get("/me/consent").content.decode()
    assert signed_in.get(PAGE)["Location"] == "/me/consent"


def test_without_a_face_match_there_is_no_such_page(signed_in, agreed):
    assert signed_in.get(PAGE).status_code == 403
    assert signed_in.post(PAGE, {"answer": "agree"}).status_code == 403
    assert valid_consent(agreed).text_version == "1"


def test_who_took_consent_back_agrees_to_nothing_here(signed_in, agreed):
    certified(signed_in)
    signed_in.post("/me/consent")
    assert signed_in.post(PAGE, {"answer": "agree"})["Location"] == "/me/consent"
    assert valid_consent(agreed) is None
