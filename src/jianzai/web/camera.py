"""What every page with a camera shares, whichever channel or counter it belongs to."""

from __future__ import annotations

import json
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static

from jianzai.certification.errors import BadBatch, OutOfSequence, Refused, SessionClosed
from jianzai.certification.services import receive_batch, reopen_session
from jianzai.certification.services.captures import LIGHT
from jianzai.faces.types import Action, Reason
from jianzai.sentences import language, say

from .speech import clips_url

LARGEST_BATCH = 3 * 1024 * 1024
"""Bytes. A batch is 8 JPEG frames of at most 640x480: about 0.5 MB; the rest is for a noisy camera."""

CAMERA_POLICY = "camera=(self), microphone=(), geolocation=()"

_TOLD = (
    "opening",
    "deciding",
    "progress",
    "sound_on",
    "sound_off",
    "trouble_network",
    "trouble_server",
    "look_here",
)
IDLE = "look_here"
"""Shown while nothing is asked: a prompt comes once the face is steady and straight."""
_CAMERA_TROUBLES = ("denied", "none", "busy", "insecure", "unsupported", "lost")


def uses_camera(view):
    """The page of this view may open the camera; no other page may."""

    @wraps(view)
    def with_camera(request, *arguments, **keywords):
        response = view(request, *arguments, **keywords)
        response["Permissions-Policy"] = CAMERA_POLICY
        return response

    return with_camera


def spoken_sentences(in_language: str | None = None) -> dict[str, str]:
    """Everything a capture page may say, by the key that capture.js and the recorded clips use.

    With {number} and {of} left open in ``progress``, which the page fills in.
    """
    sentences = {key: say(f"online.{key}", in_language, number="{number}", of="{of}") for key in _TOLD}
    for action in (*Action, LIGHT):
        sentences[f"prompt_{action}"] = say(f"online.prompt_{action}", in_language)
    for reason in Reason:
        sentences[f"guide_{reason}"] = say(f"reasons.{reason}_next", in_language)
    for trouble in _CAMERA_TROUBLES:
        sentences[f"camera_{trouble}"] = say(f"online.camera_{trouble}", in_language)
        sentences[f"camera_{trouble}_next"] = say(f"online.camera_{trouble}_next", in_language)
    return sentences


def capture_context(*, batch_url: str, reopen_url: str, done_url: str, replay_url: str = "") -> dict:
    """What the template ``capture.html`` needs. replay_url: a clip table, in the demonstration."""
    pictures = {name: static(f"web/pictures/{name}.svg") for name in (*Action, LIGHT, IDLE)}
    return {
        "batch_url": batch_url,
        "reopen_url": reopen_url,
        "done_url": done_url,
        "clips_url": clips_url(),
        "replay_url": replay_url,
        "idle": IDLE,
        "idle_picture": pictures[IDLE],
        "words": {"language": language(), "sentences": spoken_sentences(), "pictures": pictures},
    }


def batch_answer(request: HttpRequest, capture_id: UUID) -> JsonResponse:
    """Take the posted batch (``sequence``, ``times`` as a JSON list of seconds, ``frames`` as files; while
    the page shows colours also ``shown``, a list of which of them each frame was taken with).

    409 with ``expected`` tells the browser which batch to send; 410 that the session is over; 400 that the
    batch cannot be read; 413 that it is too large.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BATCH:
        return JsonResponse({"error": "too_large"}, status=413)
    try:
        sequence = int(request.POST["sequence"])
        times = [float(time) for time in json.loads(request.POST["times"])]
        marks = json.loads(request.POST.get("shown", "[]"))
        shown = [None if mark is None else float(mark) for mark in marks]
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return _refused(BadBatch())
    frames = [file.read() for file in request.FILES.getlist("frames")]
    if len(frames) != len(times):
        return _refused(BadBatch())
    return _told(lambda: receive_batch(capture_id, sequence, list(zip(frames, times, strict=True)), shown))


def reopen_answer(capture_id: UUID) -> JsonResponse:
    """The page was opened, reloaded or shown again: where the session stands, its open prompt drawn anew."""
    return _told(lambda: reopen_session(capture_id))


def _told(act) -> JsonResponse:
    try:
        return JsonResponse(act())
    except Refused as refusal:
        return _refused(refusal)


def _refused(refusal: Refused) -> JsonResponse:
    body = {"error": refusal.code, "sentence": refusal.sentence()}
    if isinstance(refusal, OutOfSequence):
        return JsonResponse(body | {"expected": refusal.expected}, status=409)
    return JsonResponse(body, status=410 if isinstance(refusal, SessionClosed) else 400)
