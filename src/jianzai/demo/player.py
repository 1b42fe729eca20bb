"""Plays a sample clip to a capture session as a browser would: in its own time, answering what is asked."""

from __future__ import annotations

import time
from itertools import chain, cycle, islice

import cv2

from jianzai.certification.models import CaptureSession
from jianzai.certification.services import receive_batch
from jianzai.demo.clips import NEUTRAL, Clip
from jianzai.faces import Limits, read_video

FRAMES_A_SECOND = 9  # as capture.js posts them
AT_ONCE = 8
LONGEST = 300.0  # seconds of a clip

REACTION = (
    4  # pictures at rest between a prompt and its answer: nobody answers at once, and none counts that does
)


def play(session: CaptureSession, clip: Clip) -> dict:
    """Post ``clip`` batch by batch until the session is decided; the outcome (see captures.receive_batch).

    It takes as long as the conversation takes, since the server's clock decides what is answered in time.
    """
    stretches = {name: _pictures(clip, *span) for name, span in clip.stretches.items()}
    rest = cycle(stretches[NEUTRAL])  # goes on where it was left: pictures that come back look like a loop
    showing, asked, sequence, began = rest, None, 0, time.monotonic()
    while True:
        batch = []
        for picture in islice(showing, AT_ONCE):
            batch.append((picture, time.monotonic() - began))
            time.sleep(1 / FRAMES_A_SECOND)
        answer = receive_batch(session.pk, sequence, batch)
        if answer["state"] != CaptureSession.State.OPEN:
            return answer["outcome"]
        prompt = answer["prompt"] and (answer["prompt"]["number"], answer["prompt"]["action"])
        if prompt and prompt != asked:
            showing = chain(islice(rest, REACTION), stretches.get(prompt[1], []), rest)
        asked, sequence = prompt, sequence + 1


def _pictures(clip: Clip, start: float, end: float) -> list[bytes]:
    limits = Limits(seconds=LONGEST, frames_a_second=FRAMES_A_SECOND)
    frames = read_video(clip.path, limits, start, end)
    return [
        cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes() for frame in frames
    ]
