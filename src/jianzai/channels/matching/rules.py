"""Which signs of life together certify. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from jianzai.entitlement import Policy


@dataclass(frozen=True, slots=True)
class LifeSign:
    """That somebody was alive ``on`` a day, by exact match; ``trust`` 0 to 3 is its source's."""

    number: int
    source: int
    trust: int
    on: date
    expires: date


def enough(signs: Iterable[LifeSign], policy: Policy, opens: date, as_of: date) -> list[LifeSign]:
    """The newest signs whose trust adds up to what the policy asks; empty where all of them do not.

    A source counts once, with its newest sign. Only signs of the cycle (from ``opens`` on), not older than
    ``match_days`` and not expired count; a source without trust never does. The day they prove together is
    that of the oldest one.
    """
    if not policy.match_strength:
        return []
    oldest = max(opens, as_of - timedelta(days=policy.match_days))
    newest: dict[int, LifeSign] = {}
    for sign in signs:
        if sign.trust and oldest <= sign.on <= as_of <= sign.expires:
            known = newest.get(sign.source)
            if known is None or (sign.on, sign.number) > (known.on, known.number):
                newest[sign.source] = sign
    chosen, strength = [], 0
    for sign in sorted(newest.values(), key=lambda each: (each.on, each.trust, each.number), reverse=True):
        chosen.append(sign)
        strength += sign.trust
        if strength >= policy.match_strength:
            return chosen
    return []
