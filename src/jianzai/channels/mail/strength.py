"""What a paper counts for, by the policy of its cycle: papers that come to ENOUGH together certify."""

from __future__ import annotations

from jianzai.certification.queries import current_cycle, policy_of
from jianzai.entitlement import Policy

from .payload import Kind

ENOUGH = 3


def strength(policy: Policy, kind: Kind) -> int:
    """0 to 3; a form of ours that was attested is enough, 0 is not taken."""
    if kind == Kind.LETTER:
        return policy.letter_strength
    if kind == Kind.NEWSPAPER:
        return policy.newspaper_strength
    return ENOUGH


def strength_of(kind: Kind) -> int:
    """The strength of ``kind`` in the current cycle; 0 where none is open."""
    cycle = current_cycle()
    return strength(policy_of(cycle), kind) if cycle else 0
