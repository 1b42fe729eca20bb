"""The camera at the counter: modelling a face, and verifying one, with the clerk beside the person."""

from __future__ import annotations

from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor
from jianzai.certification.consent_text import consent_text
from jianzai.certification.models import CaptureSession
from jianzai.certification.queries import active_reference
from jianzai.certification.services import (
    TEXT_VERSION,
    give_consent,
    open_session,
    revoke_references,
    valid_consent,
)
from jianzai.registry.access import Permission, person_or_404, requires
from jianzai.sentences import language
from jianzai.web.camera import batch_answer, capture_context, reopen_answer, uses_camera

from ..forms import ConsentForm
from .common import press, submit

CHANNEL = "station"


def _of_this_clerk(view):
    """The view gets the capture, where this member of staff opened it for a person of their area."""

    @wraps(view)
    def with_capture(request: HttpRequest, capture) -> HttpResponse:
        sessions = CaptureSession.objects.select_related("person__area", "continues").filter(
            staff=request.staff
        )
        found = get_object_or_404(sessions, pk=capture)
        person_or_404(request.staff, found.person.key)
        return view(request, found)

    return with_capture


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_FACES)
def model(request: HttpRequest, key) -> HttpResponse:
    """Before modelling: the clerk has seen person and card, the person consents."""
    person = person_or_404(request.staff, key)
    form = ConsentForm(request.POST or None, initial={"language": language()})
    active = active_reference(person)
    if active is None:
        del form.fields["revoke"]

    def act(typed: dict) -> str:
        actor = Actor.of(request)
        if typed.get("revoke"):
            revoke_references(person, actor)
        consent = give_consent(person, typed["language"], actor, taken_by=request.staff)
        return _open(request, person, CaptureSession.Purpose.ENROL, consent=consent, slow=typed["slow"])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    context = {
        "form": form,
        "person": person,
        "active": active,
        "sections": consent_text(language()),
        "version": TEXT_VERSION,
    }
    return render(request, "console/model.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
def verify(request: HttpRequest, key) -> HttpResponse:
    """Certify by face at the counter."""
    person = person_or_404(request.staff, key)
    slow = bool(request.POST.get("slow"))
    return press(
        request,
        lambda: _open(
            request, person, CaptureSession.Purpose.VERIFY, consent=valid_consent(person), slow=slow
        ),
        reverse("console:person", args=[key]),
    )


@require_GET
@requires(Permission.MODEL_FACES)
@_of_this_clerk
@uses_camera
def capture(request: HttpRequest, capture: CaptureSession) -> HttpResponse:
    """The camera. A capture that is over shows its result instead."""
    if capture.state != CaptureSession.State.OPEN:
        return redirect("console:capture-result", capture.pk)
    context = capture_context(
        batch_url=reverse("console:capture-batch", args=[capture.pk]),
        reopen_url=reverse("console:capture-reopen", args=[capture.pk]),
        done_url=reverse("console:capture-result", args=[capture.pk]),
    )
    return render(request, "console/capture.html", context | {"person": capture.person, "session": capture})


@require_POST
@requires(Permission.MODEL_FACES)
@_of_this_clerk
def batch(request: HttpRequest, capture: CaptureSession) -> JsonResponse:
    """Take one batch of frames."""
    return batch_answer(request, capture.pk)


@require_POST
@requires(Permission.MODEL_FACES)
@_of_this_clerk
def reopen(request: HttpRequest, capture: CaptureSession) -> JsonResponse:
    """Go on after the page was opened or reloaded."""
    return reopen_answer(capture.pk)


@require_GET
@requires(Permission.MODEL_FACES)
@_of_this_clerk
def result(request: HttpRequest, capture: CaptureSession) -> HttpResponse:
    """What came of it, and what can be done next."""
    if capture.state == CaptureSession.State.OPEN:
        return redirect("console:capture", capture.pk)
    last = capture.batches.last()
    context = {
        "session": capture,
        "person": capture.person,
        "outcome": last.answer["outcome"] if last else None,
        "active": active_reference(capture.person),
    }
    return render(request, "console/capture_result.html", context)


@require_POST
@requires(Permission.MODEL_FACES)
@_of_this_clerk
def second_clip(request: HttpRequest, capture: CaptureSession) -> HttpResponse:
    """Another clip for the model, after a small change: glasses off, a step to the window."""
    return press(
        request,
        lambda: _open(
            request,
            capture.person,
            CaptureSession.Purpose.ENROL,
            consent=valid_consent(capture.person),
            continues=capture,
        ),
        reverse("console:capture-result", args=[capture.pk]),
    )


def _open(request: HttpRequest, person, purpose: str, **how) -> str:
    session = open_session(person, purpose, CHANNEL, actor=Actor.of(request), staff=request.staff, **how)
    return reverse("console:capture", args=[session.pk])
