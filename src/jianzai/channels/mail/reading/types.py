"""What is read from a sheet, and what is found about it. Boxes are x, y, width, height in a page's pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np

from ..payload import Kind, Payload

Box = tuple[int, int, int, int]

TICKS = ("alive", "dead", "missing", "imprisoned")


@dataclass(frozen=True, slots=True)
class Field:
    """What stands in a box; ``confidence`` 0 to 1, 0 for an empty one. ``box`` is on ``page`` (from 0)."""

    text: str
    confidence: float
    box: Box
    page: int = 0


class Shape(StrEnum):
    ROUND = "round"
    OVAL = "oval"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class Seal:
    """A red seal. area_share: its part of the page's area. inside: it lies where the form wants it."""

    box: Box
    shape: Shape
    area_share: float
    inside: bool
    page: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A sheet as it was read.

    pages: straightened, BGR, 8 pixels to the millimetre where the marks were found (``straight``), else as
    they came, upright as far as could be told. payload: what the code says, None without a code of ours;
    form_page: which of the pages the form is, and the photo on it. coloured: False for a scan without
    colours, in which no seal is red. ``code_refused`` is the reason for one that is there and not ours.
    form_number: from the code, else printed. fields: by the names of the layout; empty boxes are there with
    an empty text. ticks, signature, photo: None where it cannot be told; without such a box on the form ticks
    are empty and ``asked`` lacks the name.
    """

    pages: tuple[np.ndarray, ...]
    straight: bool
    coloured: bool = True
    qr_text: str | None = None
    payload: Payload | None = None
    code_refused: str | None = None
    form_number: str | None = None
    kind: Kind | None = None
    asked: frozenset[str] = frozenset()
    fields: Mapping[str, Field] = field(default_factory=dict)
    ticks: Mapping[str, bool | None] = field(default_factory=dict)
    seals: tuple[Seal, ...] = ()
    signature: bool | None = None
    form_page: int = 0
    photo: Box | None = None
    photo_there: bool | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the office knows of the form and of whom it was issued to; None: not known, and not compared.

    kinds: which forms are allowed for where the person lives. attesters: names of the bodies that may attest
    there. used_numbers: certificate numbers on sheets accepted before. agent_years: for how many years in a
    row, up to the last one, an agent brought it.
    """

    name: str
    identity: str
    token: str | None = None
    form_number: str | None = None
    personal_number: str | None = None
    kinds: frozenset[Kind] = frozenset(Kind)
    attesters: tuple[str, ...] = ()
    used_numbers: frozenset[str] = frozenset()
    agent_years: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the policy asks. Dates on the sheet lie from ``opens`` to ``today``."""

    year: int
    opens: date
    today: date
    authority_days: int = 30
    agent_years: int = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says: ``ok`` True, False, or None where it cannot be told.

    ``detail`` is what the sheet says about it, or a word for what is the matter: it stands beside the rule
    for the reviewer and may name a person.
    """

    rule: str
    ok: bool | None
    detail: str = ""
