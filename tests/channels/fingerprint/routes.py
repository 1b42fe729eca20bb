"""Every clerk's address of fingerprints, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from jianzai.registry.access import Permission as May
from tests.registry.access_matrix import Route

F = "/console/fingerprint/{person}"
ROUTES = {
    "fingers": Route(F, May.CERTIFY_IN_PERSON),
    "enrol": Route(f"{F}/enrol", May.CERTIFY_IN_PERSON, "post"),
    "verify": Route(f"{F}/verify", May.CERTIFY_IN_PERSON, "post"),
    "withdraw": Route(f"{F}/withdraw", May.CERTIFY_IN_PERSON, "post"),
}
TESTED_ELSEWHERE = {}


def rows(person) -> dict:
    """Nothing but the person."""
    return {}
