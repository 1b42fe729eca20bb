"""The signed head of the chain, exported daily: what the chain can later be held against."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from jianzai.audit import chain
from jianzai.audit.models import ChainLink
from jianzai.sentences import say
from jianzai.vault import vault


class HeadUnusable(ValueError):
    """A file that is no head, or whose signature is not ours; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at one instant: its length in entries and its last hash (32 bytes)."""

    position: int
    hash: bytes
    at: datetime

    def signed(self) -> dict[str, str | int]:
        """The head as JSON with its Ed25519 signature."""
        return {**self._plain(), "signature": vault().sign(self._message()).hex()}

    def _plain(self) -> dict[str, str | int]:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return {**asdict(self), "hash": self.hash.hex(), "at": at}

    def _message(self) -> bytes:
        return b"jianzai audit head\n" + json.dumps(self._plain(), sort_keys=True).encode()

    @classmethod
    def from_signed(cls, content: dict) -> Head:
        """The head in what ``signed`` gave. Raises HeadUnusable."""
        try:
            head = cls(
                int(content["position"]),
                bytes.fromhex(content["hash"]),
                datetime.fromisoformat(content["at"]),
            )
            signature = bytes.fromhex(content["signature"])
        except (KeyError, TypeError, ValueError) as error:
            raise HeadUnusable(say("audit.head_unreadable")) from error
        if not vault().verify(head._message(), signature):
            raise HeadUnusable(say("audit.head_not_ours"))
        return head


def current_head() -> Head:
    """Where the chain ends now, this transaction's own entries included."""
    link_own_entries()
    last = ChainLink.objects.order_by("position").last()
    position, end = (last.position, bytes(last.hash)) if last else (0, chain.START)
    return Head(position, end, timezone.now())


def signed_head() -> dict[str, str | int]:
    """The current head, signed."""
    return current_head().signed()


def heads_folder() -> Path:
    """Where the daily heads of this deployment lie."""
    return settings.HOME / "audit-heads"


def export_head(folder: Path) -> Path:
    """Write the signed head into ``folder`` and return the file; one a day and length, never overwritten.

    The folder wants to be copied away from the machine: whoever can rewrite the chain and the folder
    together leaves no trace in them.
    """
    head = current_head()
    path = folder / f"{head.at.astimezone(UTC):%Y-%m-%d}-{head.position}.json"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    unfinished.write_text(json.dumps(head.signed(), indent=1) + "\n")
    unfinished.replace(path)
    return path


def read_head(path: Path) -> Head:
    """The head in an exported file. Raises HeadUnusable, or OSError where the file cannot be read."""
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise HeadUnusable(say("audit.head_unreadable")) from error
    return Head.from_signed(content)


def newest_head(folder: Path) -> Head | None:
    """The head in ``folder`` that knew most entries, None where there is none.

    By what the files say, not by their names, which nobody signed. Raises HeadUnusable where one is no head
    or the newest one's signature is not ours: somebody was there.
    """
    positions = {path: _claimed_position(path) for path in folder.glob("*.json")}
    if not positions:
        return None
    newest = max(positions, key=positions.__getitem__)
    try:
        return read_head(newest)
    except HeadUnusable as error:
        raise HeadUnusable(f"{newest}: {error}") from error


def _claimed_position(path: Path) -> int:
    try:
        return int(json.loads(path.read_bytes())["position"])
    except (KeyError, TypeError, ValueError) as error:
        raise HeadUnusable(f"{path}: {say('audit.head_unreadable')}") from error


def link_own_entries() -> None:
    """Give this transaction's entries their places now instead of at its commit."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS audit_entry_linked IMMEDIATE")
            cursor.execute("SET CONSTRAINTS audit_entry_linked DEFERRED")
