"""What the verbs share: rights, locks, the policy a person is under, numbers without gaps."""

from __future__ import annotations

from django.db import connection

from jianzai.certification.models import Obligation
from jianzai.certification.policies import policy_in_force
from jianzai.certification.services import policy_of
from jianzai.entitlement import Policy
from jianzai.registry.access import Permission, may
from jianzai.registry.models import Beneficiary, Staff

from ..errors import NotAllowed
from ..models import Benefit


def require(staff: Staff, permission: Permission, area_code: str) -> None:
    """Raises NotAllowed unless ``staff`` has ``permission`` over ``area_code``."""
    if not may(staff, permission, area_code):
        raise NotAllowed()


def lock_obligations(person: Beneficiary) -> list[Obligation]:
    """All obligations of ``person``, locked, the oldest first: nobody else changes a standing meanwhile.

    The person is locked too, but after the last obligation: taken with each of them, it would be held while
    waiting for the next one, which somebody may hold who waits for the person.
    """
    obligations = Obligation.objects.select_for_update(of=("self",)).select_related("cycle")
    locked = list(obligations.filter(person=person).order_by("cycle__year"))
    Beneficiary.objects.select_for_update().get(pk=person.pk)
    return locked


def lock_benefit(person: Beneficiary) -> Benefit:
    """The benefit of ``person``, locked; made, as paid, when there is none yet."""
    Benefit.objects.bulk_create([Benefit(person=person)], ignore_conflicts=True)
    return Benefit.objects.select_for_update().get(person=person)


def set_state(benefit: Benefit, state: Benefit.State) -> None:
    benefit.state = state
    benefit.save(update_fields=["state", "changed"])


def policy_for(person: Beneficiary) -> Policy:
    """The policy of the person's latest cycle; before their first one, what this deployment starts with."""
    latest = person.obligations.select_related("cycle").order_by("-cycle__year").first()
    return policy_of(latest.cycle) if latest else policy_in_force()


def next_number(counter: str) -> int:
    """The next of the numbers 1, 2, 3, ...

    The counter's row stays locked until the transaction ends: numbers are committed in their order, and one
    whose transaction fails is given out again, so there is never a gap. Call it last.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO benefits_counter (name, last) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET last = benefits_counter.last + 1 RETURNING last",
            [counter],
        )
        return cursor.fetchone()[0]
