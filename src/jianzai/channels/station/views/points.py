"""Where people go in person, kept by a supervisor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from jianzai.audit.services import Actor
from jianzai.console.views.common import submit
from jianzai.registry.access import Permission, requires, within
from jianzai.registry.models import ServicePoint
from jianzai.registry.service_points import save_service_point

from ..forms import PointForm
from .common import tell


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_POINTS)
def points(request: HttpRequest) -> HttpResponse:
    """All points of the area, and a new one."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_POINTS)
def point(request: HttpRequest, number: int) -> HttpResponse:
    """Change a point, close it, or open it again."""
    return _page(request, get_object_or_404(within(request.staff, ServicePoint.objects.all()), pk=number))


def _page(request: HttpRequest, chosen: ServicePoint | None) -> HttpResponse:
    form = PointForm(request.POST or None, staff=request.staff, point=chosen)

    def act(typed: dict) -> str:
        saved = save_service_point(**typed, actor=Actor.of(request), point=chosen)
        tell(request, "done_point", name=saved.name)
        return reverse("station-desk:points")

    if request.method == "POST" and (done := submit(request, form, act)):
        return done
    found = within(request.staff, ServicePoint.objects.select_related("area"))
    context = {"form": form, "points": found, "chosen": chosen}
    return render(
        request, "station/desk_points.html", context, status=422 if request.method == "POST" else 200
    )
