"""Service points 认证点: where people go in person. Kept from a table, as the areas are."""

from __future__ import annotations

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.registry.areas import full_code
from jianzai.registry.errors import Refused
from jianzai.registry.models import Area, ServicePoint
from jianzai.registry.tables import read_table

COLUMNS = ("area_code", "kind", "name", "address", "phone", "hours")


@transaction.atomic
def import_service_points(name: str, content: bytes, actor: Actor = Actor.SYSTEM) -> int:
    """Make the service points those of a table with the columns of ``COLUMNS``; how many there are.

    ``kind`` is station (when empty) or employer. The table is the whole list: a point that is not in it is
    gone, so that nobody is sent to a closed door. Raises Refused with the first row that cannot be taken;
    then nothing is changed.
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
        **{column: row.get(column, "") for column in ("name", "address", "phone", "hours")},
    )
    fits = all(
        0 < len(getattr(point, column)) <= ServicePoint._meta.get_field(column).max_length
        for column in ("name", "address", "phone", "hours")
    )
    if not fits or point.kind not in ServicePoint.Kind.values:
        raise Refused("service_point_row", row=number)
    return point
