"""What payers and other systems collect and send back."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from ninja import File, Router, Status
from ninja.files import UploadedFile

from jianzai.api.access import guarded, require_whole_roster, within
from jianzai.api.errors import ApiError, Failure, Wrong
from jianzai.api.schemas import (
    AcknowledgementResult,
    CertificationPage,
    CertificationRow,
    Cursor,
    FileRow,
    OrderPage,
    OrderRow,
    PageSize,
)
from jianzai.api.scopes import Scope
from jianzai.audit.services import Actor
from jianzai.benefits.models import Order
from jianzai.benefits.services import export_orders, read_acknowledgement
from jianzai.certification.models import Certification
from jianzai.sentences import say

router = Router(tags=["exchange"])
_REFUSALS = {401: Failure, 403: Failure, 422: Failure}


@router.get("certifications", response={200: CertificationPage, **_REFUSALS}, **guarded(Scope.CERTIFICATIONS))
def certifications(request: HttpRequest, since: Cursor = 0, limit: PageSize = 200):
    """Certifications after the cursor, oldest first. Whoever keeps ``next`` gets each exactly once."""
    rows = within(request.auth, Certification.objects.filter(place__position__gt=since), field="person__area")
    items = [
        CertificationRow(
            cursor=row.place.position,
            personal_number=row.person.personal_number,
            year=row.obligation.cycle.year,
            on=row.on,
            at=row.at,
            channel=row.channel,
            serial=row.serial,
        )
        for row in rows.select_related("place", "person", "obligation__cycle").order_by("place")[:limit]
    ]
    return CertificationPage(items=items, next=items[-1].cursor if items else since)


@router.get("orders", response={200: OrderPage, **_REFUSALS}, **guarded(Scope.ORDERS))
def orders(request: HttpRequest, since: Cursor = 0, limit: PageSize = 200):
    """Orders after the cursor, which is an order's ``sequence``; sequences have no gaps."""
    rows = within(request.auth, Order.objects.filter(sequence__gt=since), field="person__area")
    items = [
        OrderRow(
            personal_number=row.person.personal_number,
            **{name: getattr(row, name) for name in OrderRow.model_fields if name != "personal_number"},
        )
        for row in rows.select_related("person").order_by("sequence")[:limit]
    ]
    return OrderPage(items=items, next=items[-1].sequence if items else since)


@router.post("orders/file", response={200: FileRow, 204: None, **_REFUSALS}, **guarded(Scope.ORDERS))
def export(request: HttpRequest):
    """Put every queued order into the next file. 204 when nothing is queued."""
    require_whole_roster(request.auth)
    file = export_orders(Actor.of(request))
    if file is None:
        return Status(HTTPStatus.NO_CONTENT, None)
    return FileRow(**{name: getattr(file, name) for name in FileRow.model_fields})


@router.post(
    "orders/acknowledgements",
    response={200: AcknowledgementResult, 413: Failure, **_REFUSALS},
    **guarded(Scope.ACKNOWLEDGE),
)
def acknowledgements(request: HttpRequest, file: File[UploadedFile]):
    """Read the payer's answer, CSV with order_sequence, result and reason: all of it, or nothing."""
    require_whole_roster(request.auth)
    report = read_acknowledgement(file.read(), Actor.of(request))
    if report.problems:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "bad_acknowledgement",
            fields=[
                Wrong(where=f"{one.row}.{one.column}", what=say(f"benefits.{one.code}", **one.values))
                for one in report.problems
            ],
        )
    return AcknowledgementResult(
        accepted=report.accepted, rejected=report.rejected, unchanged=report.unchanged
    )
