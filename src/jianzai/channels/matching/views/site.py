"""The retiree's pages: which records certified them, and how to object.

Signing in takes a name and a number, which relatives know: what kind of office a record came from is shown
only after a face match.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from jianzai.certification.queries import current_obligation, must_be_met
from jianzai.channels.online.refusals import explains_refusals
from jianzai.channels.online.visit import signed_in

from ..errors import NothingToObject
from ..forms import ObjectionForm
from ..queries import certified_by, objection_to, open_hint, records
from ..services import object_to


@require_safe
@signed_in
def records_page(request: HttpRequest) -> HttpResponse:
    """The records of this year, what came of an objection, and whether one has to be answered."""
    person = request.visit.person
    certification = certified_by(person)
    obligation = current_obligation(person)
    context = {
        "certification": certification,
        "hint": open_hint(person),
        "in_person": obligation is not None and must_be_met(obligation),
        "face_matched": request.visit.face_matched,
    }
    if certification:
        context |= {"records": records(certification), "objection": objection_to(certification)}
    return render(request, "matching/records.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@explains_refusals
def object_(request: HttpRequest) -> HttpResponse:
    """Say that the records are not theirs."""
    certification = certified_by(request.visit.person)
    if certification is None:
        raise NothingToObject()
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        object_to(certification, form.cleaned_data["said"], request.visit.actor)
        return redirect("matching:records")
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/object.html", {"form": form}, status=status)
