"""The clerks' cases: what a record says of somebody, and what is found out."""

from __future__ import annotations

from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jianzai.audit.services import Actor, record
from jianzai.certification.queries import current_obligation
from jianzai.console.forms import DeathForm
from jianzai.console.queries import status_now
from jianzai.console.views.common import press, submit, tell_of_letter
from jianzai.registry.access import Permission, may, person_or_404, requires
from jianzai.web.context import show_on

from .. import services
from ..errors import NothingToObject
from ..forms import AnswerForm
from ..models import Case
from ..queries import cases_within, certified_by, closed_cases, objection_to, open_cases
from ..weights import FIELDS, STRONG
from .common import tell

_SHOWN = 200


def _of_this_area(view):
    """The view gets the case in place of its number, where its person lives within the staff's area."""

    @wraps(view)
    def with_case(request: HttpRequest, number: int) -> HttpResponse:
        return view(request, get_object_or_404(cases_within(request.staff), pk=number))

    return with_case


@require_GET
@requires(Permission.REVIEW)
def cases(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, or with ``?state=closed`` what was answered."""
    closed = request.GET.get("state") == "closed"
    listed = closed_cases(request.staff) if closed else open_cases(request.staff)
    context = {"cases": listed[:_SHOWN], "count": listed.count(), "closed": closed, "shown": _SHOWN}
    return render(request, "matching/cases.html", context)


@require_GET
@requires(Permission.REVIEW)
@_of_this_area
def case(request: HttpRequest, case: Case) -> HttpResponse:
    """One case: the person, what the records say of them, and the answers there are."""
    return _page(request, case)


@require_POST
@requires(Permission.REVIEW)
@_of_this_area
def answer(request: HttpRequest, case: Case) -> HttpResponse:
    """Right or wrong, and what that rests on."""
    form = AnswerForm(request.POST, case=case)

    def act(typed: dict) -> str:
        do = services.confirm if typed["answer"] == "right" else services.close
        do(case, typed["finding"], request.staff, Actor.of(request))
        tell(request, f"done_{typed['answer']}", name=case.person.name)
        return reverse("matching-desk:cases")

    return submit(request, form, act) or _page(request, case, answer=form)


@require_POST
@requires(Permission.RECORD_DEATH)
@_of_this_area
def death(request: HttpRequest, case: Case) -> HttpResponse:
    """A document shows the death: the benefit ends, and the family is written to."""
    form = DeathForm(request.POST)

    def act(typed: dict) -> str:
        recorded = form.carry_out(
            lambda *proof, despite: services.confirm_death(
                case, *proof, request.staff, Actor.of(request), despite
            )
        )
        tell(request, "done_death", name=case.person.name, months=recorded.overpaid_months)
        tell_of_letter(request, case.person)
        return reverse("console:person", args=[case.person.key])

    return submit(request, form, act) or _page(request, case, death=form)


@require_POST
@requires(Permission.REVIEW)
def object_(request: HttpRequest, key: UUID) -> HttpResponse:
    """Somebody says at a service point, by phone or by letter that the records are not theirs."""
    person = person_or_404(request.staff, key)

    def act() -> str:
        if (certification := certified_by(person)) is None:
            raise NothingToObject()
        known = objection_to(certification) is not None
        case = services.object_to(certification, request.POST.get("said", ""), Actor.of(request))
        tell(request, "objected_before" if known else "done_objected", name=person.name)
        return reverse("matching-desk:case", args=[case.pk])

    return press(request, act, reverse("console:person", args=[key]))


def _page(
    request: HttpRequest, case: Case, answer: AnswerForm | None = None, death: DeathForm | None = None
) -> HttpResponse:
    refused = answer or death
    if refused:
        show_on(request, reverse("matching-desk:case", args=[case.pk]))
    person = case.person
    obligation = current_obligation(person)
    signs = list(case.signs.all())
    if any(sign.details for sign in signs):
        record("matching.record_seen", Actor.of(request), person=person, case=case.pk)
    context = {
        "case": case,
        "person": person,
        "signs": [(sign, sign.told, [(each, sign.agreement[each]) for each in FIELDS]) for sign in signs],
        "strong": STRONG,
        "status": status_now(obligation) if obligation else None,
        "certification": person.certifications.first(),
        "answer": answer or AnswerForm(case=case),
        "death": death or DeathForm(),
        "withdrawn": person.deaths.filter(withdrawn__isnull=False).first(),
        "may_death": may(request.staff, Permission.RECORD_DEATH, person.area_id),
    }
    return render(request, "matching/case.html", context, status=422 if refused else 200)
