"""Service points 认证点: where people go in person. Kept from a table, as the areas are, or one by one."""

from __future__ import annotations

import re

from django.db import transaction
from django.db.models import QuerySet

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.registry.areas import full_code
from jianzai.registry.errors import Refused
from jianzai.registry.models import Area, ServicePoint
from jianzai.registry.tables import read_table

COLUMNS = ("area_code", "kind", "name", "address", "phone", "hours")
_TEXTS = ("name", "address", "phone", "hours")


def open_points() -> QuerySet[ServicePoint]:
    """The points people can go to."""
    return ServicePoint.objects.filter(closed_on=None)


@transaction.atomic
def save_service_point(
    area: Area,
    kind: str,
    services: list[str],
    actor: Actor,
    *,
    name: str,
    address: str,
    phone: str,
    hours: str,
    closed: bool = False,
    point: ServicePoint | None = None,
) -> ServicePoint:
    """Add a point, or change ``point``; ``closed`` from today on (or still), or open again."""
    point = ServicePoint.objects.select_for_update().get(pk=point.pk) if point else ServicePoint()
    point.area, point.kind, point.services = area, kind, sorted(services)
    point.name, point.address, point.phone, point.hours = name, address, phone, hours
    point.closed_on = (point.closed_on or today()) if closed else None
    point.save()
    record("registry.service_point_saved", actor, area=area.code, service_point=point.pk, closed=closed)
    return point


@transaction.atomic
def import_service_points(name: str, content: bytes, actor: Actor = Actor.SYSTEM) -> int:
    """Make the service points those of a table with the columns of ``COLUMNS``; how many there are.

    ``kind`` is station (when empty) or employer. A column ``services`` may name what is done there, as
    ServicePoint.Service does, separated by spaces or commas. The table is the whole list: a point that is
    not in it is gone, so that nobody is sent to a closed door. Raises Refused with the first row that cannot
    be taken; then nothing is changed.
    """
    rows = read_table(name, content)
    header = [cell.strip().lower() for cell in next(rows, (0, []))[1]]
    if not set(COLUMNS) <= set(header):
        raise Refused("service_point_columns", columns=", ".join(COLUMNS))
    points = [_point(number, dict(zip(header, cells, strict=False))) for number, cells in rows]
    known = set(Area.objects.values_list("code", flat=True))
    if unknown := next((point.area_id for point in points if point.area_id not in known), None):
        raise Refused("area_unknown", area=unknown)
    ServicePoint.objects.all().delete()
    ServicePoint.objects.bulk_create(points)
    record("registry.service_points_imported", actor, service_points=len(points))
    return len(points)


def _point(number: int, row: dict[str, str]) -> ServicePoint:
    point = ServicePoint(
        area_id=full_code(row.get("area_code", "")),
        kind=row.get("kind") or ServicePoint.Kind.STATION,
        services=sorted(filter(None, re.split(r"[\s,、]+", row.get("services", "")))),
        **{column: row.get(column, "") for column in _TEXTS},
    )
    fits = all(
        0 < len(getattr(point, column)) <= ServicePoint._meta.get_field(column).max_length
        for column in _TEXTS
    )
    known = point.kind in ServicePoint.Kind.values and set(point.services) <= set(ServicePoint.Service.values)
    if not fits or not known:
        raise Refused("service_point_row", row=number)
    return point
