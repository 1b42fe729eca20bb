"""The retiree's pages: ask for a visit, see when the team comes, correct, move or cancel it.

Signing in takes a name and a number, which relatives and strangers may know: what is asked for shows only to
whom it is theirs to see, see ``_is_theirs``.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jianzai.audit.services import client_address
from jianzai.certification.queries import current_obligation, standing_of
from jianzai.certification.services import policy_of
from jianzai.channels.online.refusals import explains_refusals
from jianzai.channels.online.rules import Wait, next_due
from jianzai.channels.online.services import bounded
from jianzai.channels.online.visit import signed_in
from jianzai.clock import today
from jianzai.entitlement import cycle_for
from jianzai.notices.kinds import Kind
from jianzai.notices.services import messages_for
from jianzai.web.context import show_on

from .. import services
from ..calendar import ics
from ..forms import ContactForm, RequestForm
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
    found = open_visit(person)
    if found and not _is_theirs(request, found):
        return _locked(request, found)
    if not request.visit.helper:
        messages_for(person, _TOLD)  # what this page says is told with that
    if found:
        context = {"visit": found, "booked": found.booked, "given": found.seen_to, "told": _told(request)}
        if found.booked:
            context |= {"when": when(found.booked), "changes": changes_for(found)}
        return render(request, "visit/visit.html", context)
    obligation = current_obligation(person)
    if obligation and (certified_on := standing_of(obligation).certified_on):
        policy, year = policy_of(obligation.cycle), obligation.cycle.year
        due, again = next_due(policy, year, certified_on), cycle_for(policy, year + 1).opens
        return render(request, "visit/certified.html", {"year": year, "due": due, "again": again})
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.request_visit(person, form.request(), request.visit.actor)
        if made.seen_to == form.contact():  # else somebody else asked at the same moment
            request.visit.remember(made.case)
        return redirect("visit:visit")
    return render(request, "visit/request.html", {"form": form}, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@require_POST
@signed_in
def unlock(request: HttpRequest) -> HttpResponse:
    """The last four digits of the telephone that was given with the request."""
    found = open_visit(request.visit.person)
    if found is None:
        return redirect("visit:visit")
    typed = unicodedata.normalize("NFKC", request.POST.get("digits", "")).strip()

    def same() -> bool | None:
        given = found.seen_to
        return (given is not None and secrets.compare_digest(typed.encode(), given.ending.encode())) or None

    answer = bounded("visit", found.case, client_address(request), same)
    if answer is True:
        request.visit.remember(found.case)
        return redirect("visit:visit")
    return _locked(request, found, wait=answer, wrong=True)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@explains_refusals
def contact(request: HttpRequest) -> HttpResponse:
    """Correct where the team goes and whom it rings."""
    found = open_visit(request.visit.person)
    if found is None or not _is_theirs(request, found) or found.awaits_signature:
        return redirect("visit:visit")
    given = found.seen_to
    form = ContactForm(request.POST or None, initial={"address": given.address, "phone": given.phone})
    if request.method == "POST" and form.is_valid():
        services.correct(found, form.contact(), request.visit.actor)
        return redirect(reverse("visit:visit") + "?corrected")
    return render(request, "visit/contact.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@signed_in
@explains_refusals
def move(request: HttpRequest) -> HttpResponse:
    """Another half day, out of those that were shown."""
    found = open_visit(request.visit.person)
    if found is None or found.booked is None or not _is_theirs(request, found):
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
        standing = standing_of(obligation)
        if standing.certified_on or last.ended_on < standing.opens:  # done since, or of an earlier year
            return redirect("visit:visit")
        due = obligation.due
        return render(request, "visit/cancelled.html", {"due": due, "late": due < today()})
    if not _is_theirs(request, found):
        return redirect("visit:visit")
    if request.method == "POST":
        services.cancel(found, "", request.visit.actor)
        return redirect("visit:cancel")
    return render(request, "visit/cancel.html")


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """The appointment for the calendar of a telephone."""
    found = open_visit(request.visit.person)
    if found is None or found.booked is None or not _is_theirs(request, found):
        return redirect("visit:visit")  # which says why, also after a sign-in that led here
    response = HttpResponse(ics(found.booked), content_type="text/calendar; charset=utf-8")
    day: date = found.booked.day
    response["Content-Disposition"] = f'attachment; filename="visit-{day.isoformat()}.ics"'
    return response


def _is_theirs(request: HttpRequest, visit: HomeVisit) -> bool:
    """Whether who signed in may see and change ``visit``: they asked for it in this browser, know the
    telephone given with it, showed their face, or help the person by a mandate."""
    signed_in_as = request.visit
    return bool(signed_in_as.helper) or signed_in_as.face_matched or signed_in_as.remembers(visit.case)


def _locked(
    request: HttpRequest, visit: HomeVisit, wait: Wait | None = None, wrong: bool = False
) -> HttpResponse:
    """That a visit is asked for, and no more; a telephone to ring is always named."""
    show_on(request, reverse("visit:visit"))  # what is posted to answers there
    context = {"visit": visit, "wait": wait, "wrong": wrong}
    status = 429 if wait else 422 if wrong else 200
    return render(request, "visit/locked.html", context, status=status)


def _told(request: HttpRequest) -> str:
    """What was just done: the end of the sentence's code, if anything."""
    return next((each for each in ("moved", "corrected") if each in request.GET), "")
