"""Where everything stands on a form, by its kind: what the typesetting draws and the reader looks for.

No Django: the reader uses it too. Lengths are in mm from the top left corner of an A4 page.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from .payload import Kind

PAGE = (210.0, 297.0)
MARK = 6.0
"""Side of the black squares by which a scan is straightened; the first has a white square inside."""

HOLE = 2.4
"""Side of that white square."""

Box = tuple[float, float, float, float]
"""x, y, width, height."""

_FILES = {
    Kind.ELSEWHERE: "elsewhere",
    Kind.HMT: "hmt",
    Kind.ABROAD: "abroad",
    Kind.ABROAD_2013: "abroad",
}

PRINTED = tuple(_FILES)
"""The kinds that we print; a letter and a newspaper are nobody's form."""


class FieldType(StrEnum):
    TEXT = "text"
    DATE = "date"
    TICK = "tick"
    SEAL = "seal"
    SIGNATURE = "signature"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class FieldBox:
    """One field: its box and what belongs into it. ``stub``: on the part that does not come back."""

    name: str
    box: Box
    type: FieldType
    stub: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A form's page.

    copies: how many pages of it are printed. returned: the part that comes back, all of the page or below a
    seam. marks: centres of the four squares around it, top left, top right, bottom left, bottom right.
    number, qr: boxes of the form number in large print and of the code. ``drawn`` is the whole table.
    """

    kind: Kind
    copies: int
    returned: Box
    marks: tuple[tuple[float, float], ...]
    number: Box
    qr: Box
    fields: tuple[FieldBox, ...]
    drawn: dict[str, Any]

    def field(self, name: str) -> FieldBox | None:
        """The field called ``name``, where this form has it."""
        return next((field for field in self.fields if field.name == name), None)


@cache
def layout(kind: Kind) -> Layout:
    """The layout of a kind that we print. Raises KeyError for another."""
    path = Path(__file__).parent / "layout" / f"{_FILES[kind]}.toml"
    drawn = tomllib.loads(path.read_text(encoding="utf-8"))
    fields = tuple(
        FieldBox(
            name, tuple(entry["box"]), FieldType(entry.get("type", FieldType.TEXT)), entry.get("stub", False)
        )
        for name, entry in drawn["fields"].items()
    )
    return Layout(
        kind=kind,
        copies=drawn["copies"],
        returned=tuple(drawn["returned"]),
        marks=tuple(tuple(mark) for mark in drawn["marks"]),
        number=tuple(drawn["number"]),
        qr=tuple(drawn["qr"]),
        fields=fields,
        drawn=drawn,
    )
