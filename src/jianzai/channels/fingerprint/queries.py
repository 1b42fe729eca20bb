"""What pages read of fingerprints."""

from __future__ import annotations

from jianzai.registry.models import Beneficiary

from .reading import enabled


def prints_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person; None where the way is off and nothing of theirs is kept."""
    kept = list(person.prints.all())
    if not enabled() and not kept:
        return None
    return {"prints": kept, "checks": list(person.print_checks.all()[:5]), "on": enabled()}
