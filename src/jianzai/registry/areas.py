"""Administrative areas 行政区划: codes of GB/T 2260 and GB/T 10114, 12 digits, and their table."""

from __future__ import annotations

import re
from pathlib import Path

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.registry.errors import Refused
from jianzai.registry.models import Area
from jianzai.registry.tables import read_table

DEMO_TABLE = Path(__file__).parent / "demo_areas.csv"
"""Changsha's districts, some of their streets, and a neighbour. The codes of streets are the demo's own."""

_LENGTHS = (2, 4, 6, 9, 12)


def full_code(code: str) -> str:
    """A code of 2, 4, 6, 9 or 12 digits, padded to 12. Raises Refused for anything else."""
    code = code.strip()
    if not re.fullmatch(r"[1-9][0-9]+", code) or len(code) not in _LENGTHS:
        raise Refused("area_code", area=code[:20])
    return code.ljust(12, "0")


@transaction.atomic
def import_areas(name: str, content: bytes, actor: Actor = Actor.SYSTEM) -> int:
    """Add the areas of a table with the columns ``code`` and ``name``, or rename them; how many rows it has.

    Areas that are not in the table stay. Raises Refused with the first row that cannot be taken; then
    nothing is changed.
    """
    areas: dict[str, Area] = {}
    rows = read_table(name, content)
    header = [cell.strip().lower() for cell in next(rows, (0, []))[1]]
    if not {"code", "name"} <= set(header):
        raise Refused("area_columns")
    for _, cells in rows:
        row = dict(zip(header, cells, strict=False))
        code, title = full_code(row.get("code", "")), row.get("name", "").strip()
        if not 0 < len(title) <= 100:
            raise Refused("area_name", area=code)
        areas[code] = Area(code=code, name=title)
    Area.objects.bulk_create(
        areas.values(), update_conflicts=True, unique_fields=["code"], update_fields=["name"], batch_size=2000
    )
    record("registry.areas_imported", actor, areas=len(areas))
    return len(areas)
