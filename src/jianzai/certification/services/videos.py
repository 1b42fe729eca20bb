"""A whole video instead of a conversation: recorded elsewhere, for the challenge of an open session."""

from __future__ import annotations

import cv2
import numpy as np
from django.db import transaction
from django.utils import timezone

from jianzai.faces import Frame, Limits, Observations, Unusable, read_video
from jianzai.faces.liveness import advance, is_covered, measure_parallax
from jianzai.faces.records import from_json, to_json
from jianzai.faces.types import Challenge

from ..engine import engine
from ..errors import SessionClosed, UnusableVideo
from ..models import Batch, CaptureSession
from ..randomness import source
from ..sealing import seal_frames, seal_probes
from .outcomes import decide

FRAMES_A_SECOND = 9  # as many as a browser posts
AT_ONCE = 8
ANSWERS = 2  # as in captures


def receive_video(session: CaptureSession, content: bytes) -> dict:
    """Judge one whole video in ``session``: the outcome, as captures.receive_batch gives it.

    The recording is read as if it were streamed: its own time is the clock, the first prompt falls due
    when the face has settled, the second when the first is answered, and a prompt that lapses is not drawn
    anew, since nobody saw another. It must come within the session's life.
    Raises SessionClosed, and UnusableVideo with why for anything that is not a bounded video.
    """
    if session.state != CaptureSession.State.OPEN:
        raise SessionClosed()
    try:
        frames = [
            Frame(one.image, one.time, one.time)
            for one in read_video(content, Limits(seconds=180.0, frames_a_second=FRAMES_A_SECOND))
        ]
    except Unusable as problem:
        raise UnusableVideo(why=problem.reason) from problem
    challenge = from_json(Challenge, session.challenge)
    # A clerk who saw the person needs no challenge answered, only the whole recording.
    at_counter = session.purpose == CaptureSession.Purpose.ENROL and session.staff_id is not None
    together, batches = Observations(session.pack), []
    for start in range(0, len(frames), AT_ONCE):
        part = frames[start : start + AT_ONCE]
        fresh = engine(session.pack).observe(part, together, answers=ANSWERS)
        together = Observations(session.pack, together.frames + fresh.frames, together.turns)
        progress = advance(challenge, together, part[-1].received, source())
        if not at_counter and any(prompt.lapsed for prompt in progress.challenge.prompts):
            batches.append((part, fresh))
            break
        if progress.answered and not is_covered(together.frames, part[-1].time):
            before = together.frames[: -len(part)]
            fresh = engine(session.pack).embed_answer(part, fresh)
            together = Observations(session.pack, before + fresh.frames, together.turns)
        challenge, turns = progress.challenge, ()
        if progress.turn:
            within = [one for one in frames if progress.turn[0] <= one.time <= progress.turn[1]]
            seen = [one for one in together.frames if progress.turn[0] <= one.time <= progress.turn[1]]
            turn = measure_parallax(within, seen)
            turns = (turn,) if turn else ()
            together = Observations(session.pack, together.frames, together.turns + turns)
        batches.append((part, Observations(session.pack, fresh.frames, turns)))
        if progress.complete:
            break
    return _decide(session, challenge, together, batches)


@transaction.atomic
def _decide(session: CaptureSession, challenge: Challenge, together: Observations, batches) -> dict:
    session = (
        CaptureSession.objects.select_for_update(of=("self",)).select_related("person").get(pk=session.pk)
    )
    if session.state != CaptureSession.State.OPEN:
        raise SessionClosed()
    session.challenge = to_json(challenge)
    session.save(update_fields=["challenge"])
    key = session.person.key
    received = (timezone.now() - session.opened).total_seconds()
    Batch.objects.bulk_create(
        Batch(
            session=session,
            sequence=sequence,
            received=received,
            answered=received,
            observations=to_json(seen),
            embeddings=seal_probes(
                key,
                session.pack,
                {place: one.embedding for place, one in enumerate(seen.frames) if one.embedding is not None},
            ),
            frames=seal_frames(key, [_jpeg(frame.image) for frame in part]),
            answer={},
        )
        for sequence, (part, seen) in enumerate(batches)
    )
    return decide(session, challenge, together)


def _jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
