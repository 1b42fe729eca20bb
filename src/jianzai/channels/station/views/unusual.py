"""What a supervisor may want to look at."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jianzai.registry.access import Permission, requires

from ..services.pictures import COMPARED
from ..unusual import DAYS, RULES, findings


@require_GET
@requires(Permission.SEE_UNUSUAL)
def unusual(request: HttpRequest) -> HttpResponse:
    """Many people by one address, helper or clerk, odd hours, the same picture twice: counts and attempts."""
    asked = request.GET.get("days", "")
    days = next((each for each in DAYS if str(each) == asked), DAYS[1])
    found = findings(request.staff, days)
    context = {
        "days": days,
        "choices": DAYS,
        "kinds": [(kind, list(group)) for kind, group in groupby(found, key=lambda one: one.kind)],
        "rules": {rule.kind: rule for rule in RULES},
        "pictures_of": COMPARED.days,
    }
    return render(request, "station/unusual.html", context)
