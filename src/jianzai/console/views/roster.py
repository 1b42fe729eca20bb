"""Roster import 名册导入: the file is checked whole, its dry run is looked at, then it is imported."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from jianzai.audit.services import Actor
from jianzai.registry.access import Permission, requires
from jianzai.registry.models import RosterFile
from jianzai.registry.roster import RosterReport, example, import_roster
from jianzai.sentences import say
from jianzai.vault import vault

from ..forms import RosterForm
from ..models import RosterUpload
from .common import REFUSALS, press, tell, why

_SHOWN = 300
_PURPOSE = "roster upload"
_COUNTS = ("rows", "added", "changed", "unchanged")


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_ROSTER)
def roster(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is checked whole and kept, sealed, until its import or for a day (see tasks)."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            report = import_roster(file.name, content, request.staff, dry_run=True, actor=Actor.of(request))
        except REFUSALS as refusal:
            form.add_error("file", why(refusal))
        else:
            return redirect("console:roster-check", _keep(request, file.name, content, report).pk)
    files = RosterFile.objects.filter(imported_by__area__code__startswith=request.staff.area.prefix)
    context = {"form": form, "files": files.select_related("imported_by").order_by("-imported")[:20]}
    return render(request, "console/roster.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_ROSTER)
def check(request: HttpRequest, upload) -> HttpResponse:
    """The dry run: what the file would add and change, every bad row and why. Then the import."""
    kept = get_object_or_404(RosterUpload, pk=upload, staff=request.staff)
    if request.method == "POST":
        return press(request, lambda: _import(request, kept), request.path)
    context = {
        "upload": kept,
        "report": kept.report,
        "problems": _sentences(kept.report["problems"]),
        "warnings": _sentences(kept.report["warnings"]),
    }
    return render(request, "console/roster_check.html", context)


@require_GET
@requires(Permission.IMPORT_ROSTER)
def example_file(request: HttpRequest) -> HttpResponse:
    """An example with every column."""
    response = HttpResponse("\ufeff" + example(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="roster-example.csv"'
    return response


def _keep(request: HttpRequest, name: str, content: bytes, report: RosterReport) -> RosterUpload:
    key = uuid.uuid4()
    return RosterUpload.objects.create(
        id=key,
        staff=request.staff,
        name=name[:255],
        content=vault().seal(content, owner=str(key), purpose=_PURPOSE),
        report=_plain(report),
    )


def _import(request: HttpRequest, kept: RosterUpload) -> str:
    content = vault().open(kept.content, owner=str(kept.pk), purpose=_PURPOSE)
    report = import_roster(
        kept.name,
        content,
        request.staff,
        dry_run=False,
        expected=kept.report["sha256"],
        actor=Actor.of(request),
    )
    if report.problems:  # something changed since the dry run: show what stands in the way now
        kept.report = _plain(report)
        kept.save(update_fields=["report"])
        return reverse("console:roster-check", args=[kept.pk])
    kept.delete()
    tell(
        request,
        "done_roster" if report.written else "done_roster_before",
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
    )
    return reverse("console:roster")


def _plain(report: RosterReport) -> dict:
    """The report as JSON values; of problems and warnings as many as anyone reads, with their number."""
    return {
        "sha256": report.sha256,
        "before": report.imported_before is not None,
        **{name: getattr(report, name) for name in _COUNTS},
        "problem_count": len(report.problems),
        "warning_count": len(report.warnings),
        "problems": [_row(each) for each in report.problems[:_SHOWN]],
        "warnings": [_row(each) for each in report.warnings[:_SHOWN]],
    }


def _row(problem) -> dict:
    values = {name: value if isinstance(value, int) else str(value) for name, value in problem.values.items()}
    return {"row": problem.row, "column": problem.column, "code": problem.code, "values": values}


def _sentences(rows: list[dict]) -> list[tuple[int, str, str]]:
    return [(row["row"], row["column"], say(row["code"], **row["values"])) for row in rows]
