"""The sweep 停发: dry run, proposal, release by a second person, progress, undo of the whole batch."""

from __future__ import annotations

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from jianzai import worker
from jianzai.audit.services import Actor
from jianzai.benefits.models import Pause, Sweep
from jianzai.benefits.queries import dropped_reasons, outcome
from jianzai.benefits.services import confirm_sweep, discard_sweep, dry_run, propose_sweep, undo_sweep
from jianzai.registry.access import Permission, may, requires, within
from jianzai.registry.models import Staff

from ..forms import SweepForm
from .common import press, submit, tell

_UNDER_WAY = (Sweep.State.CONFIRMED, Sweep.State.UNDOING)
_SHOWN = 30
_PEOPLE_A_PAGE = 100


@require_http_methods(["GET", "POST"])
@requires(Permission.PROPOSE_SWEEP)
def sweeps(request: HttpRequest) -> HttpResponse:
    """All batches, and the form for a new one: first its dry run, then the proposal."""
    form = SweepForm(request.POST or None, staff=request.staff)
    report = None
    if request.method == "POST":
        if "propose" in request.POST:
            if done := submit(request, form, lambda typed: _propose(request, typed)):
                return done
        elif form.is_valid():
            report = dry_run(form.cleaned_data["as_of"], form.cleaned_data["area"], form.cleaned_data["cap"])
    found = within(request.staff, Sweep.objects.all()).select_related("area", "proposed_by", "confirmed_by")
    context = {"form": form, "report": report, "sweeps": found[:_SHOWN]}
    return render(request, "console/sweeps.html", context, status=422 if form.errors else 200)


@require_GET
@requires(Permission.PROPOSE_SWEEP)
def sweep(request: HttpRequest, number: int) -> HttpResponse:
    """One batch: who is in it and how far it is. While the worker is at it, the page asks again by itself."""
    found = _sweep(request, number)
    under_way = found.state in _UNDER_WAY
    context = {"sweep": found, "under_way": under_way, "dropped": dropped_reasons(found), **_progress(found)}
    if under_way:
        context["worker"] = worker.alive()
    if request.htmx:
        if under_way:
            return render(request, "console/sweep_progress.html", context)
        return HttpResponseClientRefresh()
    people = found.pauses.select_related("person__area").order_by("id")
    context |= {
        "own": found.proposed_by_id == request.staff.pk,
        "may_confirm": may(request.staff, Permission.CONFIRM_SWEEP, found.area_id),
        "may_undo": may(request.staff, Permission.UNDO_SWEEP, found.area_id),
        "page": Paginator(people, _PEOPLE_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "console/sweep.html", context)


@require_POST
@requires(Permission.CONFIRM_SWEEP)
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Release a batch that somebody else proposed: the worker carries it out."""
    return _decide(request, number, confirm_sweep, "done_sweep_confirmed")


@require_POST
@requires(Permission.UNDO_SWEEP)
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take the whole batch back, with everything that was withheld: the worker carries it out."""
    return _decide(request, number, undo_sweep, "done_sweep_undone")


@require_POST
@requires(Permission.PROPOSE_SWEEP)
def discard(request: HttpRequest, number: int) -> HttpResponse:
    """Throw a proposal away."""
    return _decide(request, number, discard_sweep, "done_sweep_discarded")


def _propose(request: HttpRequest, typed: dict) -> str:
    proposed = propose_sweep(typed["as_of"], typed["area"], typed["cap"], request.staff, Actor.of(request))
    tell(request, "done_sweep_proposed", people=proposed.pauses.count())
    return reverse("console:sweep", args=[proposed.pk])


def _decide(
    request: HttpRequest, number: int, decide: Callable[[Sweep, Staff, Actor], Sweep], told: str
) -> HttpResponse:
    found, page = _sweep(request, number), reverse("console:sweep", args=[number])

    def act() -> str:
        decide(found, request.staff, Actor.of(request))
        tell(request, told)
        return page

    return press(request, act, page)


def _progress(found: Sweep) -> dict[str, object]:
    """How many people of the batch are in each state, and how far what is being done with it is."""
    counts = outcome(found)
    people, total = sum(counts.values()), sum(counts.values())
    left = counts.get(Pause.State.PROPOSED, 0)
    if found.state == Sweep.State.UNDOING:
        left = counts.get(Pause.State.ACTIVE, 0) + counts.get(Pause.State.ENDED, 0)
        total = left + counts.get(Pause.State.UNDONE, 0)
    return {"counts": counts, "people": people, "total": total, "done": total - left}


def _sweep(request: HttpRequest, number: int) -> Sweep:
    sweeps = Sweep.objects.select_related("area", "proposed_by", "confirmed_by", "undone_by")
    return get_object_or_404(within(request.staff, sweeps), pk=number)
