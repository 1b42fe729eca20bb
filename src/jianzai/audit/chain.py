"""The canonical form of an entry and the hash that links it: pure functions, to be read by an auditor."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

START = bytes(32)
"""What the first entry's link stands on."""

_EXACT = 2**53
"""JSON numbers are exchanged exactly up to here (RFC 7493, section 2.2)."""


def plain(value: Any) -> Any:
    """``value`` as JSON that a database gives back the same.

    Dates, instants and UUIDs become text, tuples lists, whole floats integers. Raises TypeError for what
    has no such form and ValueError for numbers beyond 2**53, infinities and NaN.
    """
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int() | float():
            if not abs(value) <= _EXACT:
                raise ValueError(f"{value} does not go into an audit entry exactly: write it as text")
            return int(value) if value == int(value) else float(value)
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case list() | tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no place in an audit entry")


def digest(
    at: datetime, actor: str, address: str | None, act: str, subject: str, area: str, details: dict
) -> bytes:
    """SHA-256 of an entry: over the UTF-8 of a JSON list of its columns, keys sorted, no white space.

    ``at`` is an aware instant, written in UTC to the microsecond; ``details`` is what ``plain`` gave.
    """
    columns = [
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor,
        str(ipaddress.ip_address(address)) if address else None,
        act,
        subject,
        area,
        details,
    ]
    text = json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


def link(previous: bytes, position: int, entry: int, entry_digest: bytes) -> bytes:
    """The hash of a place in the chain, as the trigger in migration 0002 computes it."""
    numbers = position.to_bytes(8, "big") + entry.to_bytes(8, "big")
    return hashlib.sha256(bytes(previous) + numbers + bytes(entry_digest)).digest()
