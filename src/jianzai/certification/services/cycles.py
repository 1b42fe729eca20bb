"""Cycles, obligations and the one writer of standings."""

from __future__ import annotations

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.entitlement import (
    Event,
    Standing,
    apply,
    cycle_for,
    event_from_dict,
    event_to_dict,
    replay_after,
)
from jianzai.entitlement import open_cycle as open_standing
from jianzai.registry.models import Beneficiary

from ..errors import CycleTooEarly, CycleTooLate
from ..models import Cycle, Obligation, ObligationEvent
from ..policies import policy_in_force
from ..queries import policy_of

_AT_ONCE = 2000


def open_cycle(year: int, actor: Actor, policy: str | None = None) -> Cycle:
    """Open the cycle of ``year`` with an obligation for everyone alive; again, it adds who came since.

    A city takes minutes; whoever cannot wait for them declares the cycle and has the worker enlist people.
    Raises what ``declare_cycle`` raises.
    """
    cycle = declare_cycle(year, actor, policy)
    enlist(cycle)
    return cycle


@transaction.atomic
def declare_cycle(year: int, actor: Actor, policy: str | None = None) -> Cycle:
    """Open the cycle of ``year`` with nobody in it yet; again, it is the same one. See ``enlist``.

    The policy in force (certification.policies) is copied into the cycle, so that a later change of policy
    does not rewrite it. Cycles open one after the other and not ahead of time: whoever certifies is certified
    in the latest one, which would refuse what happened before it began.
    Raises CycleTooEarly, CycleTooLate, jianzai.entitlement.PolicyError.
    """
    if later := Cycle.objects.filter(year__gt=year).first():
        raise CycleTooLate(year=year, later=later.year)
    if known := Cycle.objects.filter(year=year).first():
        return known
    rules = policy_in_force(policy)
    dates = cycle_for(rules, year)
    if dates.opens > today():
        raise CycleTooEarly(year=year, opens=dates.opens)
    cycle, opened = Cycle.objects.get_or_create(
        year=year,
        defaults={
            "policy": rules.to_dict(),
            "opens": dates.opens,
            "deadline": dates.deadline,
            "declared": today(),
        },
    )
    if opened:
        record("certification.cycle_opened", actor, year=year, policy=rules.name)
    return cycle


def open_this_years_cycle(actor: Actor) -> Cycle | None:
    """Open this year's cycle where an earlier one is the latest, so that nobody has to remember it.

    None where there is nothing to do; the very first cycle is opened by staff.
    """
    latest = Cycle.objects.first()
    return open_cycle(today().year, actor) if latest and latest.year < today().year else None


def enlist(cycle: Cycle) -> int:
    """Give an obligation to everyone alive who has none yet (newly retired, newly imported); how many.

    A transaction for every few thousand people: whoever signs in meanwhile is enlisted on the spot
    (``ensure_obligation``) and would wait for the end of the one that has them. Again, it carries on.
    """
    owing = Beneficiary.objects.filter(died_on__isnull=True).exclude(obligations__cycle=cycle).order_by("id")
    enlisted = 0
    while people := list(owing[:_AT_ONCE]):
        _enlist(cycle, people)
        enlisted += len(people)
    return enlisted


def ensure_obligation(person: Beneficiary, cycle: Cycle) -> Obligation:
    """The obligation of ``person`` in ``cycle``, made when absent (someone who retired after it opened)."""
    if found := Obligation.objects.filter(person=person, cycle=cycle).first():
        return found
    _enlist(cycle, [person])
    return Obligation.objects.get(person=person, cycle=cycle)


@transaction.atomic
def record_event(obligation: Obligation, event: Event, actor: Actor) -> Obligation:
    """Apply ``event`` to the obligation's standing; the only writer of standings.

    Locks as ``lock_standing`` does, so events of one person are ordered. A cycle opened since took a duty not
    met over from this one, so its standing is told again with what is known now. An event that changes
    nothing leaves no trace. Raises jianzai.entitlement.IllegalEvent with nothing written.
    """
    locked, *later = lock_standing(obligation)
    before = Standing.from_dict(locked.standing)
    after = apply(policy_of(locked.cycle), before, event)
    if after != before:
        ObligationEvent.objects.create(obligation=locked, event=event_to_dict(event))
        _write(locked, after, actor, event=event_to_dict(event))
        for each in later:
            told = [event_from_dict(row.event) for row in each.events.all()]
            after = replay_after(policy_of(each.cycle), each.cycle.year, after, told)
            _write(each, after, actor, because_of=locked.cycle.year)
    obligation.standing, obligation.status, obligation.due = locked.standing, locked.status, locked.due
    return obligation


def lock_standing(obligation: Obligation) -> list[Obligation]:
    """``obligation`` and the same person's in later cycles, by year, locked, with the person read anew.

    The oldest is locked first; cases and benefits come after. The person is not locked: who changes what
    counts here of one (a death) holds the obligations, and a roster holds thousands of people for as long
    as it is read. Nor is the cycle: everybody shares it.
    """
    rows = Obligation.objects.select_for_update(of=("self",)).select_related("cycle")
    locked = rows.get(pk=obligation.pk)
    # Asked again under the first one's lock: somebody may just have been enlisted in the next cycle.
    later = rows.filter(person_id=locked.person_id, cycle__year__gt=locked.cycle.year).order_by("cycle__year")
    together = [locked, *later]
    person = Beneficiary.objects.get(pk=locked.person_id)
    for each in together:
        each.person = person
    return together


def _write(obligation: Obligation, after: Standing, actor: Actor, **why: object) -> None:
    was = obligation.status
    if after.to_dict() == obligation.standing:
        return
    obligation.standing, obligation.status, obligation.due = after.to_dict(), after.status, after.due
    obligation.save(update_fields=["standing", "status", "due"])
    record(
        "certification.standing",
        actor,
        person=obligation.person,
        year=obligation.cycle.year,
        was=was,
        became=after.status,
        **why,
    )


@transaction.atomic
def _enlist(cycle: Cycle, people: list[Beneficiary]) -> None:
    """New obligations of ``people``, each starting from where the person's last cycle left them."""
    policy = policy_of(cycle)
    # Locked, so that nothing becomes known of the last cycle between reading it and starting from it.
    earlier = Obligation.objects.select_for_update(of=("self",)).filter(
        person__in=people, cycle__year__lt=cycle.year
    )
    previous = {
        row.person_id: Standing.from_dict(row.standing)
        for row in earlier.order_by("person_id", "cycle__year")
    }
    joined_on = today() if today() > cycle.declared else None
    new = []
    for person in people:
        standing = open_standing(policy, cycle.year, previous=previous.get(person.pk), joined_on=joined_on)
        new.append(
            Obligation(
                cycle=cycle,
                person=person,
                standing=standing.to_dict(),
                status=standing.status,
                due=standing.due,
            )
        )
    Obligation.objects.bulk_create(new, ignore_conflicts=True)
