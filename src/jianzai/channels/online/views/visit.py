"""From the sign-in to the camera: who you are, whether it is done, consent, and how you would like it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jianzai.audit.services import client_address
from jianzai.certification.consent_text import consent_text
from jianzai.certification.models import FaceRefusal, ReferenceFace
from jianzai.certification.queries import (
    active_reference,
    current_obligation,
    light_rule,
    must_be_met,
    pause_is_held,
    standing_of,
)
from jianzai.certification.services import (
    TEXT_VERSION,
    allow_face,
    face_refused,
    give_consent,
    policy_of,
    refer_to_clerk,
    refuse_face,
    valid_consent,
)
from jianzai.clock import today
from jianzai.notices.kinds import Kind
from jianzai.notices.services import messages_for
from jianzai.sentences import language

from .. import helping
from ..anew import proposal
from ..forms import SignInForm
from ..offers import matters, offers
from ..refusals import explains_refusals
from ..rules import Wait, next_due
from ..services import sign_in as sign_in_with
from ..visit import Visit, destination, signed_in, themselves

_TOO_MANY = 429


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and identity number. A mismatch is told the same way whether or not the number exists."""
    form = SignInForm(request.POST or None)
    context = {"form": form, "helpers_entry": helping.entry()}
    if not form.is_bound:
        return render(request, "online/sign_in.html", context)
    if not form.is_valid():
        return render(request, "online/sign_in.html", context | {"problem": "sign_in_empty"})
    found = sign_in_with(form.cleaned_data["name"], form.cleaned_data["number"], client_address(request))
    if isinstance(found, Wait):
        return render(request, "online/sign_in.html", context | {"wait": found}, status=_TOO_MANY)
    if found is None:
        return render(request, "online/sign_in.html", context | {"problem": "sign_in_no_match"})
    Visit(request).begin(found)
    return redirect(destination(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the visit; on a shared computer nothing stays behind."""
    Visit(request).end()
    return redirect("online:home")


@require_safe
@signed_in
def person(request: HttpRequest) -> HttpResponse:
    """Certified this year, yes or no, and the next date. The rest opens after a face match.

    A reminder says no more than that, and who has not certified has no face match yet to read it after.
    """
    visit = request.visit
    obligation = current_obligation(visit.person)
    under_way = matters(visit.person, for_helper=bool(visit.helper))
    seen_to = {matter.url for matter in under_way}
    context = {
        "person": visit.person,
        "helper": visit.helper,
        # A helper starts the camera; what comes before it, the first time, only the person may do.
        "camera": not visit.helper or _next_step(visit.person) == "online:options",
        "offers": [offer for offer in offers() if offer.helpers and reverse(offer.view) not in seen_to],
        "face_matched": visit.face_matched,
        "obligation": obligation,
        "consent": valid_consent(visit.person),
        "face_off": face_refused(visit.person),
        # What a helper reads has not reached the person.
        "reminders": [] if visit.helper else messages_for(visit.person, {Kind.REMINDER}),
        "matters": under_way,
    }
    if obligation:
        certified_on = standing_of(obligation).certified_on
        context["certified"] = certified_on is not None
        if certified_on and visit.face_matched:
            context["anew"] = proposal(visit.person)
        context["in_person"] = must_be_met(obligation)
        context["overdue"] = certified_on is None and obligation.due < today()
        context["next_date"] = (
            next_due(policy_of(obligation.cycle), obligation.cycle.year, certified_on)
            if certified_on
            else obligation.due
        )
    return render(request, "online/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@themselves
def consent(request: HttpRequest) -> HttpResponse:
    """Separate consent before the camera starts, with the text that was shown. No is an answer for good."""
    visit = request.visit
    if face_refused(visit.person):
        return redirect("online:face")
    if request.POST.get("answer") == "refuse":
        refuse_face(visit.person, visit.actor)
        return redirect("online:face")
    if request.method == "POST":
        give_consent(visit.person, language(), visit.actor, version=TEXT_VERSION)
        return redirect(_next_step(visit.person))
    context = {"sections": consent_text(language()), "version": TEXT_VERSION}
    return render(request, "online/consent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@themselves
def face(request: HttpRequest) -> HttpResponse:
    """Do without the face for good, or come back to it. What deletes the model needs more than a sign-in."""
    visit = request.visit
    if request.method == "POST":
        if request.POST.get("answer") == "allow":
            allow_face(visit.person, visit.actor)
            return redirect("online:options")
        refuse_face(visit.person, visit.actor)
        return redirect("online:face")
    modelled = visit.person.references.filter(templates__isnull=False).exists()
    refusal = FaceRefusal.objects.filter(person=visit.person).first()
    context = {"refused": refusal, "modelled": modelled}
    return render(request, "online/face.html", context)


@require_safe
@signed_in
def options(request: HttpRequest) -> HttpResponse:
    """Ready, more time, or not able to move as asked. Whoever must do something else first is led there."""
    step = _next_step(request.visit.person)
    if step != "online:options":
        return redirect(step)
    return render(request, "online/options.html", {"light": light_rule(request.visit.person)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@explains_refusals
def cannot(request: HttpRequest) -> HttpResponse:
    """For people who cannot turn their head or close their eyes: a clerk, or more time."""
    if request.method == "POST":
        refer_to_clerk(request.visit.person, request.visit.actor, "cannot do the challenge")
        return redirect("online:referred")
    person = request.visit.person
    context = {"modelled": active_reference(person), "light": light_rule(person)}
    return render(request, "online/cannot.html", context)


@require_safe
@signed_in
def referred(request: HttpRequest) -> HttpResponse:
    """A clerk will see to it."""
    obligation = current_obligation(request.visit.person)
    return render(request, "online/referred.html", {"held": obligation and pause_is_held(obligation)})


@require_safe
@signed_in
def refused(request: HttpRequest) -> HttpResponse:
    """Why the last act was refused, and the next step."""
    if (refusal := request.visit.refusal) is None:
        return redirect("online:person")
    sentence, until = refusal
    return render(request, "online/refused.html", {"sentence": sentence, "until": until})


@require_safe
@signed_in
def model(request: HttpRequest) -> HttpResponse:
    """No model of this face yet: where it is made, and whether it may be made at home."""
    person = request.visit.person
    obligation = current_obligation(person)
    context = {
        "pending": person.references.filter(state=ReferenceFace.State.PENDING).exists(),
        "at_home": obligation is not None and policy_of(obligation.cycle).self_enrolment_allowed,
    }
    return render(request, "online/model.html", context)


def _next_step(person) -> str:
    """Which page comes before the camera: consent, then a model where there is none, then the options."""
    if valid_consent(person) is None or face_refused(person):
        return "online:consent"
    return "online:options" if active_reference(person) else "online:model"
