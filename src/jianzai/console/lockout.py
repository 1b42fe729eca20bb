"""Guessing passwords and codes is slowed down, by the username typed and by the address it comes from.

NIST SP 800-63B-4, rate limiting: after a few failures in a row each further one costs a wait that
doubles, up to an hour. Usernames that do not exist are counted like the others, so that nothing tells
them apart. A right password resets the count of its username, never that of the address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from jianzai.vault import vault

from .models import SignInFailures

FREE_PER_USERNAME = 5
FREE_PER_ADDRESS = 30
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


def locked_until(username: str, address: str | None) -> datetime | None:
    """Until when sign-in of this username or from this address is refused; None when it is open."""
    now = timezone.now()
    ends = [
        row.last + _wait(row.count - free)
        for key, free in _keys(username, address)
        for row in SignInFailures.objects.filter(key=key, count__gte=free)
    ]
    until = max(ends, default=now)
    return until if until > now else None


def count_failure(username: str, address: str | None) -> None:
    """One more failed attempt."""
    now = timezone.now()
    for key, _ in _keys(username, address):
        _, first = SignInFailures.objects.get_or_create(key=key, defaults={"count": 1, "last": now})
        if not first:
            SignInFailures.objects.filter(key=key).update(count=F("count") + 1, last=now)


def forget_failures(username: str) -> None:
    """The person signed in: their username starts from zero again."""
    SignInFailures.objects.filter(key=_username_key(username)).delete()


def _keys(username: str, address: str | None) -> list[tuple[bytes, int]]:
    keys = [(_username_key(username), FREE_PER_USERNAME)]
    if address:
        keys.append((vault().lookup(f"console address {address}"), FREE_PER_ADDRESS))
    return keys


def _username_key(username: str) -> bytes:
    return vault().lookup(f"console username {username.strip().casefold()}")


def _wait(beyond: int) -> timedelta:
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(beyond, 10))
