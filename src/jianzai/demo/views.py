"""The demo's own pages: where to begin, the replay without a camera, the civil date."""

from __future__ import annotations

import re
from datetime import date
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from jianzai.channels.fingerprint.reading import enabled as fingerprints_are_on
from jianzai.channels.online.visit import Visit
from jianzai.clock import move_to
from jianzai.demo.accounts import ACCOUNTS, PASSWORD
from jianzai.demo.cards import SIDES, specimen
from jianzai.demo.clips import NEUTRAL, Clip, clips
from jianzai.demo.fingers import print_to_try
from jianzai.demo.people import TALKING_MAN, VISITOR, WEBCAM_MAN, Retiree
from jianzai.demo.trying import to_try
from jianzai.faces import ModelMissing
from jianzai.registry.models import Beneficiary
from jianzai.web.context import show_on

# What can be replayed: whom the visitor is, and which recording stands in for the camera.
_REPLAYS: dict[str, tuple[Retiree, str]] = {
    "same": (WEBCAM_MAN, "cap12"),
    "other": (TALKING_MAN, "cap12"),
}
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def only_in_demo(view):
    """The view exists in the demo alone."""

    @wraps(view)
    def guarded(request, *arguments, **named):
        if not settings.DEMO:
            raise Http404
        return view(request, *arguments, **named)

    return guarded


@only_in_demo
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Who one can be, and the road in five steps."""
    people = [
        (WEBCAM_MAN, "demo.who_webcam"),
        (TALKING_MAN, "demo.who_talking"),
        (VISITOR, "demo.who_visitor"),
    ]
    context = {
        "people": people,
        "to_try": list(to_try()),
        "accounts": ACCOUNTS,
        "password": PASSWORD,
        "card_of": VISITOR,
        "finger_of": VISITOR if fingerprints_are_on() else None,
    }
    return render(request, "demo/start.html", context)


@only_in_demo
@require_safe
def replay(request: HttpRequest) -> HttpResponse:
    """Try it without a camera: choose what is replayed."""
    choices = [(key, who, f"demo.replay_{key}") for key, (who, _) in _REPLAYS.items()]
    return render(request, "demo/replay.html", {"choices": choices})


@only_in_demo
@require_POST
def begin_replay(request: HttpRequest) -> HttpResponse:
    """Sign in as the chosen person with a recording for a camera; all else is the site as it is."""
    if (chosen := _REPLAYS.get(request.POST.get("choice", ""))) is None:
        raise Http404
    who, name = chosen
    person = Beneficiary.objects.filter(personal_number=who.personal_number).first()
    if person is None:
        raise Http404
    Visit(request).begin(person, reverse("demo:clip-table", args=[name]), clips()[name].actions)
    return redirect("online:person")


@only_in_demo
@require_safe
def clip_table(request: HttpRequest, name: str) -> JsonResponse:
    """Where the clip lies and which seconds show what, as capture.js reads it."""
    clip = _clip(name)
    shown = {key: clip.stretches[key] for key in (NEUTRAL, *clip.actions)}
    return JsonResponse({"clip": reverse("demo:clip", args=[name]), **shown})


@only_in_demo
@require_safe
def clip(request: HttpRequest, name: str) -> HttpResponse:
    """The recording itself."""
    try:
        path = _clip(name).path
    except ModelMissing:
        raise Http404 from None
    return _in_ranges(path, request.headers.get("Range", ""))


@only_in_demo
@require_safe
def finger(request: HttpRequest) -> HttpResponse:
    """A print to try at the counter, where fingerprints are on."""
    if not fingerprints_are_on():
        raise Http404
    answer = HttpResponse(print_to_try(), content_type="image/png")
    answer["Content-Disposition"] = 'attachment; filename="finger.png"'
    return answer


@only_in_demo
@require_safe
def card(request: HttpRequest, side: str) -> HttpResponse:
    """A side of a made-up identity card, to try the counter with."""
    if side not in SIDES:
        raise Http404
    answer = HttpResponse(specimen(VISITOR, side), content_type="image/jpeg")
    answer["Content-Disposition"] = f'attachment; filename="card-{side}.jpg"'
    return answer


@only_in_demo
@require_POST
def move_date(request: HttpRequest) -> HttpResponse:
    """Move the demo's civil date, or back to the real one where none is given."""
    text = request.POST.get("date", "")
    try:
        move_to(date.fromisoformat(text) if text else None)
    except ValueError:
        show_on(request, reverse("demo:start"))
        return render(request, "demo/bad_date.html", status=400)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else "demo:start")


def _clip(name: str) -> Clip:
    if name not in clips():
        raise Http404
    return clips()[name]


def _in_ranges(path: Path, asked: str) -> HttpResponse:
    """A file, or the one range of bytes asked for (RFC 9110, 14.2): browsers seek only where ranges work."""
    size = path.stat().st_size
    file = path.open("rb")
    found = _RANGE.fullmatch(asked)
    start = int(found[1]) if found else 0
    end = min(int(found[2]) if found and found[2] else size - 1, size - 1)
    if found and not start <= end:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file.seek(start)
    response = FileResponse(
        _Part(file, end - start + 1), content_type="video/mp4", status=206 if found else 200
    )
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - start + 1)
    if found:
        response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


class _Part:
    """The next ``length`` bytes of a file as a file of their own."""

    def __init__(self, file, length: int):
        self._file, self._left = file, length
        self.close = file.close

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        chunk = self._file.read(wanted)
        self._left -= len(chunk)
        return chunk
