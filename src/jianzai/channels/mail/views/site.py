"""The pages of whoever sends a form: download it, and ask by its number how it stands.

Signing in takes a name and a number, which relatives know. So what is printed then carries only these, what
was typed and the form number; filled in whole it is printed after a face match of the same visit.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jianzai.audit.services import client_address
from jianzai.channels.online.refusals import explains_refusals
from jianzai.channels.online.rules import Wait
from jianzai.channels.online.visit import signed_in
from jianzai.notices.kinds import Kind as NoticeKind
from jianzai.notices.services import messages_for
from jianzai.web.context import show_on

from .. import services
from ..forms import OFFERED, TYPED, StatusForm, TypedForm
from ..layouts import PRINTED
from ..payload import Kind, read_number
from .common import as_pdf


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The forms there are, and the question how one stands."""
    return render(request, "mail/start.html", {"kinds": OFFERED, "status": StatusForm()})


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
        content = services.form_file(issued, values, whole=visit.face_matched)
        return as_pdf(content, f"{kind}-{issued.number}", to_keep=True)
    if not visit.helper:
        messages_for(visit.person, (NoticeKind.FORM_REJECTED,))  # what leads here is told with that
    context = {"form": typed, "kind": kind, "whole": visit.face_matched}
    return render(request, "mail/form.html", context, status=422 if typed.is_bound else 200)


@require_http_methods(["POST"])
def status(request: HttpRequest) -> HttpResponse:
    """How a form stands. By POST, so that its number stands in no address."""
    show_on(request, reverse("mail:start"))
    asked = StatusForm(request.POST)
    context = {"kinds": OFFERED, "status": asked}
    if not asked.is_valid():
        return render(request, "mail/start.html", context, status=422)
    number = read_number(asked.cleaned_data["number"])
    if number is None:
        return render(request, "mail/start.html", context | {"unreadable": True}, status=422)
    found = services.look_up(number, client_address(request))
    if isinstance(found, Wait):
        return render(request, "mail/start.html", context | {"wait": found}, status=429)
    return render(request, "mail/start.html", context | {"found": found, "number": number})
