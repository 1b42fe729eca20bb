"""A whole video verifies a real face by the API; the other man's does not."""

from __future__ import annotations

import io
import itertools
import random

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.certification.models import Cycle
from jianzai.certification.services import give_consent, open_session, receive_video
from jianzai.demo.clips import NEUTRAL, clips
from jianzai.faces import Limits, read_video
from jianzai.faces.fetching import fetch
from jianzai.faces.liveness import draw
from tests.people import make_person, make_staff

pytestmark = pytest.mark.django_db
RATE = 12  # frames a second


@pytest.fixture
def modelled(cycle_2026):
    """Somebody modelled from one recording of the man at his webcam."""
    person, clerk = make_person(), make_staff()
    actor = Actor.staff(clerk)
    consent = give_consent(person, "zh", actor, taken_by=clerk)
    session = open_session(person, "enrol", "station", actor=actor, staff=clerk, consent=consent)
    outcome = receive_video(session, recording("cap13", ["turn_left", "open_mouth"]))
    assert outcome["modelled"], outcome
    return person


def recording(name: str, actions: list[str]) -> bytes:
    """A video of somebody who looks straight, does what is asked in order, and looks straight again."""
    clip = clips()[name]
    fetch(clip.file)
    start, _ = clip.stretches[NEUTRAL]
    stretches = []
    for place, action in enumerate(actions):
        stretches += [(start + 2.5 * place, start + 2.5 * place + 2.5), clip.stretches[action]]
    stretches.append((start + 5.0, start + 6.0))
    limits = Limits(seconds=300.0, frames_a_second=RATE)
    frames = [frame.image for span in stretches for frame in read_video(clip.path, limits, *span)]
    content = io.BytesIO()
    with av.open(content, "w", format="matroska") as target:
        stream = target.add_stream("mjpeg", rate=RATE)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.options = "yuvj420p", {"qscale": "3"}
        for image in frames:
            target.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        target.mux(stream.encode())
    return content.getvalue()


def seed_for(clip) -> int:
    """A seed of the injected random source that asks for what ``clip`` shows."""
    return next(
        seed
        for seed in itertools.count()
        if {prompt.action for prompt in draw(random.Random(seed)).prompts} <= set(clip.actions)
    )


@pytest.mark.parametrize(("name", "certified"), [("cap12", True), ("franck", False)])
def test_a_video_answers_the_challenge_that_was_drawn(client, token, modelled, settings, name, certified):
    settings.CHALLENGE_SEED = seed_for(clips()[name])
    headers = token(Scope.VERIFY, Scope.CERTIFICATIONS)
    opened = client.post(f"/api/v1/persons/{modelled.personal_number}/verifications", headers=headers)
    assert opened.status_code == 201
    asked = [prompt["action"] for prompt in opened.json()["prompts"]]
    content = recording(name, asked)
    address = f"/api/v1/verifications/{opened.json()['session']}/video"
    outcome = client.post(address, {"video": SimpleUploadedFile("me.mkv", content)}, headers=headers).json()
    assert outcome["certified"] is certified, outcome
    assert (outcome["decision"] == "same") is certified, outcome
    again = client.post(address, {"video": SimpleUploadedFile("me.mkv", content)}, headers=headers)
    assert again.status_code == 409


def test_a_video_shows_no_colours_of_a_screen_so_a_clerk_looks_where_they_must(
    client, token, modelled, settings
):
    settings.CHALLENGE_SEED = seed_for(clips()["cap12"])
    for cycle in Cycle.objects.all():
        cycle.policy["light"] = "required"
        cycle.save()
    headers = token(Scope.VERIFY, Scope.CERTIFICATIONS)
    opened = client.post(f"/api/v1/persons/{modelled.personal_number}/verifications", headers=headers).json()
    video = recording("cap12", [prompt["action"] for prompt in opened["prompts"]])
    address = f"/api/v1/verifications/{opened['session']}/video"
    outcome = client.post(address, {"video": SimpleUploadedFile("me.mkv", video)}, headers=headers).json()
    assert (outcome["decision"], outcome["certified"], outcome["case"]) == ("uncertain", False, True), outcome
    assert outcome["reasons"] == ["uncertain", "no_light"]
