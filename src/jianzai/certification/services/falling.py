"""Scores of a person that fall propose a new model; the rule is ``jianzai.faces.drift``."""

from __future__ import annotations

from jianzai.audit.services import Actor, record
from jianzai.faces.comparison import deciding
from jianzai.faces.drift import Point, falls, margin
from jianzai.faces.models import packs
from jianzai.faces.records import from_json
from jianzai.faces.types import Comparison

from ..models import Certification, ReferenceFace
from ..signals import scores_fall


def look_whether_scores_fall(certification: Certification, actor: Actor) -> None:
    """Keep with the reference that gave ``certification`` since when its person's scores fall, if they do.

    That proposes a new model and decides nothing. Within the caller's transaction.
    """
    attempt = certification.attempt
    if attempt is None or attempt.reference_id is None:
        return
    # Whoever changes the reference at this moment may wait for the capture's own rows: it is told next time.
    locked = ReferenceFace.objects.select_for_update(of=("self",), skip_locked=True)
    row = locked.filter(pk=attempt.reference_id, state=ReferenceFace.State.ACTIVE).first()
    if row is None:
        return
    fall, known = falls(_points(row)), row.falling_since is not None
    if fall != known:
        row.falling_since = certification.on if fall else None
        row.save(update_fields=["falling_since"])
    if fall and not known:
        record("certification.scores_fall", actor, person=certification.person, reference=str(row.pk))
    if fall:
        scores_fall.send(Certification, certification=certification)


def _points(reference: ReferenceFace) -> list[Point]:
    """What the certifications by ``reference`` scored, those that were measured as the last one was."""
    if (pack := packs().get(reference.pack)) is None:
        return []
    rows = Certification.objects.filter(attempt__reference=reference).exclude(attempt__comparison={})
    kept = rows.order_by("pk").values_list("on", "attempt__comparison")
    told = [(on, from_json(Comparison, comparison)) for on, comparison in kept]
    scored = [(on, found, deciding(found, pack)[1]) for on, found in told if found.score is not None]
    return [Point(on, margin(found, pack)) for on, found, point in scored if point == scored[-1][2]]
