"""Helping hands: their own entry, whom a person lets act for them, and the same at a counter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jianzai.audit.services import Actor, client_address
from jianzai.channels.online.rules import Wait
from jianzai.channels.online.visit import Visit, themselves
from jianzai.console.views.common import REFUSALS, press, why
from jianzai.registry.access import Permission, person_or_404, requires, within
from jianzai.web.context import show_on

from .. import services
from ..forms import DeskHelperForm, HelperForm, HelperSignInForm
from ..models import Mandate
from ..queries import mandates_of
from .common import tell

_TOO_MANY = 429


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Name, number and code of a helper. What does not fit is told alike, whichever it is."""
    form = HelperSignInForm(request.POST or None)
    context = {"form": form}
    if not form.is_bound:
        return render(request, "station/help.html", context)
    if not form.is_valid():
        return render(request, "station/help.html", context | {"problem": "help_empty"})
    typed = form.cleaned_data
    found = services.sign_in_helper(typed["name"], typed["number"], typed["code"], client_address(request))
    if isinstance(found, Wait):
        return render(request, "station/help.html", context | {"wait": found}, status=_TOO_MANY)
    if found is None:
        return render(request, "station/help.html", context | {"problem": "help_no_match"})
    Visit(request).begin(found.person, helper=found.helper_id)
    return redirect("online:person")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@themselves
def own(request: HttpRequest) -> HttpResponse:
    """Who acts for the person, ended in one click; after a face match also somebody new."""
    visit = request.visit
    matched = visit.matched
    form = HelperForm(request.POST or None) if matched else None
    if request.method == "POST" and matched is None:
        return render(request, "online/face_needed.html", status=403)
    if form and form.is_bound and form.is_valid():
        try:
            mandate, code = services.name_helper(visit.person, form.named(), visit.actor, attempt=matched)
            return render(request, "station/code.html", {"mandate": mandate, "code": code})
        except REFUSALS as refusal:
            form.add_error(None, why(refusal))
    context = {"form": form, "mandates": mandates_of(visit.person).filter(ended_on=None), "whole": matched}
    return render(request, "station/own_helpers.html", context, status=422 if form and form.is_bound else 200)


@require_POST
@themselves
def end_own(request: HttpRequest, number: int) -> HttpResponse:
    """The person takes it back. It needs no face: it takes nothing from anybody but the helper."""
    services.end_mandate(get_object_or_404(mandates_of(request.visit.person), pk=number), request.visit.actor)
    return redirect("station:helpers")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def new(request: HttpRequest, key) -> HttpResponse:
    """The person, present, says who may act for them. The code is shown this once."""
    person = person_or_404(request.staff, key)
    form = DeskHelperForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            mandate, code = services.name_helper(
                person, form.named(), Actor.of(request), before=request.staff
            )
        except REFUSALS as refusal:
            form.add_error(None, why(refusal))
        else:
            show_on(request, reverse("console:person", args=[key]))
            context = {"mandate": mandate, "code": code, "person": person}
            return render(request, "station/desk_code.html", context)
    context = {"form": form, "person": person}
    return render(request, "station/desk_helper.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
def end(request: HttpRequest, number: int) -> HttpResponse:
    """The person tells a clerk that somebody acts for them no more."""
    mandates = within(request.staff, Mandate.objects.select_related("person"), field="person__area")
    mandate = get_object_or_404(mandates, pk=number)
    page = reverse("console:person", args=[mandate.person.key])

    def act() -> str:
        services.end_mandate(mandate, Actor.of(request))
        tell(request, "done_helper_ended", name=mandate.name)
        return page

    return press(request, act, page)
