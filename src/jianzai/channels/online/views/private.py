"""What only the person may see: certificates, messages, consent and its withdrawal."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from jianzai.certification import certificate as certificates
from jianzai.certification.consent_text import consent_text
from jianzai.certification.models import Certification
from jianzai.certification.services import (
    TEXT_VERSION,
    give_consent,
    has_newer_text,
    keep_text,
    valid_consent,
    withdraw_consent,
)
from jianzai.notices.services import messages_for
from jianzai.sentences import language, sentences

from ..visit import face_matched, themselves


@require_safe
@face_matched
def history(request: HttpRequest) -> HttpResponse:
    """Every certification of the person, newest first, and the messages to them."""
    person = request.visit.person
    found = Certification.objects.filter(person=person).select_related("obligation__cycle")
    lines = [(certification, _channel(certification.channel)) for certification in found]
    return render(request, "online/history.html", {"lines": lines, "messages_to": messages_for(person)})


@require_safe
@face_matched
def certificate(request: HttpRequest, serial: str) -> HttpResponse:
    """One certificate as PDF. Another person's does not exist here."""
    found = get_object_or_404(Certification, serial=serial, person=request.visit.person)
    response = HttpResponse(certificates.pdf(found, language()), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="jianzai-{found.serial}.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@face_matched
def withdraw(request: HttpRequest) -> HttpResponse:
    """The consent in force, and its withdrawal, which deletes the face."""
    person = request.visit.person
    if request.method == "POST":
        withdraw_consent(person, request.visit.actor)
        return redirect("online:withdrawn")
    consent = valid_consent(person)
    newer = consent is not None and has_newer_text(consent)
    return render(request, "online/withdraw.html", {"consent": consent, "newer_text": newer})


@require_http_methods(["GET", "HEAD", "POST"])
@face_matched
def newer_text(request: HttpRequest) -> HttpResponse:
    """A newer text of the consent: agree to it, or keep what one agreed to. Nothing depends on it."""
    person = request.visit.person
    consent = valid_consent(person)
    if consent is None or not has_newer_text(consent):
        return redirect("online:withdraw")
    if request.method == "POST":
        if request.POST.get("answer") == "agree":
            give_consent(person, language(), request.visit.actor, version=TEXT_VERSION)
        else:
            keep_text(person, request.visit.actor)
        return redirect("online:withdraw")
    context = {"sections": consent_text(language()), "version": TEXT_VERSION, "consent": consent}
    return render(request, "online/newer_text.html", context)


@require_safe
@themselves
def withdrawn(request: HttpRequest) -> HttpResponse:
    """Withdrawn: what was deleted and how it goes on."""
    if valid_consent(request.visit.person):
        raise Http404
    return render(request, "online/withdrawn.html")


def _channel(channel: str) -> str:
    codes = (f"online.channel_{channel}", f"{channel}.channel", "online.channel_other")
    return next(code for code in codes if code in sentences())
