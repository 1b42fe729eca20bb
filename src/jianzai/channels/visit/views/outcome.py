"""What the team found, told at the door by telephone or afterwards at a desk."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jianzai.audit.services import Actor, record
from jianzai.certification.queries import active_reference
from jianzai.clock import today
from jianzai.console.views.common import press, submit
from jianzai.registry.access import Permission, requires
from jianzai.web.context import show_on

from .. import services
from ..errors import NoAppointment
from ..forms import MeetingForm, NotMetForm
from ..models import HomeVisit
from ..queries import when
from .common import of_this_area, tell


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def outcome(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """Two forms: the person was met, or was not."""
    return _page(request, visit)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def met(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """The officer who is signed in met the person, and somebody else, who signs it."""
    form = MeetingForm(request.POST, request.FILES, visit=visit, staff=request.staff)

    def act(typed: dict) -> str:
        photograph = typed["photograph"].read() if typed["photograph"] else None
        meeting = services.Meeting(first=request.staff, **{**typed, "photograph": photograph})
        told = services.meet(visit, meeting, Actor.of(request))
        if told.awaits_signature:
            tell(request, "done_told", name=visit.person.name, second=told.second.name)
        return reverse("visit-desk:visit", args=[visit.pk])

    return submit(request, form, act) or _page(request, visit, meeting=form)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def sign(request: HttpRequest, visit: HomeVisit) -> HttpResponseRedirect:
    """The second officer signs what the first told: certify."""
    page = reverse("visit-desk:visit", args=[visit.pk])

    def act() -> str:
        certification = services.sign(visit, request.staff, Actor.of(request), request.POST.get("shown", ""))
        tell(request, "done_met", name=visit.person.name, serial=certification.serial)
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def deny(request: HttpRequest, visit: HomeVisit) -> HttpResponseRedirect:
    """Who was named as the second officer was not there."""
    return _unsay(request, visit, services.deny, "done_denied")


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def retract(request: HttpRequest, visit: HomeVisit) -> HttpResponseRedirect:
    """The first officer told it by mistake."""
    return _unsay(request, visit, services.retract, "done_retracted")


def _unsay(request: HttpRequest, visit: HomeVisit, verb: Callable, done: str) -> HttpResponseRedirect:
    page = reverse("visit-desk:visit", args=[visit.pk])

    def act() -> str:
        verb(visit, request.staff, Actor.of(request))
        tell(request, done, name=visit.person.name)
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def not_met(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """Nobody at home: the visit waits for another day. Dead, moved, missing: it ends."""
    form = NotMetForm(request.POST)

    def act(typed: dict) -> str:
        actor, found = Actor.of(request), typed["found"]
        if found == "nobody":
            if visit.booked is None:
                raise NoAppointment()
            services.nobody_home(visit.booked, request.staff, actor)
            tell(request, "done_nobody", name=visit.person.name)
            return reverse("visit-desk:visit", args=[visit.pk])
        services.not_met(visit, HomeVisit.State(found), typed["finding"], request.staff, actor)
        tell(request, f"done_{found}", name=visit.person.name)
        page = "console:death" if found == HomeVisit.State.DEAD else "console:person"
        return reverse(page, args=[visit.person.key])

    return submit(request, form, act) or _page(request, visit, not_met=form)


@require_GET
@requires(Permission.SEE_PEOPLE)
@of_this_area
def photograph(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """The picture of the meeting; the look is recorded."""
    jpeg = visit.picture
    if jpeg is None:
        raise Http404
    record("visit.photograph_seen", Actor.of(request), person=visit.person, visit=visit.pk)
    return HttpResponse(jpeg, content_type="image/jpeg")


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def delete_photograph(request: HttpRequest, visit: HomeVisit) -> HttpResponseRedirect:
    """Delete the picture because the consent to it was taken back."""
    page = reverse("visit-desk:visit", args=[visit.pk])

    def act() -> str:
        services.delete_photograph(visit, Actor.of(request))
        tell(request, "done_photograph_deleted")
        return page

    return press(request, act, page)


def _page(
    request: HttpRequest,
    visit: HomeVisit,
    meeting: MeetingForm | None = None,
    not_met: NotMetForm | None = None,
) -> HttpResponse:
    refused = meeting or not_met
    if refused:
        show_on(request, reverse("visit-desk:outcome", args=[visit.pk]))
    appointment = visit.booked or visit.met_at
    context = {
        "visit": visit,
        "person": visit.person,
        "contact": visit.seen_to,
        "when": when(appointment) if appointment else "",
        "came_about": visit.came_about(today()),
        "meeting": meeting or MeetingForm(visit=visit, staff=request.staff),
        "not_met": not_met or NotMetForm(),
        "modelled": active_reference(visit.person),
    }
    return render(request, "visit/outcome.html", context, status=422 if refused else 200)
