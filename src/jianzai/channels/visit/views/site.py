"""The retiree's pages: ask for a visit, see when the team comes, move or cancel it.

Signing in takes a name and a number, which relatives know, so these pages show neither address nor phone.
"""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import policy_of
from jianzai.channels.online.refusals import explains_refusals
from jianzai.channels.online.rules import next_due
from jianzai.channels.online.visit import signed_in
from jianzai.clock import today
from jianzai.entitlement import cycle_for
from jianzai.notices.kinds import Kind
from jianzai.notices.services import messages_for

from .. import services
from ..calendar import ics
from ..forms import RequestForm
from ..models import HomeVisit
from ..queries import changes_for, open_visit, when

_TOLD = (Kind.VISIT_BOOKED, Kind.VISIT_TOMORROW, Kind.VISIT_CANCELLED)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@explains_refusals
def visit(request: HttpRequest) -> HttpResponse:
    """What is under way, or the four questions that ask for a visit."""
    person = request.visit.person
    if not request.visit.helper:
        messages_for(person, _TOLD)  # what this page says is told with that
    if found := open_visit(person):
        context = {"booked": found.booked, "requested_on": found.requested_on, "met": found.awaits_signature}
        if found.booked:
            changes = changes_for(found)
            context |= {"when": when(found.booked), "changes": changes, "moved": "moved" in request.GET}
        return render(request, "visit/visit.html", context)
    obligation = current_obligation(person)
    if obligation and (certified_on := standing_of(obligation).certified_on):
        policy, year = policy_of(obligation.cycle), obligation.cycle.year
        due, again = next_due(policy, year, certified_on), cycle_for(policy, year + 1).opens
        return render(request, "visit/certified.html", {"year": year, "due": due, "again": again})
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.request_visit(person, form.request(), request.visit.actor)
        return redirect("visit:visit")
    return render(request, "visit/request.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@signed_in
@explains_refusals
def move(request: HttpRequest) -> HttpResponse:
    """Another half day, out of those that were shown."""
    found = open_visit(request.visit.person)
    if found is None or found.booked is None:
        return redirect("visit:visit")
    chosen = request.POST.get("slot", "")
    slot = next((one for one in changes_for(found) if f"{one.day}:{one.half}" == chosen), None)
    if slot:
        services.book(found, slot.team, slot.day, slot.half, request.visit.actor)
        return redirect(reverse("visit:visit") + "?moved")
    return redirect("visit:visit")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@explains_refusals
def cancel(request: HttpRequest) -> HttpResponse:
    """Call the visit off, and say that it was."""
    person = request.visit.person
    found = open_visit(person)
    if found is None:
        last, obligation = person.home_visits.first(), current_obligation(person)
        if not obligation or not last or last.state != HomeVisit.State.CANCELLED or last.ended_by_id:
            return redirect("visit:visit")
        due = obligation.due
        return render(request, "visit/cancelled.html", {"due": due, "late": due < today()})
    if request.method == "POST":
        services.cancel(found, "", request.visit.actor)
        return redirect("visit:cancel")
    return render(request, "visit/cancel.html")


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """The appointment for the calendar of a telephone."""
    found = open_visit(request.visit.person)
    if found is None or found.booked is None:
        raise Http404
    response = HttpResponse(ics(found.booked), content_type="text/calendar; charset=utf-8")
    day: date = found.booked.day
    response["Content-Disposition"] = f'attachment; filename="visit-{day.isoformat()}.ics"'
    return response
