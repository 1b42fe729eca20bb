"""Asking for a home visit through the API: from systems of communities, hospitals and homes."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from jianzai.api.access import guarded, person_of
from jianzai.api.errors import ApiError, Failure, Wrong
from jianzai.api.schemas import PersonalNumber
from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.registry.models import Beneficiary

from .forms import RequestForm
from .models import HomeVisit
from .queries import open_visit
from .services import request_visit

router = Router(tags=["visits"])
_REFUSALS = {401: Failure, 403: Failure, 404: Failure, 409: Failure, 422: Failure}


class VisitWanted(Schema):
    """Who asks for the person, why, where the team goes and whom it rings."""

    relation: Literal[*HomeVisit.Relation.values]
    reason: Literal[*HomeVisit.Reason.values]
    address: Annotated[str, Field(min_length=1, max_length=300)]
    phone: Annotated[str, Field(min_length=1, max_length=40)]


class VisitState(Schema):
    """How a visit stands; ``day`` and ``half`` once a team comes. Nothing of who asked, and no address."""

    state: Literal[*HomeVisit.State.values]
    requested_on: date
    day: date | None
    half: str | None


@router.post(
    "persons/{personal_number}/visits",
    operation_id="request_visit",
    response={201: VisitState, **_REFUSALS},
    **guarded(Scope.VISITS),
)
def ask(request: HttpRequest, personal_number: Path[PersonalNumber], body: VisitWanted):
    """Ask for a home visit, which holds the pause from now on; while one is open, it is that one."""
    person = person_of(request.auth, personal_number)
    form = RequestForm(body.dict())
    if not form.is_valid():
        wrong = [Wrong(where=field, what=" ".join(problems)) for field, problems in form.errors.items()]
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_visit", fields=wrong)
    request_visit(person, form.request(), Actor.of(request))
    return Status(HTTPStatus.CREATED, _state(person))


@router.get(
    "persons/{personal_number}/visits",
    operation_id="visit",
    response={200: VisitState, **_REFUSALS},
    **guarded(Scope.VISITS),
)
def last(request: HttpRequest, personal_number: Path[PersonalNumber]):
    """How the person's last visit stands."""
    person = person_of(request.auth, personal_number)
    if not person.home_visits.exists():
        raise ApiError(HTTPStatus.NOT_FOUND, "no_visit")
    return _state(person)


def _state(person: Beneficiary) -> VisitState:
    visit = open_visit(person) or person.home_visits.first()
    booked = visit.booked
    return VisitState(
        state=visit.state,
        requested_on=visit.requested_on,
        day=booked.day if booked else None,
        half=booked.half if booked else None,
    )
