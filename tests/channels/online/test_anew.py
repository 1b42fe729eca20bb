"""Somebody whose scores fall from year to year is asked, calmly, to have a new model made; nothing else."""

from datetime import date

import numpy as np
import pytest
from django.test import Client
from pypdfium2 import PdfDocument

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.models import Attempt, CaptureSession, Certification, ReviewCase
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import falling
from jianzai.certification.services.references import keep_reference
from jianzai.faces import Reference
from jianzai.notices.models import Notice
from jianzai.notices.services import remind
from jianzai.notices.services.outbox import TRUE
from jianzai.notices.transports import letter
from jianzai.registry.models import Staff
from jianzai.sentences import say
from tests.people import make_staff

from .conftest import NAME, NUMBER, finish, open_capture

FIRST = 2022
FALLING, LEVEL = (1.9, 1.6, 1.35, 1.1), (1.6, 1.5, 1.65, 1.55)


@pytest.fixture
def year(modelled, settings, tmp_path):
    """``year(number, margin)`` moves to the summer of that year and certifies by face at home."""
    settings.DEMO_DATE_FILE = tmp_path / "date"

    def certified(number: int, margin: float) -> tuple[Client, CaptureSession]:
        begin(number)
        client = Client()
        client.post("/sign-in", {"name": NAME, "number": NUMBER})
        capture = open_capture(client)
        finish(capture, margin=margin)
        return client, capture

    return certified


@pytest.fixture
def cycle(person, settings, tmp_path):
    """In place of this year's: the first of the years."""
    settings.DEMO_DATE_FILE = tmp_path / "date"
    return begin(FIRST)


def begin(number: int) -> None:
    clock.move_to(date(number, 7, 20))
    services.open_cycle(number, Actor.SYSTEM, "changsha-2013")


def years(year, margins) -> tuple[Client, str]:
    """A client after those years, and the page that told of the last certification."""
    for number, margin in enumerate(margins):
        client, capture = year(FIRST + number, margin)
    return client, client.get(f"/capture/{capture.pk}/result").content.decode()


def told(page: str) -> bool:
    return say("online.anew_title", "zh") in page


def test_who_scores_less_each_year_is_told_where_to_be_modelled_anew(year, modelled, service_point):
    client, page = years(year, FALLING)
    assert told(page)
    assert service_point.name in page
    assert service_point.phone in page
    assert told(client.get("/me").content.decode())
    assert say("notices.model_anew_page", "zh") in client.get("/me/history").content.decode()
    assert AuditEntry.objects.get(act="certification.scores_fall").subject == str(modelled.key)
    assert Certification.objects.count() == len(FALLING)  # nobody is kept from anything


def test_without_a_service_point_the_way_is_to_find_one(year):
    assert 'href="/ways#points"' in years(year, FALLING)[1]


def test_before_a_face_match_nothing_is_said(year):
    years(year, FALLING)
    client = Client()
    client.post("/sign-in", {"name": NAME, "number": NUMBER})
    assert not told(client.get("/me").content.decode())


@pytest.mark.parametrize("margins", [LEVEL, FALLING[:3], tuple(reversed(FALLING))])
def test_others_hear_nothing(year, margins):
    client, page = years(year, margins)
    assert not told(page)
    assert not told(client.get("/me").content.decode())
    assert not Notice.objects.filter(kind="model_anew").exists()


def test_margins_of_another_measure_are_another_line(year):
    years(year, FALLING[:3])
    for attempt in Attempt.objects.all():  # until now against people
        attempt.comparison["drawn"] = False
        attempt.save()
    client, capture = year(FIRST + 3, FALLING[3])
    assert not told(client.get(f"/capture/{capture.pk}/result").content.decode())


def test_a_pack_that_is_gone_stops_nobody(year, monkeypatch):
    monkeypatch.setattr(falling, "packs", dict)
    page = years(year, FALLING)[1]
    assert say("online.result_certified_title", "zh") in page
    assert not told(page)


def test_each_year_once_until_scores_rise_again(year, modelled):
    years(year, FALLING)
    year(FIRST + 4, 1.05)
    assert Notice.objects.filter(kind="model_anew").count() == 2
    assert AuditEntry.objects.filter(act="certification.scores_fall").count() == 1
    since = modelled.references.get().falling_since
    assert since == date(FIRST + 3, 7, 20)
    client, capture = year(FIRST + 5, 2.2)
    assert not told(client.get(f"/capture/{capture.pk}/result").content.decode())
    assert say("notices.model_anew_page", "zh") not in client.get("/me/history").content.decode()


def test_a_new_model_ends_it(year, modelled):
    client, _ = years(year, FALLING)
    waiting = Notice.objects.filter(TRUE, kind="model_anew")
    assert waiting.exists()
    old, new = modelled.references.get(), Reference("embedded", np.eye(1, 4, dtype=np.float32), (1,), 80.0)
    keep_reference(modelled, new, b"jpeg", Actor("person"), consent=None)
    assert not told(client.get("/me").content.decode())  # it waits for a clerk
    clerk = make_staff("clerk")
    case = ReviewCase.objects.get(kind="new_reference")
    services.confirm_reference(case, clerk, "with the card", Actor.staff(clerk), seen=case.shown)
    old.refresh_from_db()
    assert (old.state, old.falling_since) == ("replaced", None)
    assert not waiting.exists()  # so no text or letter goes out any more
    assert not told(client.get("/me").content.decode())
    assert say("notices.model_anew_page", "zh") not in client.get("/me/history").content.decode()


def test_the_next_reminder_says_it_on_paper(year, modelled):
    modelled.address = "410001 长沙市芙蓉区解放东路 18 号"
    modelled.save()
    years(year, FALLING)
    begin(FIRST + 4)
    made = remind(current_obligation(modelled), Actor.SYSTEM)
    paper = next(notice for notice in made if notice.transport == "letter")
    pages = PdfDocument(letter.render([paper]))
    assert len(pages) == 1
    written = "".join(pages[0].get_textpage().get_text_range().split())
    assert say("notices.letter_model_anew", "zh") in written


def test_clerks_see_it_on_the_work_list_and_on_the_person(year, modelled, client):
    years(year, FALLING)
    clerk = make_staff(Staff.Role.CLERK)
    client.force_login(clerk.user)
    home = client.get("/console/").content.decode()
    assert say("console.home_anew_why", "zh") in home
    assert f"/console/people/{modelled.key}" in home
    note = say("console.person_anew", "zh", on=f"{FIRST + 3}-07-20")
    assert note in client.get(f"/console/people/{modelled.key}").content.decode()
    capture = CaptureSession.objects.order_by("opened").last()
    CaptureSession.objects.filter(pk=capture.pk).update(staff=clerk)  # while the person is there
    page = client.get(f"/console/captures/{capture.pk}/result").content.decode()
    assert note in page
    assert f"/console/people/{modelled.key}/model" in page
    client.force_login(make_staff(Staff.Role.CLERK, area="430103000000").user)
    assert say("console.home_anew_why", "zh") not in client.get("/console/").content.decode()
