"""One paper: its scan beside what was read and found, and the decision."""

from __future__ import annotations

import base64
import binascii

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from jianzai import worker
from jianzai.audit.services import Actor, record
from jianzai.certification.queries import active_reference
from jianzai.clock import today
from jianzai.console.forms import ReasonForm
from jianzai.console.views.common import press, submit
from jianzai.registry.access import Permission, may, person_or_404, requires
from jianzai.registry.queries import search
from jianzai.registry.services import identity_number
from jianzai.web.context import show_on

from .. import services
from ..checking import findings, found_wrong
from ..forms import AcceptForm, RejectForm, ReportForm
from ..layouts import PRINTED
from ..models import REPORTED, Sheet
from ..payload import Kind
from ..queries import next_sheet, proposals, to_decide
from .common import of_this_area, tell

_FOUND = 12


@require_GET
@requires(Permission.REVIEW)
@of_this_area
def sheet(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The page of one paper; that its scan was looked at is recorded."""
    return _page(request, sheet)


@require_GET
@requires(Permission.REVIEW)
@of_this_area
def page(request: HttpRequest, sheet: Sheet, page: int) -> HttpResponse:
    """One page of the scan, straightened where that was possible."""
    found = sheet.pages.filter(number=page).first()
    if found is None:
        raise Http404
    return HttpResponse(found.shown, content_type="image/jpeg")


@require_POST
@requires(Permission.REVIEW)
@of_this_area
def turn(request: HttpRequest, sheet: Sheet, page: int) -> HttpResponse:
    """Turn one page by a quarter of a circle, to the left or to the right."""
    found = get_object_or_404(sheet.pages, number=page)
    back = reverse("mail-desk:sheet", args=[sheet.pk])

    def act() -> str:
        quarters = 3 if request.POST.get("turn") == "left" else 1
        services.turn_page(found, quarters, Actor.of(request))
        return back

    return press(request, act, back)


@require_GET
@requires(Permission.REVIEW)
@of_this_area
def being_read(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Asked by the page of a paper that is being read, again and again: shows it anew once it was read."""
    if sheet.state == Sheet.State.RECEIVED:
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


@sensitive_post_parameters()
@require_POST
@requires(Permission.REVIEW)
@of_this_area
def accept(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The paper is right."""
    form = AcceptForm(request.POST, sheet=sheet)
    show_on(request, reverse("mail-desk:sheet", args=[sheet.pk]))

    def act(typed: dict) -> str:
        failed = [found.rule for found in findings(sheet, form.corrected) if found.ok is False]
        done = services.accept(sheet, form.attestation(failed), request.staff, Actor.of(request))
        if done.certification:
            tell(request, "done_accepted", name=sheet.person.name, serial=done.certification.serial)
        else:
            tell(request, "done_accepted_more", name=sheet.person.name)
        return _next(request, sheet)

    return submit(request, form, act) or _page(request, sheet, accept=form, status=422)


@require_POST
@requires(Permission.REVIEW)
@of_this_area
def reject(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The paper certifies nobody; its sender reads why."""
    form = RejectForm(request.POST, kind=Kind(sheet.kind))
    show_on(request, reverse("mail-desk:sheet", args=[sheet.pk]))

    def act(typed: dict) -> str:
        services.reject(sheet, typed["reasons"], typed["note"], request.staff, Actor.of(request))
        tell(request, "done_rejected", number=sheet.pk)
        return _next(request, sheet)

    return submit(request, form, act) or _page(request, sheet, reject=form, status=422)


@require_POST
@requires(Permission.REVIEW)
@of_this_area
def report(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The paper says that the person is dead, missing or in prison."""
    form = ReportForm(request.POST)
    show_on(request, reverse("mail-desk:sheet", args=[sheet.pk]))

    def act(typed: dict) -> str:
        says = Sheet.State(typed["says"])
        services.report(sheet, says, typed["note"], request.staff, Actor.of(request))
        tell(request, f"done_{says}", name=sheet.person.name)
        if says == Sheet.State.DEAD and may(request.staff, Permission.RECORD_DEATH, sheet.area_id):
            return reverse("console:death", args=[sheet.person.key])
        return reverse("console:person", args=[sheet.person.key])

    return submit(request, form, act) or _page(request, sheet, report=form, status=422)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW)
@of_this_area
def find(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Find whose paper it is. Searching is by POST as well, so that no name stands in an address."""
    back = reverse("mail-desk:sheet", args=[sheet.pk])
    show_on(request, back)
    text = request.POST.get("text", "").strip()
    if key := request.POST.get("person"):
        person = person_or_404(request.staff, key)

        def act() -> str:
            services.find_person(sheet, person, request.staff, Actor.of(request))
            tell(request, "done_found", name=person.name)
            return back

        return press(request, act, back)
    found = list(search(request.staff, text)[: _FOUND + 1]) if text else []
    return _page(request, sheet, asked=text, found=found[:_FOUND], more=len(found) > _FOUND)


@require_POST
@requires(Permission.REVIEW)
@of_this_area
def seen_to(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Somebody looked into what the paper reported."""
    form = ReasonForm(request.POST)
    show_on(request, reverse("mail-desk:sheet", args=[sheet.pk]))

    def act(typed: dict) -> str:
        services.seen_to(sheet, typed["reason"], request.staff, Actor.of(request))
        tell(request, "done_seen_to", name=sheet.person.name)
        return reverse("mail-desk:sheets")

    return submit(request, form, act) or _page(request, sheet, seen_to=form, status=422)


def _next(request: HttpRequest, sheet: Sheet) -> str:
    """The next paper opens at once; after the last one, the empty queue."""
    following = next_sheet(request.staff, sheet)
    return reverse("mail-desk:sheet", args=[following.pk]) if following else reverse("mail-desk:sheets")


def _page(request: HttpRequest, sheet: Sheet, status: int = 200, **shown: object) -> HttpResponse:
    read = sheet.read
    pages = list(sheet.pages.defer("content", "upright"))
    if pages:
        record(
            "mail.scan_seen",
            Actor.of(request),
            **({"person": sheet.person} if sheet.person else {"area": sheet.area_id}),
            sheet=sheet.pk,
        )
    shows_a_face = pages and (sheet.kind == Kind.NEWSPAPER or read.get("photo_picture"))
    reference = active_reference(sheet.person) if sheet.person and shows_a_face else None
    context = {
        "sheet": sheet,
        "person": sheet.person,
        "pages": pages,
        "read": read,
        "seals": [_as_data(seal["picture"]) for seal in read.get("seals", [])],
        "findings": findings(sheet, {}) if read else [],
        "reference": reference if reference and reference.picture else None,
        "worker": worker.alive(),
        "unnumbered": sheet.state == Sheet.State.READ and sheet.form is None and sheet.kind in PRINTED,
        "identity_number": identity_number(sheet.person) if sheet.person and sheet.waiting else "",
        "proposals": proposals(sheet, request.staff) if sheet.waiting and not sheet.person else [],
        "waiting": to_decide(request.staff).count(),
        "following": next_sheet(request.staff, sheet),
        "today": today(),
        "reported": sheet.state in REPORTED and sheet.seen_to_on is None,
        "seen_to": ReasonForm(),
        **shown,
    }
    if sheet.state == Sheet.State.READ:
        context.setdefault("accept", AcceptForm(sheet=sheet))
        context.setdefault(
            "reject", RejectForm(kind=Kind(sheet.kind), initial={"reasons": found_wrong(context["findings"])})
        )
        context.setdefault("report", ReportForm(initial={"says": sheet.says} if sheet.says else None))
    return render(request, "mail/sheet.html", context, status=status)


def _as_data(picture: str) -> str:
    """A cut-out inside the page itself: one request, one recorded look."""
    try:
        base64.b64decode(picture, validate=True)
    except binascii.Error:
        return ""
    return f"data:image/jpeg;base64,{picture}"
