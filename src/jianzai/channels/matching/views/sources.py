"""Sources and their files, kept by a supervisor: read by the worker, looked at, taken over by the worker."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from jianzai import worker
from jianzai.audit.services import Actor
from jianzai.clock import today
from jianzai.console.rosters import sentences
from jianzai.console.views.common import press, submit
from jianzai.registry.access import Permission, requires
from jianzai.registry.roster import problem_table
from jianzai.sentences import say
from jianzai.web.context import show_on

from .. import services
from ..forms import FileForm, SourceForm
from ..models import SignFile, Source
from ..queries import files_within, records_in, sources_within
from ..rows import HEADINGS
from ..services.files import WAITING, problems_of
from .common import tell

_SHOWN = 20
_ROWS = 500
_MATCHES = ("exact", "probable")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SOURCES)
def sources(request: HttpRequest) -> HttpResponse:
    """All sources of the area, and a new one."""
    form = SourceForm(request.POST or None, staff=request.staff)
    if request.method == "POST" and (done := submit(request, form, lambda typed: _save(request, form, None))):
        return done
    context = {"form": form, "sources": sources_within(request.staff)}
    return render(request, "matching/sources.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SOURCES)
def source(request: HttpRequest, number: int) -> HttpResponse:
    """One source: its files, a new one, its terms."""
    chosen = get_object_or_404(sources_within(request.staff), pk=number)
    form = _form(request, chosen)
    if request.method == "POST" and (
        done := submit(request, form, lambda typed: _save(request, form, chosen))
    ):
        return done
    return _page(request, chosen, form=form, status=422 if request.method == "POST" else 200)


@require_POST
@requires(Permission.MANAGE_SOURCES)
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """Take a file of the source; the worker reads it."""
    chosen = get_object_or_404(sources_within(request.staff), pk=number)
    form = FileForm(request.POST, request.FILES)

    def act(typed: dict) -> str:
        file = typed["file"]
        kept = services.receive(chosen, file.name, file.read(), request.staff, Actor.of(request))
        return reverse("matching-desk:file", args=[kept.pk])

    if done := submit(request, form, act):
        return done
    show_on(request, reverse("matching-desk:source", args=[chosen.pk]))
    return _page(request, chosen, file_form=form, status=422)


@require_GET
@requires(Permission.MANAGE_SOURCES)
def example(request: HttpRequest, number: int) -> HttpResponse:
    """A file as it may look, with the source's headings and two invented people."""
    chosen = get_object_or_404(sources_within(request.staff), pk=number)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([chosen.columns.get(key) or (key, *HEADINGS[key])[-1] for key in HEADINGS])
    day = today().isoformat()
    writer.writerow(["430102195203074511", "张三丰", "男", "1952-03-07", "430102", day])
    writer.writerow(["", "阿依古丽·买买提", "女", "1957-11-20", "430104", day])
    return _csv(text.getvalue(), f"{chosen.code}-example.csv")


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SOURCES)
def file(request: HttpRequest, key: UUID) -> HttpResponse:
    """The dry run: how many records are somebody's, every bad row and why. Then it is taken over.

    While the worker is at it, the page asks again by itself.
    """
    kept = get_object_or_404(files_within(request.staff), pk=key)
    if request.method == "POST":
        return press(request, lambda: _import(request, kept), request.path)
    waiting = kept.state in WAITING
    context = {"file": kept, "waiting": waiting, "worker": worker.alive()}
    if request.htmx:
        if not waiting:
            return HttpResponseClientRefresh()
        return render(request, "matching/file_waiting.html", context)
    context["listed"] = set(kept.signs.values_list("exact", flat=True))
    if kept.refusal:
        context["refusal"] = say(kept.refusal["code"], **kept.refusal["values"])
    elif kept.report:
        context |= {
            "report": kept.report,
            "importable": services.importable(kept),
            "problems": sentences(kept.report["problems"]),
        }
    return render(request, "matching/file.html", context)


@require_GET
@requires(Permission.MANAGE_SOURCES)
def brought(request: HttpRequest, key: UUID, match: str) -> HttpResponse:
    """Whom a file that was used is about, where the number is the same (``exact``) or where it may be them
    (``probable``), and what came of each record."""
    kept = get_object_or_404(files_within(request.staff), pk=key)
    if match not in _MATCHES:
        raise Http404
    found = records_in(request.staff, kept, exact=match == "exact")
    context = {"file": kept, "match": match, "records": found[:_ROWS], "count": len(found), "shown": _ROWS}
    return render(request, "matching/brought.html", context)


@require_GET
@requires(Permission.MANAGE_SOURCES)
def problems(request: HttpRequest, key: UUID) -> HttpResponse:
    """Every bad row and why, of which the page shows the first."""
    kept = get_object_or_404(files_within(request.staff), pk=key)
    return _csv(problem_table(problems_of(kept)), "problems.csv")


def _form(request: HttpRequest, chosen: Source, *, sent: bool = True) -> SourceForm:
    fields = ("name", "code", "kind", "ground", "purpose", "trust", "fresh_days", "active")
    initial = {name: getattr(chosen, name) for name in fields}
    data = request.POST if sent and request.method == "POST" else None
    return SourceForm(data, staff=request.staff, chosen=chosen, initial=initial)


def _save(request: HttpRequest, form: SourceForm, chosen: Source | None) -> str:
    saved = services.save_source(form.terms(), Actor.of(request), chosen)
    tell(request, "done_source", name=saved.name)
    return reverse("matching-desk:source", args=[saved.pk])


def _import(request: HttpRequest, kept: SignFile) -> str:
    services.ask_for_import(kept, Actor.of(request))
    return request.path


def _page(
    request: HttpRequest,
    chosen: Source,
    form: SourceForm | None = None,
    file_form: FileForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "source": chosen,
        "form": form or _form(request, chosen, sent=False),
        "file_form": file_form or FileForm(),
        "files": files_within(request.staff).filter(source=chosen)[:_SHOWN],
    }
    return render(request, "matching/source.html", context, status=status)


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
