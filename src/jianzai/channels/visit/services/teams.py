"""The teams that go out."""

from __future__ import annotations

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.registry.models import Area

from ..errors import NameTaken
from ..models import Team


@transaction.atomic
def save_team(
    name: str, area: Area, capacity: int, actor: Actor, *, active: bool = True, team: Team | None = None
) -> Team:
    """Add a team, or change ``team``. What was booked stays booked, also where it now makes fewer visits.

    Raises NameTaken for a name that another team of the area has.
    """
    if Team.objects.filter(area=area, name=name.strip()).exclude(pk=team and team.pk).exists():
        raise NameTaken()
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk) if team else Team()
    team.name, team.area, team.capacity, team.active = name.strip(), area, capacity, active
    team.save()
    record("visit.team_saved", actor, area=area.code, team=team.pk, capacity=capacity, active=active)
    return team
