"""Where people go in person, by district and street."""

from __future__ import annotations

from dataclasses import dataclass

from jianzai.registry.models import Area, ServicePoint
from jianzai.registry.service_points import open_points

_DISTRICT, _STREET = 6, 9  # digits of a code that name the district and the street (GB/T 2260, GB/T 10114)


@dataclass(frozen=True, slots=True)
class Found:
    """The districts to choose from; the one that was chosen with its streets, the street, and the points.

    Of a street these are its own points, then those of the whole district; of a district all of them.
    """

    districts: list[Area]
    district: Area | None
    streets: list[Area]
    street: Area | None
    points: list[ServicePoint]


def find(chosen: str) -> Found:
    """What there is for the code ``chosen`` of a district or street; an unknown one chooses nothing."""
    codes = set(open_points().values_list("area", flat=True))
    districts = list(Area.objects.filter(code__in={_padded(code, _DISTRICT) for code in codes}))
    district = next((area for area in districts if area.code == _padded(chosen, _DISTRICT)), None)
    if district is None:
        return Found(districts, None, [], None, [])
    inside = {code for code in codes if code.startswith(district.code[:_DISTRICT])}
    narrower = {_padded(code, _STREET) for code in inside} - {district.code}
    streets = list(Area.objects.filter(code__in=narrower))
    street = next((area for area in streets if area.code == chosen), None)
    points = open_points().select_related("area").filter(area__in=inside)
    if street is None:
        return Found(districts, district, streets, None, list(points))
    own = street.code[:_STREET]
    of_street = [point for point in points if point.area_id.startswith(own)]
    of_district = [point for point in points if point.area_id == district.code]
    return Found(districts, district, streets, street, of_street + of_district)


def _padded(code: str, digits: int) -> str:
    return code[:digits].ljust(12, "0")
