"""``jianzai enrol``: in whose name, with which consent, and how it stands on the record."""

from datetime import date

import pytest
from click.testing import CliRunner

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.cli import enrol
from jianzai.certification.queries import active_reference
from tests.api.test_video import recording
from tests.people import ELSEWHERE, make_staff

pytestmark = pytest.mark.django_db
UNUSABLE = 3


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "clip.mkv"
    path.write_bytes(b"a recording")
    return path


@pytest.fixture
def production(settings, monkeypatch):
    """Not the demo; what is in the file does not matter here."""
    settings.DEMO = False
    outcome = {"modelled": True, "quality": 70, "reasons": []}
    monkeypatch.setattr(services, "receive_video", lambda session, content: outcome)


def run(video, person, *options):
    return CliRunner().invoke(enrol, [str(video), "--person", person.personal_number, *options])


def recorded(act):
    entry = AuditEntry.objects.get(act=f"certification.{act}")
    return entry.actor, entry.details


def test_in_the_demo_a_video_and_a_person_are_enough(tmp_path, settings, person, clerk):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 8, 3))
    services.open_cycle(2026, Actor.SYSTEM)
    path = tmp_path / "clip.mkv"
    path.write_bytes(recording("cap13", ["turn_left", "open_mouth"]))
    answer = run(path, person)
    assert answer.exit_code == 0, answer.output
    assert active_reference(person).made_by == clerk
    for act in ("consent_given", "session_opened", "modelled"):
        assert recorded(act)[0] == f"command-line:{clerk.user.username}"


def test_a_consent_on_paper_is_stated_and_recorded(production, video, person, clerk):
    name = clerk.user.username
    answer = run(video, person, "--staff", name)
    assert answer.exit_code == UNUSABLE
    assert "--consent-on-paper" in answer.output
    assert not person.consents.exists()
    assert run(video, person, "--staff", name, "--consent-on-paper").exit_code == 0
    actor, details = recorded("consent_given")
    assert (actor, details["on_paper"]) == (f"command-line:{name}", True)
    assert person.consents.get().taken_by == clerk


def test_a_consent_given_on_the_site_is_enough(production, video, person, clerk):
    given = services.give_consent(person, "en", Actor("person"))
    assert run(video, person, "--staff", clerk.user.username).exit_code == 0
    assert person.sessions.get().consent == given
    assert "on_paper" not in recorded("consent_given")[1]


def test_outside_the_demo_somebody_is_named_who_may(production, video, person, clerk):
    stranger, auditor = make_staff("clerk", ELSEWHERE), make_staff("auditor")
    for options in ((), ("--staff", stranger.user.username), ("--staff", auditor.user.username)):
        answer = run(video, person, *options, "--consent-on-paper")
        assert answer.exit_code == UNUSABLE, answer.output
    assert not person.sessions.exists()
