"""From a scan to fields, checks and counts: pictures in, what a sheet says and what is wrong with it out.

A pure library: no Django, no database. ``read_sheet`` turns pictures into words once (expensive);
``check_sheet`` holds them against what is expected (cheap, and can be done again).
"""

from .names import same_name
from .rules import RULES, check_sheet, is_theirs
from .sheet import MOST_PAGES, read_sheet
from .types import TICKS, Box, Expected, Field, Finding, Reading, Rules, Seal, Shape

__all__ = [
    "MOST_PAGES",
    "RULES",
    "TICKS",
    "Box",
    "Expected",
    "Field",
    "Finding",
    "Reading",
    "Rules",
    "Seal",
    "Shape",
    "check_sheet",
    "is_theirs",
    "read_sheet",
    "same_name",
]
