"""The teams, kept by a supervisor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from jianzai.audit.services import Actor
from jianzai.console.views.common import submit
from jianzai.registry.access import Permission, requires, within

from ..forms import TeamForm
from ..models import Team
from ..services import save_team
from .common import tell


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_TEAMS)
def teams(request: HttpRequest) -> HttpResponse:
    """All teams of the area, and a new one."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_TEAMS)
def team(request: HttpRequest, number: int) -> HttpResponse:
    """Change a team, or let it go out no more."""
    return _page(request, get_object_or_404(within(request.staff, Team.objects.all()), pk=number))


def _page(request: HttpRequest, chosen: Team | None) -> HttpResponse:
    fields = ("name", "area", "capacity", "active")
    initial = {name: getattr(chosen, name) for name in fields} if chosen else None
    form = TeamForm(request.POST or None, staff=request.staff, initial=initial)

    def act(typed: dict) -> str:
        saved = save_team(
            typed["name"],
            typed["area"],
            typed["capacity"],
            Actor.of(request),
            active=typed["active"],
            team=chosen,
        )
        tell(request, "done_team", name=saved.name)
        return reverse("visit-desk:teams")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    found = within(request.staff, Team.objects.select_related("area"))
    context = {"form": form, "teams": found, "chosen": chosen}
    return render(request, "visit/teams.html", context, status=422 if request.method == "POST" else 200)
