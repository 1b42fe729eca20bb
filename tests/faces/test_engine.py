"""From recording to reference to comparison, with every pack that is there."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np
import pytest

from jianzai.faces import EnrolmentRefused, Frame, Observations, Reason, selection
from jianzai.faces.comparison import SMALLEST_COHORT
from jianzai.faces.drawn import COUNT, unit
from jianzai.ocr import Ocr

from .conftest import changed
from .test_measures import DEGRADED


@pytest.fixture(scope="session")
def reference(engine, watched):
    return engine.enrol([watched("cap12_edit", 14.0, 22.0)])


def test_a_person_is_like_himself_in_another_recording(engine, watched, reference):
    result = engine.compare(watched("cap13_edit2", 14.0, 22.0), reference)
    assert result.score > engine.policy.raw_threshold + 0.2
    assert min(result.scores) > engine.policy.raw_threshold
    assert result.continuity > engine.policy.same_face
    assert result.normalised > engine.pack.drawn.same + 2
    assert len(result.scores) == len(result.times)


def test_a_stranger_is_not(engine, watched, reference):
    result = engine.compare(watched("franck", 0.0, 8.0), reference)
    assert max(result.scores) < engine.policy.raw_threshold - engine.policy.raw_grey - 0.1
    assert result.normalised < engine.pack.drawn.uncertain - 1


def test_a_thousand_people_take_the_place_of_the_drawn_cohort(engine, watched, reference):
    vectors = np.random.default_rng(1).standard_normal((SMALLEST_COHORT, reference.embeddings.shape[1]))
    people = unit(vectors)
    shown = watched("cap13_edit2", 14.0, 22.0)
    alone, few, enough = (engine.compare(shown, reference, cohort) for cohort in (None, people[1:], people))
    assert alone == few
    assert (few.drawn, few.cohort) == (True, COUNT)
    assert (enough.drawn, enough.cohort) == (False, SMALLEST_COHORT)
    assert enough.score == few.score
    assert enough.normalised != few.normalised


def test_embeddings_are_unit_vectors_and_at_most_five(watched):
    for name, start, end in (("cap12_edit", 14.0, 22.0), ("franck", 0.0, 8.0)):
        vectors = [one.embedding for one in watched(name, start, end).frames if one.embedding is not None]
        assert 2 <= len(vectors) <= selection.MOST
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert {vector.dtype for vector in vectors} == {np.dtype(np.float32)}


def test_batches_choose_as_the_whole_does_and_never_more_than_five(engine, frames):
    whole = frames("cap12_edit", 14.0, 26.0)
    seen = Observations(engine.pack.name)
    for start in range(0, len(whole), 8):
        fresh = engine.observe(whole[start : start + 8], seen)
        seen = replace(seen, frames=seen.frames + fresh.frames)
    embedded = [frame.time for frame in seen.frames if frame.embedding is not None]
    assert len(seen.frames) == len(whole)
    assert 3 <= len(embedded) <= selection.MOST
    assert min(np.diff(embedded)) >= selection.APART


def test_observing_is_deterministic(engine, frames, watched):
    again = engine.observe(frames("cap12_edit", 1.0, 1.4))
    assert again == watched("cap12_edit", 1.0, 1.4)


def test_a_capture_cannot_change_its_pack(engine, frames):
    with pytest.raises(ValueError, match="cannot go on"):
        engine.observe(frames("cap12_edit", 1.0, 1.4), Observations("another"))


def test_a_reference_of_two_recordings_names_both(engine, watched):
    two = engine.enrol([watched("cap12_edit", 14.0, 22.0), watched("cap13_edit2", 14.0, 22.0)])
    assert len(two.clips) == 2
    assert sum(two.clips) == len(two.embeddings) == len(two.best_times) <= 2 * selection.MOST
    assert 30 < two.quality <= 100
    assert two.pack == engine.pack.name


def refused(engine, *clips):
    with pytest.raises(EnrolmentRefused) as refusal:
        engine.enrol(list(clips))
    return refusal.value.reasons


@pytest.mark.parametrize("reason", DEGRADED)
def test_a_poor_recording_is_refused_with_its_fault(engine, frames, reason):
    worse = engine.observe(changed(frames("cap12_edit", 20.0, 21.5), DEGRADED[reason]))
    assert reason in refused(engine, worse)


def test_an_empty_recording_is_refused(engine):
    blank = [Frame(np.full((300, 400, 3), 90, np.uint8), index / 10) for index in range(20)]
    assert refused(engine, engine.observe(blank)) == (Reason.NO_FACE,)


def test_two_people_in_one_picture_are_refused(engine, frames):
    pairs = [
        Frame(np.hstack([one.image[:, 100:300], cv2.resize(other.image, (400, 320))[:300, 60:260]]), one.time)
        for one, other in zip(frames("cap12_edit", 20.0, 21.5), frames("franck", 0.0, 1.5), strict=False)
    ]
    assert refused(engine, engine.observe(pairs)) == (Reason.SEVERAL_FACES,)


def test_a_change_of_face_within_a_recording_is_refused(engine, frames):
    first = frames("cap12_edit", 14.0, 18.0)
    then = [Frame(one.image, one.time + 18.0) for one in frames("franck", 0.0, 8.0)]
    assert refused(engine, engine.observe(first + then)) == (Reason.FACE_CHANGED,)


def test_recordings_of_two_people_are_refused(engine, watched):
    assert refused(engine, watched("cap12_edit", 14.0, 22.0), watched("franck", 0.0, 12.0)) == (
        Reason.FACE_CHANGED,
    )


def test_a_still_is_refused(engine, frames):
    still = frames("cap12_edit", 1.0, 1.15)[0].image
    held = engine.observe([Frame(still, index / 5) for index in range(25)])
    assert refused(engine, held) == (Reason.TOO_LITTLE_MOVEMENT,)


def test_a_moment_is_too_short(engine, watched):
    assert refused(engine, watched("cap12_edit", 1.0, 1.4)) == (Reason.TOO_SHORT,)


def test_a_reference_needs_one_to_three_clips_of_its_pack(engine, watched):
    good = watched("cap12_edit", 14.0, 22.0)
    for clips in ([], [good] * 4, [replace(good, pack="another")]):
        with pytest.raises(ValueError):
            engine.enrol(clips)


def test_without_an_embedded_frame_there_is_no_score(engine, watched, reference):
    observations = watched("cap13_edit2", 14.0, 22.0)
    bare = replace(observations, frames=tuple(replace(one, embedding=None) for one in observations.frames))
    result = engine.compare(bare, reference)
    assert (result.score, result.normalised, result.continuity, result.scores) == (None, None, None, ())


def test_packs_are_never_compared(engine, watched, reference):
    with pytest.raises(ValueError, match="cannot be compared"):
        engine.compare(watched("cap13_edit2", 14.0, 22.0), replace(reference, pack="another"))


def test_nothing_is_reported_to_the_makers_of_the_runtime(engine):
    import sys

    assert sys.modules["openvino_telemetry"] is None
    assert not [name for name in sys.modules if name.startswith("openvino_telemetry.")]


def test_no_thread_is_held_to_a_core_while_it_works(engine, frames):
    """Else the first core does the work of all processes."""
    sheet = cv2.putText(np.full((80, 400, 3), 255, np.uint8), "43010219", (20, 55), 0, 1.5, (0, 0, 0), 3)
    batch, reader = frames("cap12_edit", 1.0, 2.0), Ocr()
    for work in (lambda: engine.observe(batch), lambda: reader.find(sheet)):
        worker = threading.Thread(target=work)
        worker.start()
        seen = set()
        while worker.is_alive():
            time.sleep(0.001)
            with suppress(ProcessLookupError):
                seen.add(frozenset(os.sched_getaffinity(worker.native_id)))
        assert seen == {frozenset(os.sched_getaffinity(0))}


def test_an_answer_without_a_face_of_its_own_is_left_as_it_was(engine, frames):
    """A face can be followed through a picture in which it is not found alone."""
    batch = frames("cap12_edit", 1.0, 1.6)
    observed = engine.observe(batch)
    empty = [replace(one, image=np.zeros_like(one.image)) for one in batch]
    assert engine.embed_answer(empty, observed) == observed
