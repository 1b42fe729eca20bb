"""Every clerk's address of stations and former employers, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from jianzai.registry.access import Permission as May
from jianzai.registry.models import ServicePoint
from tests.registry.access_matrix import Route

S = "/console/station"
ROUTES = {
    "points": Route(f"{S}/points", May.MANAGE_POINTS),
    "point": Route(f"{S}/points/{{point}}", May.MANAGE_POINTS),
}
TESTED_ELSEWHERE = {}


def rows(person) -> dict:
    """A service point in the person's area."""
    point = ServicePoint.objects.create(area=person.area, name="站", address="路", phone="1", hours="周一")
    return {"point": point.pk}
