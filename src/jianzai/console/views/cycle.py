"""The cycle: how far every district is, and opening a new one; and the policy in words."""

from __future__ import annotations

from dataclasses import fields

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jianzai import worker
from jianzai.audit.services import Actor
from jianzai.certification.models import Cycle
from jianzai.certification.queries import AreaProgress, current_cycle, progress_by_area
from jianzai.certification.services import declare_cycle, policy_of
from jianzai.clock import today
from jianzai.entitlement import pausable_from
from jianzai.registry.access import Permission, may, requires, within
from jianzai.registry.models import Beneficiary, Staff
from jianzai.sentences import language
from jianzai.web.context import show_on
from jianzai.worker import hand_over

from ..charts import STATUSES, progress_chart
from ..forms import CycleForm
from ..queries import area_names, covers_everybody, cycles, letters_to_do
from .common import submit, tell


@require_GET
@requires(Permission.SEE_CYCLE)
def cycle(request: HttpRequest) -> HttpResponse:
    """One cycle by district, the latest where none is named."""
    return _page(request, CycleForm(initial={"year": today().year}))


@require_POST
@requires(Permission.OPEN_CYCLE)
def open_(request: HttpRequest) -> HttpResponse:
    """Open a cycle; the worker puts everyone on its list. Again, it adds who came since.

    A cycle is everybody's, so only staff whose area holds everybody open one.
    """
    if not covers_everybody(request.staff):
        raise PermissionDenied
    form = CycleForm(request.POST)
    show_on(request, reverse("console:cycle"))

    def act(typed: dict) -> str:
        opened = declare_cycle(typed["year"], Actor.of(request))
        hand_over("jianzai.certification.tasks.enlist_everyone", cycle=opened.pk)
        tell(request, "done_cycle", year=opened.year)
        return f"{reverse('console:cycle')}?year={opened.year}"

    return submit(request, form, act) or _page(request, form, status=422)


@require_GET
@requires(Permission.SEE_CYCLE)
def policy(request: HttpRequest) -> HttpResponse:
    """The rules of the latest cycle, as sentences."""
    latest = current_cycle()
    rules = policy_of(latest) if latest else None
    context = {"cycle": latest, "policy": rules}
    if rules:
        context |= {
            "stop_rule": getattr(rules.stop_rule_text, language()),
            "pausable_from": pausable_from(rules, latest.deadline),
            "by_date_alone": rules.contacts_required == 0 and not rules.two_person_release,
            "fields": [(each.name, getattr(rules, each.name)) for each in fields(rules)],
        }
    return render(request, "console/policy.html", context)


def _page(request: HttpRequest, form: CycleForm, status: int = 200) -> HttpResponse:
    shown = current_cycle()
    if year := request.GET.get("year"):
        shown = cycles().filter(year=year).first() if year.isdigit() and len(year) == 4 else None
        if shown is None:
            raise Http404
    rows = progress_by_area(shown, request.staff) if shown else []
    names = area_names(row.code for row in rows)
    context = {
        "cycle": shown,
        "years": [each.year for each in cycles()],
        "form": form,
        "may_open": may(request.staff, Permission.OPEN_CYCLE) and covers_everybody(request.staff),
        "statuses": STATUSES,
        "not_enlisted": _not_enlisted(shown, request.staff) if shown and shown == current_cycle() else 0,
        "worker": worker.alive(),
        "rows": [(names[row.code], row) for row in rows],
        "total": _total(rows),
        "chart": progress_chart(rows, names),
    }
    if may(request.staff, Permission.SEND_NOTICES):
        context |= letters_to_do(request.staff)
    return render(request, "console/cycle.html", context, status=status)


def _not_enlisted(cycle: Cycle, staff: Staff) -> int:
    alive = within(staff, Beneficiary.objects.filter(died_on__isnull=True))
    return alive.exclude(obligations__cycle=cycle).count()


def _total(rows: list[AreaProgress]) -> AreaProgress:
    return AreaProgress(
        "", *(sum(getattr(row, each.name) for row in rows) for each in fields(AreaProgress)[1:])
    )
