"""What other offices give us, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.registry.models import Area

from ..errors import CodeTaken, GroundMissing
from ..models import Source


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source is: see ``models.Source``."""

    area: Area
    code: str
    name: str
    kind: str
    says: str
    ground: str
    purpose: str
    trust: int
    fresh_days: int
    columns: dict[str, str] = field(default_factory=dict)
    active: bool = True


@transaction.atomic
def save_source(terms: Terms, actor: Actor, source: Source | None = None) -> Source:
    """Add a source, or change ``source``; what a known one says is not changed by it.

    Raises CodeTaken, GroundMissing.
    """
    if Source.objects.filter(code=terms.code).exclude(pk=source and source.pk).exists():
        raise CodeTaken()
    if not terms.ground.strip() or not terms.purpose.strip():
        raise GroundMissing()
    if source is None:
        source = Source(area=terms.area, says=terms.says)
    else:
        source = Source.objects.select_for_update(of=("self",)).get(pk=source.pk)
    for name in ("code", "name", "kind", "ground", "purpose", "trust", "fresh_days", "columns", "active"):
        setattr(source, name, getattr(terms, name))
    source.save()
    record(
        "matching.source_saved",
        actor,
        area=source.area_id,
        source=source.code,
        kind=source.kind,
        says=source.says,
        trust=source.trust,
        fresh_days=source.fresh_days,
        active=source.active,
    )
    return source
