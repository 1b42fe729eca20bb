"""What pages read of fingerprints."""

from __future__ import annotations

from jianzai.certification.queries import current_obligation, standing_of
from jianzai.registry.models import Beneficiary

from .reading import enabled


def prints_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person; None where the way is off and nothing of theirs is kept."""
    kept = list(person.prints.all())
    if not enabled() and not kept:
        return None
    obligation = current_obligation(person)
    due = obligation is not None and not person.died_on and not standing_of(obligation).certified_on
    return {"prints": kept, "checks": list(person.print_checks.all()[:5]), "on": enabled(), "due": due}
