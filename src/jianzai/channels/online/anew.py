"""What the site says to somebody whose own scores fall: where a new model of their face is made."""

from __future__ import annotations

from dataclasses import dataclass

from jianzai.certification.queries import current_obligation, policy_of, to_be_modelled_anew
from jianzai.notices.transports.letter import nearest, stations
from jianzai.registry.models import Beneficiary, ServicePoint


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where to be modelled anew: the nearest station, where one is known, and whether at home too."""

    point: ServicePoint | None
    at_home: bool


def proposal(person: Beneficiary) -> Proposal | None:
    """What ``person`` is told of a new model; None where none is proposed."""
    if not to_be_modelled_anew(person):
        return None
    obligation = current_obligation(person)
    at_home = obligation is not None and policy_of(obligation.cycle).self_enrolment_allowed
    return Proposal(nearest(person, stations()), at_home)
