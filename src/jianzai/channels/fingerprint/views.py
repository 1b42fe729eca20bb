"""A person's fingers at a counter: kept, compared, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jianzai.audit.services import Actor
from jianzai.console.views.common import press, submit
from jianzai.registry.access import Permission, person_or_404, requires
from jianzai.registry.models import Beneficiary
from jianzai.sentences import language, say
from jianzai.web.context import show_on

from . import services
from .consent_text import consent_text
from .forms import EnrolForm, VerifyForm
from .queries import prints_of
from .reading import enabled

_ENROL, _VERIFY = "enrol_%s", "verify_%s"  # both forms stand on one page


@require_GET
@requires(Permission.CERTIFY_IN_PERSON)
def fingers(request: HttpRequest, key) -> HttpResponse:
    """What is kept of the person's fingers, and the forms to take or compare one."""
    return _page(request, _person(request, key))


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
def enrol(request: HttpRequest, key) -> HttpResponse:
    """Keep a finger of somebody who agreed to it."""
    person = _person(request, key)
    form = EnrolForm(request.POST, request.FILES, auto_id=_ENROL)

    def act(typed: dict) -> str:
        kept = services.enrol(
            person,
            typed["finger"],
            typed["print"].read(),
            agreed=language() if typed["agreed"] else "",
            staff=request.staff,
            actor=Actor.of(request),
        )
        messages.success(request, say("fingerprint.done_enrolled", name=person.name, quality=kept.quality))
        return _address(person)

    return submit(request, form, act) or _page(request, person, enrolling=form)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
def verify(request: HttpRequest, key) -> HttpResponse:
    """Compare a finger of somebody who is here with their document; certify where it is theirs."""
    person = _person(request, key)
    form = VerifyForm(request.POST, request.FILES, auto_id=_VERIFY)

    def act(typed: dict) -> str:
        check = services.verify(
            person,
            typed["print"].read(),
            document=typed["document"],
            staff=request.staff,
            actor=Actor.of(request),
        )
        if check.matched:
            certified = {"name": person.name, "serial": check.certification.serial}
            messages.success(request, say("fingerprint.done_matched", **certified))
        else:
            messages.warning(request, say("fingerprint.done_below"))
        return _address(person)

    return submit(request, form, act) or _page(request, person, verifying=form)


@require_POST
@requires(Permission.CERTIFY_IN_PERSON)
def withdraw(request: HttpRequest, key) -> HttpResponseRedirect:
    """Delete the fingers of somebody who took their consent back; where the way is off, too."""
    person = person_or_404(request.staff, key)
    page = reverse("console:person", args=[person.key])

    def act() -> str:
        services.withdraw(person, Actor.of(request))
        messages.success(request, say("fingerprint.done_withdrawn", name=person.name))
        return page

    return press(request, act, page)


def _person(request: HttpRequest, key) -> Beneficiary:
    if not enabled():
        raise Http404
    return person_or_404(request.staff, key)


def _address(person: Beneficiary) -> str:
    return reverse("fingerprint-desk:fingers", args=[person.key])


def _page(
    request: HttpRequest,
    person: Beneficiary,
    enrolling: Form | None = None,
    verifying: Form | None = None,
) -> HttpResponse:
    refused = enrolling or verifying
    if refused:
        show_on(request, _address(person))
    context = {
        "person": person,
        "way": prints_of(person),
        "enrolling": enrolling or EnrolForm(auto_id=_ENROL),
        "verifying": verifying or VerifyForm(auto_id=_VERIFY),
        "consent": consent_text(language()),
    }
    return render(request, "fingerprint/fingers.html", context, status=422 if refused else 200)
