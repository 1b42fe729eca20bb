"""How verifying by face goes in one's area: what was refused, undecided or not seen, by whom and where."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jianzai.certification.live import LEAST, NothingToTell, evaluate_live
from jianzai.certification.live.report import details, sections
from jianzai.registry.access import Permission, requires
from jianzai.sentences import language


@require_GET
@requires(Permission.SEE_AUDIT)
def figures(request: HttpRequest) -> HttpResponse:
    """Counts of the past year within the area of the member of staff, groups of a few people folded."""
    try:
        report = evaluate_live(staff=request.staff)
    except NothingToTell as nothing:
        return render(request, "console/figures.html", {"too_few": nothing.people, "least": LEAST})
    shown = [(one.code, sections(one, language()), details(one, language())) for one in report.figures]
    return render(request, "console/figures.html", {"report": report, "figures": shown, "least": LEAST})
