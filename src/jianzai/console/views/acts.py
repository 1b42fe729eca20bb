"""What a clerk does for one person without a camera: certify by card, a death, reminders, withdrawal."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jianzai.audit.services import Actor
from jianzai.benefits.queries import death_of
from jianzai.benefits.services import record_death, withdraw_death
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certify_in_person, required_obligation, withdraw_consent
from jianzai.notices.kinds import TO_FAMILY
from jianzai.notices.models import Notice
from jianzai.notices.services import STAFF_CHANNELS, log_contact, remind
from jianzai.registry.access import Permission, person_or_404, requires
from jianzai.sentences import say

from ..forms import DeathForm, InPersonForm, ReasonForm
from ..queries import status_now
from .common import press, submit, tell, tell_of_letter


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
    form = DeathForm(request.POST or None)

    def act(typed: dict) -> str:
        recorded = form.carry_out(
            lambda died_on, *document, despite: record_death(
                person, died_on, *document, request.staff, Actor.of(request), despite
            )
        )
        tell(request, "done_death", name=person.name, months=recorded.overpaid_months)
        tell_of_letter(request, person)
        return reverse("console:person", args=[key])

    return _page(request, person, form, act, "death")


@require_http_methods(["GET", "POST"])
@requires(Permission.WITHDRAW_DEATH)
def take_death_back(request: HttpRequest, key) -> HttpResponse:
    """Take back a death that was recorded by mistake."""
    person = person_or_404(request.staff, key)
    recorded = death_of(person)
    if recorded is None:
        return redirect("console:person", key)

    def act(typed: dict) -> str:
        letters = person.notices.filter(kind__in=TO_FAMILY, state=Notice.State.PRINTED)
        printed = list(letters.values_list("run", flat=True))
        withdraw_death(recorded, request.staff, typed["reason"], Actor.of(request))
        tell(request, "done_death_withdrawn", name=person.name)
        for run in printed:
            messages.warning(request, say("console.take_letter_out", run=run))
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
    """Remind the person; a notice counts as a contact once it has reached them."""
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
