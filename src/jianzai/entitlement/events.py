"""What can happen to one person's duty to certify: facts, each with its day.

Events are told as they become known, which may be later and in another order than they happened. Telling
one again changes nothing, but for a death told again after it was withdrawn. A case is the fold of its
events (``status.replay``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .months import Month
from .plain import from_plain, to_plain


class HoldKind(StrEnum):
    """Why a pause waits."""

    REVIEW = "review"  # 人工复核: an honest attempt failed and awaits a clerk; bounded by the policy
    VISIT = "visit"  # 上门认证: a home visit is requested or booked
    FORM = "form"  # an attestation form 协查表 arrived and awaits its decision
    HARDSHIP = "hardship"  # 特殊困难: staff asked for patience, with a reason on file


@dataclass(frozen=True, slots=True)
class Certified:
    """The person proved alive on ``on``: the day of the evidence, not of the decision about it."""

    on: date
    in_person: bool = False  # met by staff: at a counter, at home, or before an attesting body


@dataclass(frozen=True, slots=True)
class HoldOpened:
    """``case`` (a review, visit or form number) holds the pause through ``until``, the last day.

    Told again for the same case with a later ``until``, it is prolonged.
    """

    on: date
    until: date
    kind: HoldKind
    case: str


@dataclass(frozen=True, slots=True)
class HoldClosed:
    """``case`` was decided on ``on`` and holds no longer, from that day. It cannot open again."""

    on: date
    case: str


@dataclass(frozen=True, slots=True)
class ContactLogged:
    """The person was reminded on ``on`` by ``channel`` (sms, letter, ...); one a day and channel counts."""

    on: date
    channel: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Payment was ordered stopped on ``on``, first unpaid month ``effective_month``."""

    on: date
    effective_month: Month


@dataclass(frozen=True, slots=True)
class PauseUndone:
    """The pause was an error and is taken back on ``on``, with everything withheld."""

    on: date


@dataclass(frozen=True, slots=True)
class DeathConfirmed:
    """Staff confirmed on ``on``, from a document, that the person died on ``died_on``."""

    died_on: date
    on: date


@dataclass(frozen=True, slots=True)
class DeathWithdrawn:
    """The death confirmed as of ``died_on`` was an error and is taken back on ``on``: the person is alive."""

    died_on: date
    on: date


Event = (
    Certified
    | HoldOpened
    | HoldClosed
    | ContactLogged
    | Paused
    | PauseUndone
    | DeathConfirmed
    | DeathWithdrawn
)

_KINDS: dict[str, type[Event]] = {
    "certified": Certified,
    "hold_opened": HoldOpened,
    "hold_closed": HoldClosed,
    "contact_logged": ContactLogged,
    "paused": Paused,
    "pause_undone": PauseUndone,
    "death_confirmed": DeathConfirmed,
    "death_withdrawn": DeathWithdrawn,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def event_to_dict(event: Event) -> dict[str, Any]:
    """``event`` as JSON values, its kind under ``event``."""
    return {"event": _NAMES[type(event)], **to_plain(event)}


def event_from_dict(plain: dict[str, Any]) -> Event:
    """The event that ``event_to_dict`` wrote. Raises ValueError for anything else."""
    values = dict(plain)
    name = values.pop("event", None)
    if name not in _KINDS:
        raise ValueError(f"no such event: {name!r}")
    return from_plain(_KINDS[name], values)
