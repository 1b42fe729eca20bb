"""What anyone may open: the front page, the other ways, the check of a certificate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jianzai.certification.certificate import public_check
from jianzai.certification.queries import current_cycle
from jianzai.certification.services import policy_of
from jianzai.registry.models import Area
from jianzai.registry.service_points import open_points
from jianzai.sentences import language

from ..forms import CheckForm
from ..offers import offers

_DISTRICT = 6  # digits of a code that name the county or district (GB/T 2260)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three doors, and the rule by which payment may stop."""
    return render(request, "online/home.html", {"stop_rule": _stop_rule()})


@require_safe
def ways(request: HttpRequest) -> HttpResponse:
    """Every way without a camera, and the service points of one district."""
    chosen = request.GET.get("district", "")
    codes = {code[:_DISTRICT] for code in open_points().values_list("area", flat=True).distinct()}
    districts = Area.objects.filter(code__in=[code.ljust(12, "0") for code in codes])
    district = next((area for area in districts if area.code == chosen), None)
    points = open_points().filter(area__code__startswith=chosen[:_DISTRICT]) if district else []
    context = {
        "offers": offers(),
        "districts": districts,
        "district": district,
        "points": points,
        "stop_rule": _stop_rule(),
    }
    return render(request, "online/ways.html", context)


@require_safe
def check(request: HttpRequest, serial: str = "", token: str = "") -> HttpResponse:
    """Whether a certificate is genuine: valid or not, masked name and year, and no more."""
    form = CheckForm({"serial": serial, "token": token} if serial else request.GET or None)
    context = {"form": form, "checked": form.is_bound and form.is_valid()}
    if context["checked"]:
        entered = form.cleaned_data
        context["found"] = public_check(entered["serial"].strip().upper(), entered["token"].strip().upper())
    return render(request, "online/check.html", context)


def _stop_rule() -> str:
    """How the office tells people when payment stops, in the reader's language; empty without a cycle."""
    cycle = current_cycle()
    return getattr(policy_of(cycle).stop_rule_text, language()) if cycle else ""
