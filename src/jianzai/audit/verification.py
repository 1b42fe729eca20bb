"""Reading the record against itself, and against a head exported earlier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jianzai.audit import chain
from jianzai.audit.heads import Head, link_own_entries
from jianzai.audit.models import AuditEntry, ChainLink
from jianzai.sentences import say

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What ``verify`` found; as text, a sentence in the reader's language.

    entries: how many hold, counted from the start. broken_at: id of the first entry that does not.
    why: empty when ok, else ``changed``; ``deleted`` (its place is left); ``gap`` (places before it are
    missing); ``reordered``; ``inserted`` (it has no place); ``rewritten`` (the chain differs from the
    exported head); ``cut`` (the exported head knew more entries; ``broken_at`` is the last one left).
    """

    ok: bool
    entries: int
    broken_at: int | None = None
    why: str = ""

    def __str__(self) -> str:
        if self.ok:
            return say("audit.whole", entries=self.entries)
        return say(f"audit.{self.why}", entry=self.broken_at, entries=self.entries)


def verify(head: Head | None = None) -> ChainVerdict:
    """Walk the chain from its start and name the first link that does not hold.

    ``head`` is one exported earlier (``read_head``): the chain must still hold it, so that a cut tail or a
    chain that was computed anew shows. Reads in chunks: memory does not grow with the record.
    """
    link_own_entries()
    last, position = chain.START, 0
    for link, entry in _links():
        if entry is None:
            return ChainVerdict(False, position, link.entry_id, "deleted")
        if link.position != position + 1:
            return ChainVerdict(False, position, entry.id, "gap")
        if _digest(entry) != bytes(entry.digest):
            return ChainVerdict(False, position, entry.id, "changed")
        if bytes(link.previous) != last:
            return ChainVerdict(False, position, entry.id, "reordered")
        last, position = chain.link(last, link.position, entry.id, entry.digest), link.position
        if bytes(link.hash) != last:
            return ChainVerdict(False, position - 1, entry.id, "changed")
        if head and head.position == position and head.hash != last:
            return ChainVerdict(False, position - 1, entry.id, "rewritten")
    if (loose := AuditEntry.objects.filter(link__isnull=True).order_by("id").first()) is not None:
        return ChainVerdict(False, position, loose.id, "inserted")
    if head and head.position > position:
        last_entry = AuditEntry.objects.order_by("id").last()
        return ChainVerdict(False, position, last_entry.id if last_entry else None, "cut")
    return ChainVerdict(True, position)


def _links() -> Iterator[tuple[ChainLink, AuditEntry | None]]:
    position = 0
    while links := list(ChainLink.objects.filter(position__gt=position)[:_CHUNK]):
        entries = AuditEntry.objects.in_bulk([link.entry_id for link in links])
        for link in links:
            yield link, entries.get(link.entry_id)
        position = links[-1].position


def _digest(entry: AuditEntry) -> bytes:
    return chain.digest(
        entry.at, entry.actor, entry.address, entry.act, entry.subject, entry.area, entry.details
    )
