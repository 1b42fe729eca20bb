"""The desk: what counters received without a network, and what a second clerk finds."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from jianzai.audit.services import Actor, record
from jianzai.certification.queries import active_reference
from jianzai.console.views.common import submit
from jianzai.registry.access import Permission, requires
from jianzai.sentences import say

from . import services
from .forms import DecisionForm
from .models import Received
from .queries import received_within

_SETTLED_SHOWN = 30


@require_GET
@requires(Permission.REVIEW)
def received(request: HttpRequest) -> HttpResponse:
    """What waits to be judged, the oldest first, and what was settled last."""
    rows = received_within(request.staff)
    context = {
        "waiting": rows.filter(state=Received.State.RECEIVED),
        "settled": rows.exclude(state=Received.State.RECEIVED).order_by("-settled_on", "-id")[
            :_SETTLED_SHOWN
        ],
    }
    return render(request, "counter/received.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One thing received: what was typed and shown beside the roster, and the decision."""
    found = get_object_or_404(received_within(request.staff), pk=number)
    form = DecisionForm(request.POST or None, staff=request.staff, known=found.person is not None)

    def act(typed: dict) -> str:
        actor = Actor.of(request)
        if typed["decision"] == "refuse":
            services.refuse(found, request.staff, typed["finding"], actor)
            messages.success(request, say("counter.done_refused", receipt=found.arrival.receipt))
        elif services.accept(found, request.staff, typed["finding"], actor, typed.get("number")):
            messages.success(request, say("counter.done_certified", receipt=found.arrival.receipt))
        else:
            found.arrival.refresh_from_db()
            messages.success(request, say(found.arrival.sentence))
        return reverse("counter-desk:received")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    waits = found.state == Received.State.RECEIVED
    reference = active_reference(found.person) if found.person else None
    context = {
        "received": found,
        "said": found.said,
        "pictures": range(len(found.shown)),
        "form": form if waits and found.officer_id != request.staff.pk else None,
        "own": waits and found.officer_id == request.staff.pk,
        "reference": reference if reference and reference.picture else None,
    }
    return render(request, "counter/one.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@requires(Permission.REVIEW)
def picture(request: HttpRequest, number: int, place: int) -> HttpResponse:
    """A picture of what was received; the look is recorded."""
    found = get_object_or_404(received_within(request.staff), pk=number)
    pictures = found.shown
    if place >= len(pictures):
        raise Http404
    record(
        "counter.picture_seen",
        Actor.of(request),
        person=found.person,
        area=found.area_id,
        receipt=found.arrival.receipt,
    )
    return HttpResponse(pictures[place], content_type="image/jpeg")
