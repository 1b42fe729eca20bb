"""Roster import 名册导入: the file is read by the worker, its dry run is looked at, the worker imports it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from jianzai import worker
from jianzai.audit.services import Actor
from jianzai.registry.access import Permission, requires
from jianzai.registry.models import RosterFile
from jianzai.registry.roster import example
from jianzai.sentences import say

from ..forms import RosterForm
from ..models import RosterUpload
from ..rosters import WAITING, ask_for_import, importable, receive, sentences, table
from .common import press

_SHOWN = 20


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_ROSTER)
def roster(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is kept, sealed, until its import or for a day (see tasks), and read whole."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        return redirect("console:roster-check", receive(file.name, file.read(), request.staff).pk)
    files = RosterFile.objects.filter(imported_by__area__code__startswith=request.staff.area.prefix)
    uploads = RosterUpload.objects.filter(staff=request.staff).defer("content", "table").order_by("-made")
    context = {
        "form": form,
        "uploads": uploads[:_SHOWN],
        "files": files.select_related("imported_by").order_by("-imported")[:_SHOWN],
    }
    return render(request, "console/roster.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_ROSTER)
def check(request: HttpRequest, upload: UUID) -> HttpResponse:
    """The dry run: what the file would add and change, every bad row and why. Then the import.

    While the worker is at it, the page asks again by itself.
    """
    kept = get_object_or_404(RosterUpload.objects.defer("content", "table"), pk=upload, staff=request.staff)
    if request.method == "POST":
        return press(request, lambda: _import(request, kept), request.path)
    waiting = kept.state in WAITING
    context = {"upload": kept, "waiting": waiting, "worker": worker.alive()}
    if request.htmx:
        return (
            render(request, "console/roster_waiting.html", context)
            if waiting
            else HttpResponseClientRefresh()
        )
    if kept.refusal:
        context["refusal"] = say(kept.refusal["code"], **kept.refusal["values"])
    elif kept.report:
        context |= {
            "report": kept.report,
            "importable": importable(kept),
            "problems": sentences(kept.report["problems"]),
            "warnings": sentences(kept.report["warnings"]),
        }
    return render(request, "console/roster_check.html", context)


@require_GET
@requires(Permission.IMPORT_ROSTER)
def problems(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Every bad row and why, of which the page shows the first."""
    kept = get_object_or_404(RosterUpload.objects.defer("content"), pk=upload, staff=request.staff)
    return _csv(table(kept), "roster-problems.csv")


@require_GET
@requires(Permission.IMPORT_ROSTER)
def example_file(request: HttpRequest) -> HttpResponse:
    """An example with every column."""
    return _csv(example(), "roster-example.csv")


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _import(request: HttpRequest, kept: RosterUpload) -> str:
    ask_for_import(kept, Actor.of(request))
    return request.path
