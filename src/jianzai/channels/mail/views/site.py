"""The pages of whoever sends a form: download it, and ask by its number how it stands.

Signing in takes a name and a number, which relatives know. So what is printed then carries only these, what
was typed and the form number; filled in whole it is printed after a face match of the same visit. A helper
typed a number of their own, so their print does not carry the person's.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jianzai.audit.services import client_address
from jianzai.certification.queries import current_cycle, policy_of
from jianzai.channels.online.refusals import explains_refusals
from jianzai.channels.online.rules import Wait
from jianzai.channels.online.visit import signed_in
from jianzai.notices.kinds import Kind as NoticeKind
from jianzai.notices.services import messages_for
from jianzai.sentences import say
from jianzai.web.context import show_on

from .. import services
from ..forms import OFFERED, TYPED, StatusForm, TypedForm
from ..layouts import PRINTED
from ..payload import Kind, read_number
from ..strength import ENOUGH, strength_of
from .common import as_pdf


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The forms there are, what else is taken, and the question how one stands."""
    return _start(request, StatusForm())


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@explains_refusals
def form(request: HttpRequest, kind: str) -> HttpResponse:
    """A few lines to type, and the form as PDF."""
    if kind not in {str(each) for each in PRINTED}:
        raise Http404
    kind, visit = Kind(kind), request.visit
    typed = TypedForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and typed.is_valid():
        issued = services.issue(visit.person, kind, visit.actor)
        values = services.typed_only(typed.cleaned_data, TYPED[kind])
        content = services.form_file(issued, values, whole=visit.face_matched, for_helper=bool(visit.helper))
        return as_pdf(content, f"{kind}-{issued.number}", to_keep=True)
    if not visit.helper:
        messages_for(visit.person, (NoticeKind.FORM_REJECTED,))  # what leads here is told with that
    context = {"form": typed, "kind": kind, "whole": visit.face_matched, "helper": visit.helper}
    return render(request, "mail/form.html", context, status=422 if typed.is_bound else 200)


@require_http_methods(["POST"])
def status(request: HttpRequest) -> HttpResponse:
    """How a form stands. By POST, so that its number stands in no address."""
    show_on(request, reverse("mail:start"))
    asked = StatusForm(request.POST)
    if not asked.is_valid():
        return _start(request, asked, 422)
    number = read_number(asked.cleaned_data["number"])
    if number is None:
        return _start(request, asked, 422, unreadable=True)
    found = services.look_up(number, client_address(request))
    if isinstance(found, Wait):
        return _start(request, asked, 429, wait=found)
    return _start(request, asked, found=found, number=number)


def _start(request: HttpRequest, asked: StatusForm, status: int = 200, **told: object) -> HttpResponse:
    context = {"kinds": OFFERED, "status": asked, "others": _others(), "enough": ENOUGH}
    return render(request, "mail/start.html", context | told, status=status)


def _others() -> list[tuple[str, int]]:
    """What is taken where no form can be had: what it is, in a sentence, and what it counts for."""
    cycle = current_cycle()
    days = policy_of(cycle).newspaper_days if cycle else 0
    told = {
        say("mail.other_letter"): strength_of(Kind.LETTER),
        say("mail.other_newspaper", days=days): strength_of(Kind.NEWSPAPER),
    }
    return [(sentence, counts) for sentence, counts in told.items() if counts]
