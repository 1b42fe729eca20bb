"""Finding people, and everything about one of them on one page."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jianzai.audit.services import Actor, record
from jianzai.benefits.queries import benefit_state, death_of
from jianzai.certification.certificate import pdf
from jianzai.certification.models import ReferenceFace, ReviewCase
from jianzai.certification.queries import active_reference, current_obligation, reference_picture
from jianzai.entitlement import Status
from jianzai.notices.models import Notice
from jianzai.notices.services import STAFF_CHANNELS
from jianzai.notices.transports import sms
from jianzai.registry.access import Permission, person_or_404, requires, within
from jianzai.registry.models import Beneficiary
from jianzai.registry.queries import search
from jianzai.registry.services import identity_number
from jianzai.sentences import language
from jianzai.web.context import show_on

from ..queries import history, holds_in_words, standing_in_words, status_now, with_status
from ..ways import panels

_MOST_FOUND = 12
_MOST_SHOWN = 20


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """People found by what was typed; a fragment as one types, a page for the Enter key.

    By POST although it changes nothing, so that no name and no identity number stands in an address.
    """
    text = request.POST.get("text", "").strip()
    found = list(search(request.staff, text)[: _MOST_FOUND + 1]) if text else []
    context = {"people": with_status(found[:_MOST_FOUND]), "more": len(found) > _MOST_FOUND, "asked": text}
    return render(request, "console/found.html" if request.htmx else "console/people.html", context)


@require_GET
@requires(Permission.SEE_PEOPLE)
def person(request: HttpRequest, key) -> HttpResponse:
    """One person."""
    return person_page(request, person_or_404(request.staff, key))


@require_POST
@requires(Permission.SEE_PEOPLE)
def reveal(request: HttpRequest, key) -> HttpResponse:
    """The person's page with the whole identity number, to compare it with a card; the look is recorded."""
    someone = person_or_404(request.staff, key)
    show_on(request, reverse("console:person", args=[key]))
    record("console.identity_number_seen", Actor.of(request), person=someone)
    return person_page(request, someone, identity_number=identity_number(someone))


@require_GET
@requires(Permission.SEE_PEOPLE)
def picture(request: HttpRequest, reference) -> HttpResponse:
    """The picture kept with a reference; the look is recorded."""
    within_area = within(request.staff, ReferenceFace.objects.select_related("person"), field="person__area")
    found = get_object_or_404(within_area, pk=reference)
    jpeg = reference_picture(found)
    if jpeg is None:
        raise Http404
    record("console.picture_seen", Actor.of(request), person=found.person, reference=str(found.pk))
    return HttpResponse(jpeg, content_type="image/jpeg")


@require_GET
@requires(Permission.SEE_PEOPLE)
def certificate(request: HttpRequest, key) -> HttpResponse:
    """The certificate of the latest certification, to print for the person."""
    certification = person_or_404(request.staff, key).certifications.first()
    if certification is None:
        raise Http404
    response = HttpResponse(pdf(certification, language()), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="certificate-{certification.serial}.pdf"'
    return response


def person_page(request: HttpRequest, someone, **more) -> HttpResponse:
    """The page of a person within reach of the member of staff."""
    obligation = current_obligation(someone)
    status = status_now(obligation) if obligation else None
    context = {
        "person": someone,
        "obligation": obligation,
        "status": status,
        "standing": standing_in_words(obligation) if obligation else None,
        "holds": holds_in_words(obligation) if obligation and status == Status.HELD else [],
        "benefit": benefit_state(someone),
        "death": death_of(someone),
        "active": active_reference(someone),
        "certification": someone.certifications.first(),
        "open_cases": someone.cases.filter(state=ReviewCase.State.OPEN),
        "history": history(someone),
        "certifications": someone.certifications.select_related("officer", "obligation__cycle")[:_MOST_SHOWN],
        "references": someone.references.select_related("made_by", "confirmed_by")[:_MOST_SHOWN],
        "attempts": someone.attempts.select_related("session")[:_MOST_SHOWN],
        "cases": someone.cases.select_related("closed_by").order_by("-opened")[:_MOST_SHOWN],
        "orders": someone.orders.order_by("-sequence")[:_MOST_SHOWN],
        "notices": _notices(someone),
        "contact_channels": STAFF_CHANNELS,
        "consent": someone.consents.filter(withdrawn__isnull=True).first(),
        "ways": panels(request.staff, someone),
    }
    return render(request, "console/person.html", context | more)


def _notices(someone: Beneficiary) -> list[Notice]:
    """The latest notices, text messages with their ``text``."""
    shown = list(someone.notices.select_related("run")[:_MOST_SHOWN])
    for notice in shown:
        if notice.transport == "sms":
            notice.text = sms.text(notice)
            unsent = notice.state == Notice.State.QUEUED and not settings.SMS_GATEWAY
            notice.would_be_sent = settings.DEMO and unsent
    return shown
