"""Other offices' records through the API: received here, taken over by the worker as a file is."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jianzai.api.access import guarded, within
from jianzai.api.errors import ApiError, Failure, Wrong
from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.clock import today
from jianzai.registry.roster_rows import Problem

from .models import Source
from .rows import read_records
from .services import receive_records

router = Router(tags=["records"])

MOST_RECORDS = 1000
"""In one call."""


class SignRecord(Schema):
    """One record: of which day, and whose, by number, or by name and birth date, or both."""

    day: date
    identity_number: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=100)] = ""
    sex: Annotated[str, Field(max_length=10)] = ""
    birth_date: date | None = None
    area_code: Annotated[str, Field(max_length=12)] = ""


class SignRecords(Schema):
    """Records of one source, which is named by its code."""

    source: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")]
    records: Annotated[list[SignRecord], Field(min_length=1, max_length=MOST_RECORDS)]


class Received(Schema):
    """That the records have come. Whose they are, nobody outside is told."""

    received: int
    file: UUID


@router.post(
    "signs",
    operation_id="signs",
    response={202: Received, 401: Failure, 403: Failure, 404: Failure, 409: Failure, 422: Failure},
    **guarded(Scope.SIGNS),
)
def signs(request: HttpRequest, body: SignRecords):
    """Hand over records of a source: all of them, or with a bad one none. The same again change nothing."""
    source = within(request.auth, Source.objects.filter(code=body.source)).first()
    if source is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "no_source")
    records = [
        {key: str(value) for key, value in each.dict().items() if value is not None} for each in body.records
    ]
    bad = [each for each in read_records(records, today()) if isinstance(each, Problem)]
    if bad:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "bad_records",
            fields=[Wrong(where=f"{each.row}.{each.column}", what=str(each)) for each in bad],
        )
    file = receive_records(source, records, Actor.of(request))
    return Status(HTTPStatus.ACCEPTED, Received(received=len(records), file=file.pk))
