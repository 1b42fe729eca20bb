"""Cycles, obligations and the one writer of standings."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.entitlement import PRESETS, Event, Policy, Standing, apply, cycle_for, event_to_dict
from jianzai.entitlement import open_cycle as open_standing
from jianzai.registry.models import Beneficiary

from ..models import Cycle, Obligation, ObligationEvent

_AT_ONCE = 2000


def open_cycle(year: int, actor: Actor, preset: str | None = None) -> Cycle:
    """Open the cycle of ``year`` with an obligation for everyone alive; again, it adds who came since.

    A city takes minutes; whoever cannot wait for them declares the cycle and has the worker enlist people.
    Raises KeyError for an unknown preset.
    """
    cycle = declare_cycle(year, actor, preset)
    enlist(cycle)
    return cycle


@transaction.atomic
def declare_cycle(year: int, actor: Actor, preset: str | None = None) -> Cycle:
    """Open the cycle of ``year`` with nobody in it yet; again, it is the same one. See ``enlist``.

    The policy in force is copied into the cycle, so that a later change of policy does not rewrite it.
    Raises KeyError for an unknown preset.
    """
    policy = PRESETS[preset or settings.POLICY_PRESET]
    dates = cycle_for(policy, year)
    cycle, opened = Cycle.objects.get_or_create(
        year=year,
        defaults={"policy": policy.to_dict(), "opens": dates.opens, "deadline": dates.deadline},
    )
    if opened:
        record("certification.cycle_opened", actor, year=year, policy=policy.name)
    return cycle


def enlist(cycle: Cycle) -> int:
    """Give an obligation to everyone alive who has none yet (newly retired, newly imported); how many.

    A transaction for every few thousand people: whoever signs in meanwhile is enlisted on the spot
    (``ensure_obligation``) and would wait for the end of the one that has them. Again, it carries on.
    """
    owing = Beneficiary.objects.filter(died_on__isnull=True).exclude(obligations__cycle=cycle).order_by("id")
    enlisted = 0
    while people := list(owing[:_AT_ONCE]):
        Obligation.objects.bulk_create(_obligations(cycle, people), ignore_conflicts=True)
        enlisted += len(people)
    return enlisted


def ensure_obligation(person: Beneficiary, cycle: Cycle) -> Obligation:
    """The obligation of ``person`` in ``cycle``, made when absent (someone who retired after it opened)."""
    if found := Obligation.objects.filter(person=person, cycle=cycle).first():
        return found
    Obligation.objects.bulk_create(_obligations(cycle, [person]), ignore_conflicts=True)
    return Obligation.objects.get(person=person, cycle=cycle)


@transaction.atomic
def record_event(obligation: Obligation, event: Event, actor: Actor) -> Obligation:
    """Apply ``event`` to the obligation's standing; the only writer of standings.

    Locks the row, so events of one obligation are ordered. An event that changes nothing leaves no trace.
    Raises jianzai.entitlement.IllegalEvent with nothing written.
    """
    locked = (
        Obligation.objects.select_for_update(of=("self", "person"))  # not the cycle: everybody shares it
        .select_related("cycle", "person")
        .get(pk=obligation.pk)
    )
    before = Standing.from_dict(locked.standing)
    after = apply(policy_of(locked.cycle), before, event)
    if after != before:
        locked.standing, locked.status, locked.due = after.to_dict(), after.status, after.due
        locked.save(update_fields=["standing", "status", "due"])
        ObligationEvent.objects.create(obligation=locked, event=event_to_dict(event))
        record(
            "certification.standing",
            actor,
            person=locked.person,
            year=locked.cycle.year,
            event=event_to_dict(event),
            was=before.status,
            became=after.status,
        )
    obligation.standing, obligation.status, obligation.due = locked.standing, locked.status, locked.due
    return obligation


def policy_of(cycle: Cycle) -> Policy:
    """The policy the cycle was opened under."""
    return Policy.from_dict(cycle.policy)


def _obligations(cycle: Cycle, people: list[Beneficiary]) -> list[Obligation]:
    """New obligations of ``people``, each starting from where the person's last cycle left them."""
    policy = policy_of(cycle)
    previous = {
        row.person_id: Standing.from_dict(row.standing)
        for row in Obligation.objects.filter(person__in=people, cycle__year__lt=cycle.year)
        .order_by("person_id", "-cycle__year")
        .distinct("person_id")
    }
    rows = []
    for person in people:
        standing = open_standing(policy, cycle.year, previous=previous.get(person.pk))
        rows.append(
            Obligation(
                cycle=cycle,
                person=person,
                standing=standing.to_dict(),
                status=standing.status,
                due=standing.due,
            )
        )
    return rows
