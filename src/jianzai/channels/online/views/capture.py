"""The conversation with the camera, and what came of it."""

from __future__ import annotations

from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from jianzai.certification.models import CaptureSession, Certification, ReferenceFace
from jianzai.certification.queries import current_obligation, pause_is_held
from jianzai.certification.services import offer_newer_text, open_session, valid_consent
from jianzai.entitlement import Status
from jianzai.web.camera import batch_answer, capture_context, reopen_answer, uses_camera

from ..anew import proposal
from ..refusals import explains_refusals
from ..visit import Visit, not_for_helpers, signed_in

_CHANNEL = "online"


def of_this_visit(view):
    """The view gets the capture itself, where this visit opened it."""

    @wraps(view)
    def with_capture(request, capture_id):
        capture = request.visit.capture(capture_id)
        if capture is None:
            raise Http404
        return view(request, capture)

    return signed_in(with_capture)


def for_script(view):
    """The view gets the id of a capture that this visit opened; capture.js is told when the visit is over."""

    @wraps(view)
    def guarded(request, capture_id):
        if not Visit(request).opened(capture_id):
            return JsonResponse({"error": "signed_out"}, status=403)
        return view(request, capture_id)

    return guarded


@require_POST
@signed_in
@explains_refusals
def start(request: HttpRequest) -> HttpResponse:
    """Open a capture: to verify, or (``purpose=enrol``) to model; ``slow`` for more time, ``plain`` for a
    screen that does not change colour.
    """
    modelling = request.POST.get("purpose") == CaptureSession.Purpose.ENROL
    if modelling and request.visit.helper:
        return not_for_helpers(request)
    return _open(
        request,
        CaptureSession.Purpose.ENROL if modelling else CaptureSession.Purpose.VERIFY,
        slow="slow" in request.POST,
        colours="plain" not in request.POST,
    )


@require_safe
@of_this_visit
@uses_camera
def page(request: HttpRequest, capture: CaptureSession) -> HttpResponse:
    """The camera. A session that is over has its result instead."""
    if capture.state != CaptureSession.State.OPEN:
        return redirect("online:result", capture.pk)
    modelling = capture.purpose == CaptureSession.Purpose.ENROL
    context = capture_context(
        batch_url=reverse("online:batch", args=[capture.pk]),
        reopen_url=reverse("online:reopen", args=[capture.pk]),
        done_url=reverse("online:result", args=[capture.pk]),
        replay_url=request.visit.replay_url,
    )
    return render(request, "online/capture.html", context | {"modelling": modelling})


@require_POST
@for_script
def batch(request: HttpRequest, capture_id: UUID) -> JsonResponse:
    """Take one batch of frames."""
    return batch_answer(request, capture_id)


@require_POST
@for_script
def reopen(request: HttpRequest, capture_id: UUID) -> JsonResponse:
    """Go on after the page was opened, reloaded or hidden."""
    return reopen_answer(capture_id)


@require_safe
@of_this_visit
def result(request: HttpRequest, capture: CaptureSession) -> HttpResponse:
    """What came of it, why, and the next step. A face match opens the private pages of this visit."""
    if capture.state == CaptureSession.State.OPEN:
        return render(request, "online/result_open.html", {"capture": capture})
    outcome = _outcome(capture)
    if outcome is None:
        return render(request, "online/result_abandoned.html", {"capture": capture})
    if capture.purpose == CaptureSession.Purpose.ENROL:
        return _modelling_result(request, capture, outcome)
    request.visit.remember_match(capture)
    return _verifying_result(request, capture, outcome)


@require_POST
@of_this_visit
@explains_refusals
def second_clip(request: HttpRequest, capture: CaptureSession) -> HttpResponse:
    """Another clip for the model, with something small changed."""
    return _open(request, CaptureSession.Purpose.ENROL, continues=capture)


def _open(request: HttpRequest, purpose: str, **how) -> HttpResponse:
    visit = request.visit
    capture = open_session(
        visit.person,
        purpose,
        _CHANNEL,
        actor=visit.actor,
        consent=valid_consent(visit.person),
        **visit.replay_terms,
        **how,
    )
    visit.add_capture(capture)
    return redirect("online:capture", capture.pk)


def _outcome(capture: CaptureSession) -> dict | None:
    """What the browser was told at the end; None where the session ended without a decision."""
    answer = capture.batches.values_list("answer", flat=True).last()
    return answer["outcome"] if answer else None


def _verifying_result(request: HttpRequest, capture: CaptureSession, outcome: dict) -> HttpResponse:
    context = {"outcome": outcome, "reasons": _reasons(outcome)}
    if outcome["certified"]:
        obligation = current_obligation(request.visit.person)
        if not request.visit.helper:
            context["certification"] = Certification.objects.filter(serial=outcome["certification"]).first()
            context["anew"] = proposal(request.visit.person)
            context["newer_text"] = offer_newer_text(capture.attempt, request.visit.actor)
        context["year"] = obligation.cycle.year
        context["resumed"] = obligation.status == Status.RESUMED
        return render(request, "online/result_certified.html", context)
    obligation = current_obligation(request.visit.person)
    context["held"] = obligation and pause_is_held(obligation)
    return render(request, "online/result_failed.html", context)


def _modelling_result(request: HttpRequest, capture: CaptureSession, outcome: dict) -> HttpResponse:
    if not outcome["modelled"]:
        earlier = request.visit.person.references.filter(state=ReferenceFace.State.PENDING).exists()
        context = {"reasons": _reasons(outcome), "earlier_clip": earlier}
        return render(request, "online/model_failed.html", context)
    if outcome["second_clip"]:
        return render(request, "online/model_second.html", {"capture": capture})
    return redirect("online:model")


def _reasons(outcome: dict) -> list[tuple[str, str]]:
    """Codes of the sentences for why and for what to do, most useful first."""
    return [(f"reasons.{reason}", f"reasons.{reason}_next") for reason in outcome["reasons"]]
