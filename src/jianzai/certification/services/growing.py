"""References that grow by what surely shows the person; the rule is ``jianzai.faces.growth``."""

from __future__ import annotations

from django.conf import settings

from jianzai.audit.services import Actor, record
from jianzai.faces import Observations
from jianzai.faces.growth import MOST, addition, grown

from ..engine import cohort, engine
from ..models import Attempt, ReferenceFace
from ..sealing import open_reference, seal_grown
from .consents import LETS_GROW


def grow(attempt: Attempt, observations: Observations, actor: Actor) -> bool:
    """Add the best embedding of a capture that certified its person to the reference; whether it was.

    ``attempt`` is what certified, so that a reference grows once a cycle at most. Only where the person's
    consent says so, and where the reference is still the one in use that a clerk confirmed. Within the
    caller's transaction.
    """
    consent = attempt.session.consent
    if not settings.REFERENCES_GROW or consent is None or consent.text_version not in LETS_GROW:
        return False
    # Whoever changes the reference at this moment may wait for the capture's own rows: it grows another time.
    locked = ReferenceFace.objects.select_for_update(of=("self",), skip_locked=True)
    rows = locked.select_related("person")
    in_use = rows.filter(state=ReferenceFace.State.ACTIVE, confirmed__isnull=False)
    row = in_use.filter(pk=attempt.reference_id).first()
    if row is None:
        return False
    reference = open_reference(row)
    networks, strangers = engine(row.pack), cohort(row.pack, row.person_id)
    added = addition(
        networks.pack, observations, reference, lambda seen, known: networks.compare(seen, known, strangers)
    )
    if added is None:
        return False
    row.grown = seal_grown(row.person.key, grown(reference, added))
    row.grown_from = [*row.grown_from, {"attempt": attempt.pk, "on": attempt.on.isoformat()}][-MOST:]
    row.save(update_fields=["grown", "grown_from"])
    record(
        "certification.reference_grown",
        actor,
        person=row.person,
        reference=str(row.pk),
        attempt=attempt.pk,
        additions=len(row.grown_from),
    )
    return True
