"""What a clerk does for one person without a camera: certify by card, a death, reminders, withdrawal."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jianzai.audit.services import Actor
from jianzai.benefits.queries import death_of
from jianzai.benefits.services import record_death, withdraw_death
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certify_in_person, required_obligation, withdraw_consent
from jianzai.clock import today
from jianzai.notices.models import Notice
from jianzai.notices.services import (
    STAFF_CHANNELS,
    letters,
    log_contact,
    queued_letters,
    remind,
    send_letters,
)
from jianzai.registry.access import Permission, person_or_404, requires, within
from jianzai.sentences import language, say

from ..forms import DeathForm, InPersonForm, ReasonForm
from ..queries import status_now
from .common import press, submit, tell


@require_http_methods(["GET", "POST"])
@requires(Permission.CERTIFY_IN_PERSON)
def certify(request: HttpRequest, key) -> HttpResponse:
    """Certify somebody who is present with an identity document, without a face."""
    person = person_or_404(request.staff, key)

    def act(typed: dict) -> str:
        reason = say(f"console.without_face_{typed['reason']}", "zh")
        certification = certify_in_person(
            person,
            request.staff,
            document=typed["document"],
            reason=reason,
            note=typed["note"],
            actor=Actor.of(request),
        )
        tell(request, "done_certified", name=person.name, serial=certification.serial)
        return reverse("console:person", args=[key])

    return _page(request, person, InPersonForm(request.POST or None), act, "certify")


@require_http_methods(["GET", "POST"])
@requires(Permission.RECORD_DEATH)
def death(request: HttpRequest, key) -> HttpResponse:
    """Record a death from a document; the benefit ends with an order to the payer."""
    person = person_or_404(request.staff, key)

    def act(typed: dict) -> str:
        recorded = record_death(person, typed["died_on"], typed["document"], request.staff, Actor.of(request))
        tell(request, "done_death", name=person.name, months=recorded.overpaid_months)
        return reverse("console:person", args=[key])

    return _page(request, person, DeathForm(request.POST or None), act, "death")


@require_http_methods(["GET", "POST"])
@requires(Permission.WITHDRAW_DEATH)
def take_death_back(request: HttpRequest, key) -> HttpResponse:
    """Take back a death that was recorded by mistake."""
    person = person_or_404(request.staff, key)
    recorded = death_of(person)
    if recorded is None:
        return redirect("console:person", key)

    def act(typed: dict) -> str:
        withdraw_death(recorded, request.staff, typed["reason"], Actor.of(request))
        tell(request, "done_death_withdrawn", name=person.name)
        return reverse("console:person", args=[key])

    return _page(request, person, ReasonForm(request.POST or None), act, "death_withdraw")


@require_http_methods(["GET", "POST"])
@requires(Permission.MODEL_FACES)
def withdraw(request: HttpRequest, key) -> HttpResponse:
    """The person takes back the consent: models, pictures and kept frames are deleted at once."""
    person = person_or_404(request.staff, key)

    def act() -> str:
        withdraw_consent(person, Actor.of(request))
        tell(request, "done_withdrawn", name=person.name)
        return reverse("console:person", args=[key])

    if request.method == "POST":
        return press(request, act, reverse("console:person", args=[key]))
    return render(request, "console/withdraw.html", {"person": person})


@require_POST
@requires(Permission.SEND_NOTICES)
def reminder(request: HttpRequest, key) -> HttpResponse:
    """Remind the person; each notice counts as a contact."""
    person = person_or_404(request.staff, key)
    page = reverse("console:person", args=[key])

    def act() -> str:
        sent = remind(required_obligation(person), Actor.of(request))
        tell(request, "done_reminded" if sent else "done_reminded_before", count=len(sent))
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.SEND_NOTICES)
def contact(request: HttpRequest, key) -> HttpResponse:
    """The clerk reached the person or their home: logged as a contact."""
    person = person_or_404(request.staff, key)
    page = reverse("console:person", args=[key])
    channel = request.POST.get("channel", "")
    if channel not in STAFF_CHANNELS:
        raise Http404

    def act() -> str:
        log_contact(required_obligation(person), channel, Actor.of(request))
        tell(request, "done_contact")
        return page

    return press(request, act, page)


@require_POST
@requires(Permission.SEND_NOTICES)
def letter(request: HttpRequest, key, notice: int) -> HttpResponse:
    """A notice of this person as a letter. Printed first, it counts as sent; after that it is a copy."""
    person = person_or_404(request.staff, key)
    found = get_object_or_404(person.notices.filter(transport="letter"), pk=notice)
    waiting = person.notices.filter(pk=found.pk)
    if found.state == Notice.State.QUEUED:
        return _printed(request, waiting, reverse("console:person", args=[key]))
    return _pdf(letters([found], language()), f"letter-{found.pk}")


@require_POST
@requires(Permission.SEND_NOTICES)
def waiting_letters(request: HttpRequest) -> HttpResponse:
    """All letters that wait for the printer in one's area, in one file; they count as sent."""
    waiting = within(request.staff, queued_letters(), field="person__area")
    return _printed(request, waiting, reverse("console:cycle"))


def _printed(request: HttpRequest, waiting, back: str) -> HttpResponse:
    pdf = send_letters(Actor.of(request), waiting, language())
    if pdf is None:
        messages.info(request, say("console.no_letters"))
        return redirect(back)
    return _pdf(pdf, f"letters-{today()}")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _page(request: HttpRequest, person, form, act, name: str) -> HttpResponse:
    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    obligation = current_obligation(person)
    context = {
        "form": form,
        "person": person,
        "name": name,
        "certification": person.certifications.first(),
        "status": status_now(obligation) if obligation else None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "console/act.html", context, status=status)
