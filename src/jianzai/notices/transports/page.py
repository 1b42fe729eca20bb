"""A message on the person's own page: it has reached them once they saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jianzai.registry.models import Beneficiary

from ..kinds import TO_FAMILY, Kind
from ..models import Notice
from ..wording import words

KINDS = frozenset(Kind) - TO_FAMILY


def reaches(person: Beneficiary, phone: str = "") -> bool:
    """Whoever can sign in; and that is everybody."""
    return True


@dataclass(frozen=True, slots=True)
class Message:
    """A notice as its reader sees it, in the language of the request. ``kind`` is a Kind's value."""

    kind: str
    made: datetime
    text: str

    def __str__(self) -> str:
        return self.text


def message(notice: Notice) -> Message:
    """``notice`` in the language of the request."""
    return Message(notice.kind, notice.made, words(notice, "page"))
