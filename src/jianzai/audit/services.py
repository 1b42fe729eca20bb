"""Writing the record: who acted, and ``record`` for every act that changes a person's standing."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from jianzai.audit import chain
from jianzai.audit.heads import (
    Head,
    HeadUnusable,
    export_head,
    heads_folder,
    newest_head,
    read_head,
    signed_head,
)
from jianzai.audit.models import AuditEntry
from jianzai.audit.verification import ChainVerdict, verify

__all__ = [
    "Actor",
    "ChainVerdict",
    "Head",
    "HeadUnusable",
    "Person",
    "client_address",
    "export_head",
    "heads_folder",
    "newest_head",
    "read_head",
    "record",
    "signed_head",
    "verify",
]


_HELPER = "helper:"


class Person(Protocol):
    """What the record needs of a beneficiary; this part knows no registry."""

    key: Any
    area_id: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from which network address (None where no request was made)."""

    name: str
    address: str | None = None

    SYSTEM: ClassVar[Actor]

    @classmethod
    def staff(cls, staff: Any, address: str | None = None) -> Actor:
        """A member of staff (a registry.Staff)."""
        return cls(f"staff:{staff.user.get_username()}", address)

    @classmethod
    def command_line(cls, staff: Any) -> Actor:
        """Whoever runs this machine, in the name of a member of staff, which nobody checked."""
        return cls(f"command-line:{staff.user.get_username()}")

    @classmethod
    def helping(cls, helper: int, address: str | None = None) -> Actor:
        """Somebody who acts for a beneficiary, by the number they are kept under."""
        return cls(f"{_HELPER}{helper}", address)

    @property
    def helper(self) -> int | None:
        """The number of who acts for a beneficiary; None for everybody else."""
        return int(self.name.removeprefix(_HELPER)) if self.name.startswith(_HELPER) else None

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """Who makes this request: a member of staff, an access token (``request.auth``), or the person."""
        address = client_address(request)
        if token := getattr(getattr(request, "auth", None), "name", None):
            return cls(f"token:{token}", address)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            return cls(f"staff:{user.get_username()}", address)
        return cls("person", address)


Actor.SYSTEM = Actor("system")


def client_address(request: HttpRequest) -> str | None:
    """The client's address; behind our own proxy the one it names last, since clients can write the rest."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        address = forwarded.rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def record(
    act: str, actor: Actor, *, person: Person | None = None, area: str = "", **details: Any
) -> AuditEntry:
    """Write down one act, within the transaction that does it: both are kept, or neither is.

    act: what was done, as ``<part>.<verb>`` (``benefits.paused``). area: defaults to the person's.
    details: numbers, texts, dates, and lists and mappings of these; no names and no identity numbers.
    The entry takes its place in the chain when the transaction commits.
    """
    at = timezone.now()
    subject = str(person.key) if person else ""
    area = area or (person.area_id if person else "")
    kept = chain.plain(details)
    return AuditEntry.objects.create(
        at=at,
        actor=actor.name,
        address=actor.address,
        act=act,
        subject=subject,
        area=area,
        details=kept,
        digest=chain.digest(at, actor.name, actor.address, act, subject, area, kept),
    )
