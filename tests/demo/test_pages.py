"""The demo's pages: they begin a replay, serve the recordings, move the date; and only in the demo."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jianzai.channels.station.models import CardReading
from jianzai.clock import today
from jianzai.demo.accounts import ACCOUNTS
from jianzai.demo.clips import NEUTRAL, clips
from jianzai.demo.people import VISITOR, WEBCAM_MAN
from jianzai.faces.types import Action
from jianzai.registry.models import Staff
from jianzai.registry.services import add_person
from jianzai.sentences import say
from tests.people import CITY, areas, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def webcam_man():
    areas()
    return add_person(WEBCAM_MAN.personal_number, WEBCAM_MAN.name, WEBCAM_MAN.identity_number, CITY)


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """A short file in place of the recordings, whose bytes count up."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(range(100)))
    monkeypatch.setattr("jianzai.demo.clips.path_of", lambda file: path)
    return path


def test_the_start_page_names_whom_to_be(client):
    page = client.get("/demo/").content.decode()
    for told in (VISITOR.name, VISITOR.identity_number, *(account.username for account in ACCOUNTS)):
        assert told in page


def test_a_specimen_of_a_card_is_there_to_try_and_is_read_at_the_counter(client):
    areas()
    person = add_person(VISITOR.personal_number, VISITOR.name, VISITOR.identity_number, CITY)
    page = client.get("/demo/").text
    sides = {}
    for side in ("front", "back"):
        assert f"/demo/card-{side}.jpg" in page
        sides[side] = SimpleUploadedFile("card.jpg", client.get(f"/demo/card-{side}.jpg").content)
    assert client.get("/demo/card-top.jpg").status_code == 404
    client.force_login(make_staff("clerk", CITY).user)
    answer = client.post("/console/station/card", sides, follow=True)
    reading = CardReading.objects.get()
    assert reading.person == person
    assert {"name", "number", "valid_until"} <= set(reading.read)
    assert say("station.card_number_same") in answer.text


def test_a_finger_to_try_is_there_where_fingerprints_are_on(client, settings):
    assert "/demo/finger.png" in client.get("/demo/").content.decode()
    assert client.get("/demo/finger.png").content.startswith(b"\x89PNG")
    settings.FINGERPRINT = False
    assert "/demo/finger.png" not in client.get("/demo/").content.decode()
    assert client.get("/demo/finger.png").status_code == 404


def test_every_role_has_an_account():
    assert {account.role for account in ACCOUNTS} == set(Staff.Role.values)


def test_a_replay_begins_as_the_person_chosen_and_says_so(client, webcam_man):
    answer = client.post("/demo/replay/begin", {"choice": "same"}, follow=True)
    assert answer.redirect_chain == [("/me", 302)]
    assert WEBCAM_MAN.name in answer.content.decode()
    visit = client.session["visit"]
    assert visit["replay_url"] == "/demo/clips/cap12.json"
    assert set(visit["replay_actions"]) == {str(action) for action in clips()["cap12"].actions}


def test_a_replay_of_nothing_is_not_found(client):
    assert client.post("/demo/replay/begin", {"choice": "whoever"}).status_code == 404
    assert client.post("/demo/replay/begin", {"choice": "same"}).status_code == 404  # nobody was loaded


@pytest.mark.parametrize("name", list(clips()))
def test_every_recording_can_be_asked_what_it_shows(client, name):
    table = client.get(f"/demo/clips/{name}.json").json()
    assert table["clip"] == f"/demo/clips/{name}.mp4"
    for key in (NEUTRAL, *clips()[name].actions):
        start, end = table[key]
        assert 0 <= start < end
    assert set(table) <= {"clip", NEUTRAL, *Action}


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        (None, 200, bytes(range(100))),
        ("bytes=10-19", 206, bytes(range(10, 20))),
        ("bytes=90-", 206, bytes(range(90, 100))),
        ("bytes=90-500", 206, bytes(range(90, 100))),
        ("bytes=100-", 416, b""),
        ("bytes=20-10", 416, b""),
        ("pages=1-2", 200, bytes(range(100))),
    ],
)
def test_a_recording_is_served_in_ranges(client, recording, asked, status, content):
    answer = client.get("/demo/clips/cap12.mp4", headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    assert b"".join(answer.streaming_content if answer.streaming else [answer.content]) == content


def test_the_date_moves_and_comes_back(client, settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    real = today()
    assert client.post("/demo/date", {"date": "2026-10-08", "next": "/ways"}).url == "/ways"
    assert today() == date(2026, 10, 8)
    assert client.post("/demo/date", {"date": "", "next": "https://elsewhere.example/"}).url == "/demo/"
    assert today() == real
    assert client.post("/demo/date", {"date": "8 October"}).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/demo/", "/demo/card-front.jpg", "/demo/replay", "/demo/clips/cap12.json", "/demo/clips/cap12.mp4"],
)
def test_outside_the_demo_there_is_none_of_it(client, settings, path):
    settings.DEMO = False
    assert client.get(path).status_code == 404
    assert client.post("/demo/date", {"date": "2026-10-08"}).status_code == 404
    assert client.post("/demo/replay/begin", {"choice": "same"}).status_code == 404
