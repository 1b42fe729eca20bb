"""The page that works without a network, and what it fetches and sends while there is one."""

from __future__ import annotations

import base64
import hashlib
import json
from uuid import UUID

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from jianzai.audit.services import Actor
from jianzai.clock import today
from jianzai.console.views.common import REFUSALS, why
from jianzai.registry.access import Permission, requires
from jianzai.sentences import language, say
from jianzai.web.camera import uses_camera

from . import services
from .content import LARGEST, MOST_PICTURES
from .errors import KeyOver, NotThisKey, NotYourKey
from .forms import form_named, offline_forms
from .models import NUMBERS, Arrival, DayKey

_FILES = ("console/console.css", "offline/offline.css", "offline/app.js", "web/pictures/seal.svg")
_IMPORTED = tuple(f"offline/{name}.js" for name in ("camera", "device", "sealing", "server"))
_WORDS = (
    "state_kept",
    "state_received",
    "state_certified",
    "state_noted",
    "state_refused",
    "state_stuck",
    "online",
    "offline",
    "signed_out",
    "code_wrong",
    "code_no_key",
    "code_before",
    "numbers_used",
    "day_over",
    "picture_bad",
    "picture_missing",
    "too_much",
    "camera_failed",
    "camera_taken",
    "again",
    "remove",
    "removed_sure",
    "nothing_waiting",
    "list_empty",
    "entry_done",
    "choose",
)


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
@uses_camera
def page(request: HttpRequest) -> HttpResponse:
    """The page itself. It names nobody: whoever uses the device finds it there without a network."""
    return _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    forms = offline_forms()
    context = {
        "forms": [(form, form.context()) for form in forms],
        "most_pictures": MOST_PICTURES,
        "largest": LARGEST,
        "words": {name: say(f"offline.{name}") for name in _WORDS},
    }
    return render(request, "offline/page.html", context)


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; its version changes with anything it keeps, so that a release is fetched whole."""
    # What app.js imports is asked for by its plain name, whatever the storage calls the files a page names.
    imported = [f"{staticfiles_storage.base_url}{name}" for name in _IMPORTED]
    kept = [reverse("offline:page"), *(static(name) for name in _FILES), *imported]
    shown = _page(request).content + b"".join(_read(name) for name in _FILES + _IMPORTED)
    version = hashlib.sha256(shown).hexdigest()[:16]
    head = f"self.VERSION = {json.dumps(version)};\nself.KEPT = {json.dumps(kept)};\n".encode()
    return HttpResponse(head + _read("offline/worker.js"), content_type="text/javascript")


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
def manifest(request: HttpRequest) -> JsonResponse:
    """What a device installs the page by."""
    home = reverse("offline:page")
    icon = {"src": static("web/pictures/seal.svg"), "sizes": "any", "type": "image/svg+xml"}
    return JsonResponse(
        {
            "name": say("offline.app_name"),
            "short_name": say("offline.app_short"),
            "lang": language(),
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#f3f6f7",
            "theme_color": "#083f4a",
            "icons": [icon],
        },
        content_type="application/manifest+json",
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def keys(request: HttpRequest) -> JsonResponse:
    """The clerk's keys on a device, with what became of what they sealed. POST: with a key for today."""
    device = _uuid((request.POST or request.GET).get("device"))
    if request.method == "POST":
        services.issue_key(request.staff, device, Actor.of(request))
    known = services.keys_of(request.staff, device)
    return JsonResponse(
        {
            "token": get_token(request),
            "today": today().isoformat(),
            "keys": [_key(key) for key in known],
            "items": [_told(arrival) for arrival in Arrival.objects.filter(key__in=known)],
            "lists": [
                {"form": form.name, "value": value, "name": name}
                for form in offline_forms()
                if form.has_lists
                for value, name in form.lists(request.staff, today())
            ],
        }
    )


@require_http_methods(["POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def lists(request: HttpRequest) -> JsonResponse:
    """One list of today to take along."""
    form = form_named(request.POST.get("form", ""))
    value = request.POST.get("value", "")
    if form is None or not form.has_lists or value not in dict(form.lists(request.staff, today())):
        raise Http404
    entries = form.entries(request.staff, today(), value, Actor.of(request))
    return JsonResponse({"form": form.name, "day": today().isoformat(), "entries": entries})


@require_http_methods(["POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def items(request: HttpRequest) -> JsonResponse:
    """Take in one item as the device sealed it (``key``, ``item``, ``number``, ``form``, file ``sealed``).

    403: not a key of whoever is signed in. 410: the key is over. 400: nothing that a device writes. 422:
    refused otherwise. ``sentence`` says why.
    """
    file = request.FILES.get("sealed")
    try:
        key, number = int(request.POST["key"]), int(request.POST["number"])
        item, form = UUID(request.POST["item"]), request.POST["form"]
        if file is None or file.size > LARGEST:
            raise ValueError
    except (KeyError, ValueError):
        return _refused(NotThisKey(), 400)
    try:
        arrival = services.receive(request.staff, key, item, number, form, file.read(), Actor.of(request))
    except REFUSALS as refusal:
        status = {NotYourKey: 403, KeyOver: 410}.get(type(refusal), 422)
        return _refused(refusal, status)
    return JsonResponse(_told(arrival))


def _key(key: DayKey) -> dict:
    return {
        "id": key.pk,
        "token": str(key.token),
        "key": base64.b64encode(key.opened()).decode(),
        "day": key.day.isoformat(),
        "issued": _milliseconds(key.issued),
        "expires": _milliseconds(key.expires),
        "takesUntil": _milliseconds(key.takes_until),
        "numbers": NUMBERS,
    }


def _told(arrival: Arrival) -> dict:
    return {
        "item": str(arrival.item),
        "receipt": arrival.receipt,
        "state": arrival.state,
        "sentence": say(arrival.sentence, **arrival.values) if arrival.sentence else "",
    }


def _refused(refusal: Exception, status: int) -> JsonResponse:
    return JsonResponse({"sentence": why(refusal)}, status=status)


def _milliseconds(moment) -> int:
    return int(moment.timestamp() * 1000)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404 from None


def _read(name: str) -> bytes:
    with open(finders.find(name), "rb") as file:
        return file.read()
