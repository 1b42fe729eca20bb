"""The demo's man answers what is asked of him, the first time, whatever is drawn."""

import pytest

from jianzai.audit.services import Actor
from jianzai.certification.models import CaptureSession
from jianzai.certification.services import give_consent, open_session
from jianzai.demo.clips import clips
from jianzai.demo.player import play
from tests.people import make_person, make_staff


@pytest.mark.django_db
def test_a_turn_that_begins_away_from_rest_is_answered():
    clip, staff = clips()["franck"], make_staff("clerk")
    person, actor = make_person(), Actor.staff(staff)
    session = open_session(
        person,
        CaptureSession.Purpose.ENROL,
        "station",
        actor=actor,
        staff=staff,
        consent=give_consent(person, "zh", actor, taken_by=staff),
        replay=True,
        allowed=clip.actions,
    )
    assert play(session, clip)["modelled"]
    session.refresh_from_db()
    assert not any(prompt["lapsed"] for prompt in session.challenge["prompts"])
