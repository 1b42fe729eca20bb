"""The retiree's pages: where people go in person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..finder import find


@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """Service points by district and street, with what is done there."""
    return render(request, "station/points.html", {"found": find(request.GET.get("area", ""))})
