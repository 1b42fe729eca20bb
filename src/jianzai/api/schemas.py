"""What crosses the API's boundary."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

# PostgreSQL's texts hold no NUL, and paths cannot hold an empty segment.
PersonalNumber = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[^\x00/]+$")]
Cursor = Annotated[int, Field(ge=0, le=2**63 - 1, description="The last cursor got; 0 for the beginning.")]
PageSize = Annotated[int, Field(ge=1, le=1000)]


class PersonStatus(Schema):
    """Where a person stands in the latest cycle. ``benefit``: paying, paused or ended."""

    personal_number: str
    year: int
    status: str
    due: date
    certified_on: date | None
    benefit: str


class CertificationRow(Schema):
    """One certification. It is never changed and never withdrawn."""

    cursor: int
    personal_number: str
    year: int
    on: date
    at: datetime
    channel: str
    serial: str


class CertificationPage(Schema):
    """``next`` is the cursor to ask with next time, also when nothing is new."""

    items: list[CertificationRow]
    next: int


class OrderRow(Schema):
    """One order to the payer; months are YYYY-MM, amounts whole fen."""

    sequence: int
    kind: str
    personal_number: str
    effective_month: str
    monthly_fen: int
    arrears_fen: int
    instalments: int
    overpaid_fen: int
    state: str
    rejection: str


class OrderPage(Schema):
    """``next`` is the cursor to ask with next time. An order's ``state`` may change after it was listed."""

    items: list[OrderRow]
    next: int


class FileRow(Schema):
    """An exported order file; its CSV text is in ``content``, ``sha256`` of its UTF-8 bytes."""

    sequence: int
    made: datetime
    orders: int
    total_fen: int
    sha256: str
    content: str


class AcknowledgementResult(Schema):
    """How many orders the payer accepted and rejected; ``unchanged`` had the same answer before."""

    accepted: int
    rejected: int
    unchanged: int


class Asked(Schema):
    """One action of a challenge and the seconds it may take."""

    action: str
    limit: float


class ChallengeOpened(Schema):
    """What the person is to do, in order, on one video that is sent before ``until``."""

    session: UUID
    prompts: list[Asked]
    until: datetime


class Outcome(Schema):
    """What came of a verification. ``similarity`` is 0 to 100, 60 at the threshold."""

    certified: bool
    decision: str
    live: bool
    similarity: int
    reasons: list[str]
    case: bool
    certification: str | None
