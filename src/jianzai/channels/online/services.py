"""Signing in with name and identity number, with a bound on guessing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from jianzai.registry.identity import normalised
from jianzai.registry.models import Beneficiary
from jianzai.registry.queries import find_person
from jianzai.vault import vault

from .models import SignInFailures
from .rules import ADDRESS, IDENTITY, Limit, Wait, wait_needed

Found = TypeVar("Found")


def sign_in(name: str, number: str, address: str | None) -> Beneficiary | Wait | None:
    """The person with this name and identity number; None when there is none; Wait after too many tries."""
    return bounded("sign-in", number, address, lambda: find_person(name, number))


@transaction.atomic
def bounded(
    door: str, number: str, address: str | None, find: Callable[[], Found | None]
) -> Found | Wait | None:
    """What ``find`` finds for somebody who typed ``number``; None when nobody; Wait after too many tries.

    Failures are counted for the typed number, whether or not anyone has it, for each ``door`` by itself, and
    for the client's address. Both counts are locked while ``find`` compares, so guesses sent at once are
    counted one by one.
    """
    now = timezone.now()
    limits = {vault().lookup(f"{door} identity {normalised(number)}"): IDENTITY}
    if address:
        limits[vault().lookup(f"sign-in address {address}")] = ADDRESS
    counts = [_locked(key, now) for key in sorted(limits)]
    waits = [
        wait
        for count in counts
        if (wait := wait_needed(limits[bytes(count.key)], count.count, count.last, now)) is not None
    ]
    if waits:
        return max(waits, key=lambda wait: (wait.capped, wait.seconds))
    found = find()
    for count in counts:
        limit = limits[bytes(count.key)]
        if found is None:
            _count_failure(count, limit, now)
        elif limit is IDENTITY:  # an address is not forgiven for one success among its guesses
            SignInFailures.objects.filter(pk=count.pk).update(count=0, last=now)
    return found


def forget_failures(now: datetime) -> int:
    """Delete counts that no longer cost anyone anything, and return how many. For a periodic job."""
    return SignInFailures.objects.filter(last__lt=now - IDENTITY.forgotten).delete()[0]


def _locked(key: bytes, now: datetime) -> SignInFailures:
    SignInFailures.objects.get_or_create(key=key, defaults={"last": now})
    return SignInFailures.objects.select_for_update().get(key=key)


def _count_failure(count: SignInFailures, limit: Limit, now: datetime) -> None:
    earlier = 0 if now - count.last >= limit.forgotten else count.count
    SignInFailures.objects.filter(pk=count.pk).update(count=earlier + 1, last=now)
