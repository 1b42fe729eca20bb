"""The review queue 人工复核: what the machine could not decide, one case after the other."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from jianzai.audit.services import Actor, record
from jianzai.certification.models import ReferenceFace, ReviewCase
from jianzai.certification.queries import active_reference, kept_frames, reference_picture
from jianzai.certification.services import (
    approve_case,
    confirm_reference,
    keep_despite_lookalikes,
    reject_case,
    reject_reference,
)
from jianzai.certification.wording import evidence_of
from jianzai.registry.access import Permission, may, requires, within
from jianzai.sentences import say

from ..charts import head_turns
from ..forms import DecisionForm
from ..queries import case_after, open_cases, standing_in_words
from .common import submit, tell

_SHOWN = 100
_ABOUT_A_MODEL = (ReviewCase.Kind.NEW_REFERENCE, ReviewCase.Kind.LOOKALIKE)


@require_GET
@requires(Permission.REVIEW)
def cases(request: HttpRequest) -> HttpResponse:
    """All open cases, the oldest first; by kind where asked."""
    kind = request.GET.get("kind", "")
    waiting = open_cases(request.staff)
    if kind in ReviewCase.Kind.values:
        waiting = waiting.filter(kind=kind)
    context = {
        "cases": waiting[:_SHOWN],
        "count": waiting.count(),
        "kind": kind,
        "kinds": ReviewCase.Kind.values,
    }
    return render(request, "console/cases.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW)
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case: the kept frames beside the reference's picture, what was seen, the decision."""
    cases = ReviewCase.objects.select_related(
        "person__area",
        "attempt__session",
        "attempt__reference",
        "reference",
        "obligation__cycle",
        "closed_by",
    )
    found = get_object_or_404(within(request.staff, cases, field="person__area"), pk=number)
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        if found.state != ReviewCase.State.OPEN:
            messages.warning(request, say("certification.case_closed"))
            return redirect(_next_page(request, found))
        if done := submit(request, form, lambda typed: _decide(request, found, typed)):
            return done
    return render(
        request,
        "console/case.html",
        _context(request, found, form),
        status=422 if request.method == "POST" else 200,
    )


def _decide(request: HttpRequest, case: ReviewCase, typed: dict) -> str:
    approve = typed["decision"] == "approve"
    if case.kind == ReviewCase.Kind.NEW_REFERENCE:
        verb = confirm_reference if approve else reject_reference
    elif case.kind == ReviewCase.Kind.LOOKALIKE:
        verb = keep_despite_lookalikes if approve else reject_reference
    else:
        verb = approve_case if approve else reject_case
    verb(case, request.staff, typed["finding"], Actor.of(request), seen=typed["seen"])
    tell(request, f"done_{typed['decision']}", number=case.pk, name=case.person.name)
    return _next_page(request, case)


def _next_page(request: HttpRequest, case: ReviewCase) -> str:
    """The next case opens at once; after the last one, the empty queue."""
    following = case_after(request.staff, case)
    return reverse("console:case", args=[following.pk]) if following else reverse("console:cases")


def _context(request: HttpRequest, case: ReviewCase, form: DecisionForm) -> dict:
    attempt, person = case.attempt, case.person
    frames = kept_frames(attempt) if attempt else []
    reference = attempt.reference if attempt and attempt.reference else active_reference(person)
    if reference == case.reference:  # in use already: it stands beside the lookalikes
        reference = None
    compared = _data_url(reference)
    new = _data_url(case.reference)
    if frames or compared or new:
        record("console.frames_seen", Actor.of(request), person=person, case=case.pk, frames=len(frames))
    overrules = attempt is not None and not attempt.live
    return {
        "case": case,
        "person": person,
        "attempt": attempt,
        "form": form,
        "frames": [_as_data(frame) for frame in frames],
        "reference": reference,
        "picture": compared,
        "new_picture": new,
        "lookalikes": _lookalikes(request, case),
        "turns": head_turns(attempt.session) if attempt else None,
        "evidence": evidence_of(attempt) if attempt else "",
        "voices": _voices(attempt) if attempt else [],
        "standing": standing_in_words(case.obligation) if case.obligation else None,
        "earlier": person.attempts.exclude(pk=attempt.pk if attempt else None)[:5],
        "needs_supervisor": overrules
        and not may(request.staff, Permission.OVERRULE_LIVENESS, person.area_id),
        "can_approve": case.kind in _ABOUT_A_MODEL
        or (attempt is not None and attempt.kept_frames is not None and case.obligation is not None),
        "waiting": open_cases(request.staff).count(),
        "following": case_after(request.staff, case),
    }


def _lookalikes(request: HttpRequest, case: ReviewCase) -> list[dict]:
    """Whom the reference of ``case`` resembles, the likest first; of people elsewhere only the place."""
    if case.kind not in _ABOUT_A_MODEL:
        return []
    shown = []
    for one in case.reference.lookalikes.select_related("person__area"):
        if not may(request.staff, Permission.REVIEW, one.person.area_id):
            shown.append({"area": one.person.area, "similarity": one.similarity})
            continue
        picture = _data_url(active_reference(one.person))
        if picture:
            record("lookalikes.seen", Actor.of(request), person=one.person, case=case.pk)
        shown.append({"person": one.person, "similarity": one.similarity, "picture": picture})
    return shown


def _voices(attempt) -> list[tuple[str, float | None]]:
    return sorted(attempt.voices.items())


def _data_url(reference: ReferenceFace | None) -> str | None:
    picture = reference_picture(reference) if reference else None
    return _as_data(picture) if picture else None


def _as_data(jpeg: bytes) -> str:
    """A picture inside the page itself: one request, one recorded look, no address to pass on."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
