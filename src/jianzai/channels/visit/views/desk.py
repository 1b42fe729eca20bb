"""Planning at the desk: what waits, who goes when, the sheet a team takes along."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.console.forms import ReasonForm
from jianzai.console.views.common import submit
from jianzai.registry.access import Permission, may, person_or_404, requires
from jianzai.sentences import language
from jianzai.web.context import show_on

from .. import services
from ..calendar import team_ics
from ..forms import BookForm, DeskContactForm, DeskRequestForm
from ..models import Appointment, HomeVisit, Team
from ..queries import Diary, Slot, day_sheet, outings, signatures, to_plan, when
from ..sheet import pdf
from ..slots import Half
from .common import of_this_area, tell


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
def planning(request: HttpRequest) -> HttpResponse:
    """What waits for an appointment by community, and what is booked by day and team."""
    context = {
        "signatures": signatures(request.staff),
        "communities": to_plan(request.staff),
        "outings": outings(request.staff),
        "today": today(),
        "teams": may(request.staff, Permission.MANAGE_TEAMS),
    }
    return render(request, "visit/planning.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def request_for(request: HttpRequest, key) -> HttpResponse:
    """Take a request from somebody who rang or came."""
    person = person_or_404(request.staff, key)
    form = DeskRequestForm(request.POST or None, initial={"address": person.address, "phone": person.phone})

    def act(typed: dict) -> str:
        visit = services.request_visit(person, form.request(), Actor.of(request), taken_by=request.staff)
        tell(request, "done_requested", name=person.name)
        return reverse("visit-desk:visit", args=[visit.pk])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    status = 422 if request.method == "POST" else 200
    return render(request, "visit/desk_request.html", {"form": form, "person": person}, status=status)


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def visit(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """One visit: who, why, where, its appointments, and what can be done."""
    return _page(request, visit)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def book(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """Put the visit into a half day, or into another one."""
    form = BookForm(request.POST, visit=visit)
    show_on(request, reverse("visit-desk:visit", args=[visit.pk]))

    def act(typed: dict) -> str:
        slot = typed["team"], typed["day"], Half(typed["half"])
        appointment = services.book(visit, *slot, Actor.of(request), request.staff)
        tell(request, "done_booked", name=visit.person.name, when=when(appointment))
        return reverse("visit-desk:planning")

    return submit(request, form, act) or _page(request, visit, form, status=422)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def contact(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """Correct where the team goes and whom it rings, for somebody who rang."""
    given = visit.seen_to
    known = {"address": given.address, "phone": given.phone} if given else {}
    form = DeskContactForm(request.POST or None, initial=known)

    def act(typed: dict) -> str:
        services.correct(visit, form.contact(), Actor.of(request))
        tell(request, "contact_changed")
        return reverse("visit-desk:visit", args=[visit.pk])

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    status = 422 if request.method == "POST" else 200
    return render(request, "visit/desk_contact.html", {"form": form, "visit": visit}, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
@of_this_area
def cancel(request: HttpRequest, visit: HomeVisit) -> HttpResponse:
    """End the visit without one, with a reason."""
    form = ReasonForm(request.POST or None)

    def act(typed: dict) -> str:
        services.cancel(visit, typed["reason"], Actor.of(request), request.staff)
        tell(request, "done_cancelled", name=visit.person.name)
        return reverse("visit-desk:planning")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    status = 422 if request.method == "POST" else 200
    return render(request, "visit/desk_cancel.html", {"form": form, "visit": visit}, status=status)


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
def sheet(request: HttpRequest, team: int, day: str) -> HttpResponse:
    """What a team takes along on a day, to print; the look is recorded, since addresses stand in it."""
    when, appointments = _day(request, team, day)
    found = get_object_or_404(Team, pk=team)
    record(
        "visit.sheet_printed",
        Actor.of(request),
        area=request.staff.area_id,
        team=team,
        day=when,
        visits=len(appointments),
    )
    response = HttpResponse(pdf(found, when, appointments, language()), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="visits-{when.isoformat()}-{team}.pdf"'
    return response


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
def calendar(request: HttpRequest, team: int, day: str) -> HttpResponse:
    """A team's day for the calendar of a telephone. It names nobody."""
    when, appointments = _day(request, team, day)
    response = HttpResponse(team_ics(appointments), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="visits-{when.isoformat()}-{team}.ics"'
    return response


def _day(request: HttpRequest, team: int, day: str) -> tuple[date, list[Appointment]]:
    """What a team does on a day in the staff's area; not found where that is nothing."""
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    appointments = day_sheet(request.staff, team, when)
    if not appointments:
        raise Http404
    return when, appointments


def _page(request: HttpRequest, visit: HomeVisit, form: BookForm | None = None, status: int = 200):
    context = {"visit": visit, "person": visit.person, "contact": visit.seen_to}
    if visit.state == HomeVisit.State.OPEN:
        room = Diary().room(visit.person.area_id)
        asked = tuple(request.GET.get(name, "") for name in ("team", "day", "half"))
        chosen = next((slot for slot in room if _named(slot) == asked), room[0] if room else None)
        first = {"team": chosen.team, "day": chosen.day, "half": chosen.half} if chosen else {}
        context |= {
            "form": form or BookForm(visit=visit, initial=first),
            "room": [(slot, slot == chosen) for slot in room[:8]],
            "came_about": visit.came_about(today()),
            "signs": visit.awaits_signature and visit.second == request.staff,
        }
    return render(request, "visit/desk_visit.html", context, status=status)


def _named(slot: Slot) -> tuple[str, str, str]:
    """A slot as the address of the page names it."""
    return str(slot.team.pk), slot.day.isoformat(), str(slot.half)
