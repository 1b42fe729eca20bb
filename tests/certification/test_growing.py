"""References that grow by certifications, through the services, over the years."""

from dataclasses import replace

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from jianzai import clock
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification import services
from jianzai.certification.engine import engine
from jianzai.certification.models import Attempt, ReferenceFace
from jianzai.certification.queries import active_reference, to_be_modelled_anew
from jianzai.certification.sealing import open_reference
from jianzai.certification.services import captures
from jianzai.certification.services.outcomes import decide
from jianzai.clock import today
from jianzai.faces import Frame
from jianzai.faces.growth import MOST

from .test_captures import CAP12, acting, at_home, capture, clips, model, this_year  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def certified(this_year, clips, clerk, monkeypatch):  # noqa: F811
    """Somebody modelled at a counter and certified at home, with what the camera saw."""
    seen = []
    monkeypatch.setattr(captures, "decide", lambda *what: seen.append(what[1:]) or decide(*what))
    model(this_year, clips, clerk)
    assert at_home(this_year, "verify", clips)[1]["outcome"]["certified"]
    return this_year, *seen[-1]


def again(person, clerk, challenge, observations, faces) -> Attempt:
    """A session of another year in which the camera saw ``faces`` instead, in turn."""
    clock.move_to(today().replace(year=today().year + 1))
    services.open_cycle(today().year, Actor.SYSTEM)
    session = services.open_session(
        person, "verify", "station", actor=Actor.staff(clerk), staff=clerk, replay=True
    )
    frames, turn = [], 0
    for frame in observations.frames:
        if frame.embedding is not None:
            frame, turn = replace(frame, embedding=faces[turn % len(faces)]), turn + 1
        frames.append(frame)
    with transaction.atomic():
        decide(session, challenge, replace(observations, frames=tuple(frames)))
    return Attempt.objects.get(session=session)


def unit(vector):
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def embedded(observations):
    return [frame.embedding for frame in observations.frames if frame.embedding is not None]


def test_a_certification_is_added_once_and_goes_with_the_consent(certified):
    person, _, observations = certified
    row = active_reference(person)
    attempt = Attempt.objects.get()
    assert row.grown_from == [{"attempt": attempt.pk, "on": "2026-08-03"}]
    added = open_reference(row).grown
    assert added.shape == (1, embedded(observations)[0].shape[0])
    assert any(np.allclose(added[0], one) for one in embedded(observations))
    entry = AuditEntry.objects.get(act="certification.reference_grown")
    assert (entry.subject, entry.details["attempt"]) == (str(person.key), attempt.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferenceFace.objects.update(state="replaced")  # with what it grew by
    services.withdraw_consent(person, Actor("person"))
    row.refresh_from_db()
    assert (row.state, row.templates, row.grown, row.grown_from) == ("withdrawn", None, None, [])


@pytest.mark.parametrize("why", ["old consent", "switched off"])
def test_nothing_grows(why, this_year, clips, clerk, settings):  # noqa: F811
    if why == "old consent":
        this_year.consents.all().delete()
        services.give_consent(this_year, "zh", Actor("person"), version="1")
    else:
        settings.REFERENCES_GROW = False
    model(this_year, clips, clerk)
    assert at_home(this_year, "verify", clips)[1]["outcome"]["certified"]
    assert active_reference(this_year).grown is None
    assert not AuditEntry.objects.filter(act="certification.reference_grown").exists()


def test_switched_off_later_what_grew_is_deleted(certified, settings):
    services.enforce_retention(today())
    assert active_reference(certified[0]).grown
    settings.REFERENCES_GROW = False
    services.enforce_retention(today())
    assert active_reference(certified[0]).grown is None


def test_year_after_year_a_stranger_comes_no_nearer(certified, clips, clerk):  # noqa: F811
    """Each year somebody shows a face as far towards the stranger as it is still taken for the person."""
    person, challenge, observations = certified
    pack = active_reference(person).pack
    own = unit(np.mean(embedded(observations), axis=0))
    pictures = [Frame(clips["franck.mp4"].at(time), time) for time in np.arange(0.0, 6.0, 0.5)]
    stranger = unit(np.mean(embedded(engine(pack).observe(pictures)), axis=0))
    steps = np.linspace(0.0, 1.0, 21)
    furthest, accepted = 0, 0
    for _ in range(8):
        # The last step that was certified, and one beyond it.
        for place in (furthest + 1, furthest):
            morph = unit((1 - steps[place]) * own + steps[place] * stranger)
            attempt = again(person, clerk, challenge, observations, [morph])
            if attempt.decision == "same":
                furthest, accepted = place, accepted + 1
                break
    row = active_reference(person)
    assert 1 < len(row.grown_from) <= MOST
    assert accepted > MOST
    assert steps[furthest] < 0.7
    final = again(person, clerk, challenge, observations, [stranger])
    assert final.decision == "not_same"
    assert final.similarity < 40
    assert again(person, clerk, challenge, observations, embedded(observations)).decision == "same"


def test_a_face_that_changes_from_year_to_year_is_to_be_modelled_anew(certified, clips, clerk):  # noqa: F811
    """Before it is refused: by captures that were compared for true, with what the reference grew by."""
    person, challenge, observations = certified
    pack = active_reference(person).pack
    own = unit(np.mean(embedded(observations), axis=0))
    pictures = [Frame(clips["franck.mp4"].at(time), time) for time in np.arange(0.0, 6.0, 0.5)]
    other = unit(np.mean(embedded(engine(pack).observe(pictures)), axis=0))
    known = []
    for share in (0.4, 0.6, 0.7, 0.76):
        attempt = again(person, clerk, challenge, observations, [unit((1 - share) * own + share * other)])
        known.append((attempt.decision, to_be_modelled_anew(person)))
    assert known == [("same", False), ("same", False), ("same", True), ("uncertain", True)]
