"""What is kept only for a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jianzai.certification.models import Batch, CaptureSession
from jianzai.certification.services import enforce_retention
from jianzai.clock import today

ENROL, VERIFY = CaptureSession.Purpose.ENROL, CaptureSession.Purpose.VERIFY
OPEN, DECIDED, ABANDONED = (
    CaptureSession.State.OPEN,
    CaptureSession.State.DECIDED,
    CaptureSession.State.ABANDONED,
)


@pytest.mark.parametrize(
    ("purpose", "state", "clip", "minutes", "frames", "embeddings"),
    [
        (VERIFY, OPEN, 1, 20, True, True),
        (VERIFY, OPEN, 1, 40, False, False),
        (VERIFY, ABANDONED, 1, 90, False, False),
        (ENROL, OPEN, 1, 20, True, True),
        (ENROL, OPEN, 1, 40, False, False),
        (ENROL, ABANDONED, 1, 90, False, False),
        (ENROL, DECIDED, 1, 90, False, True),  # its second clip may still come
        (ENROL, DECIDED, 1, 130, False, False),
        (ENROL, DECIDED, 2, 90, False, False),
    ],
)
def test_how_long_a_capture_is_kept(person, purpose, state, clip, minutes, frames, embeddings):
    then = timezone.now() - timedelta(minutes=minutes)
    session = CaptureSession.objects.create(
        person=person,
        purpose=purpose,
        pack="embedded",
        channel="online",
        clip=clip,
        state=state,
        opened=then,
        closed=None if state == OPEN else then,
    )
    batch = Batch.objects.create(
        session=session,
        sequence=0,
        received=0,
        answered=0,
        observations={},
        answer={},
        frames=b"f",
        embeddings=b"e",
    )
    enforce_retention(today())
    batch.refresh_from_db()
    assert (batch.frames is not None, batch.embeddings is not None) == (frames, embeddings)
