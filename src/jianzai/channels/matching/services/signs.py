"""What follows from records for one person: a hint opens a question, signs of life may certify."""

from __future__ import annotations

from django.db import transaction

from jianzai.audit.services import Actor
from jianzai.certification.errors import NotEntitled
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import current_obligation, policy_of, standing_of
from jianzai.certification.services import certify, lock_standing
from jianzai.clock import today
from jianzai.entitlement import IllegalEvent
from jianzai.registry.models import Beneficiary

from ..models import HINTS, Case, Says, Sign
from ..rules import LifeSign, enough
from .cases import hint


def settle_left() -> int:
    """See to everybody of whom there are new records; how many people. Killed, it is taken up again."""
    seen = 0
    while people := list(
        Sign.objects.filter(settled=False)
        .order_by("person")
        .values_list("person", flat=True)
        .distinct()[:500]
    ):
        for person in people:
            settle(Beneficiary.objects.get(pk=person), Actor.SYSTEM)
        seen += len(people)
    return seen


@transaction.atomic
def settle(person: Beneficiary, actor: Actor) -> Certification | None:
    """Do what follows from new records of ``person``; the certification, where they led to one.

    A hint opens a case, or joins the one there is. Signs of life certify by policy, and never while somebody
    has to look into a hint. Again, it changes nothing.
    """
    obligation = current_obligation(person)
    if obligation:
        lock_standing(obligation)  # before cases and signs, as certifying does
    person = Beneficiary.objects.get(pk=person.pk)
    new = Sign.objects.select_for_update(of=("self",)).filter(person=person, settled=False)
    signs = list(new.select_related("source").order_by("on", "id"))
    for sign in signs:
        if sign.says in HINTS and not sign.void and not person.died_on:
            hint(person, sign, actor)
    seen = Sign.objects.filter(pk__in=[sign.pk for sign in signs])
    seen.update(settled=True)
    seen.filter(case=None).update(details=None)  # of somebody who died nothing is asked
    return certify_by_signs(obligation, actor) if obligation else None


def certify_by_signs(obligation: Obligation, actor: Actor) -> Certification | None:
    """Certify a locked ``obligation`` by signs of life, where the policy lets them; else None.

    The certification is of the day that all of them prove: the oldest one's. A source with a record that was
    found not to be this person's counts no more.
    """
    person = Beneficiary.objects.get(pk=obligation.person_id)
    policy = policy_of(obligation.cycle)
    if not policy.match_strength or person.died_on:
        return None
    if Certification.objects.filter(obligation=obligation).exists():
        return None
    if Case.objects.filter(person=person, state=Case.State.OPEN).exists():
        return None
    wrong = Sign.objects.filter(person=person, says=Says.ALIVE, void=True).values("source")
    rows = Sign.objects.filter(person=person, says=Says.ALIVE, exact=True, void=False, source__active=True)
    signs = {sign.pk: sign for sign in rows.exclude(source__in=wrong).select_related("source")}
    lived = [
        LifeSign(sign.pk, sign.source_id, sign.source.trust, sign.on, sign.expires) for sign in signs.values()
    ]
    obligation = Obligation.objects.select_related("cycle", "person").get(pk=obligation.pk)
    chosen = enough(lived, policy, standing_of(obligation).opens, today())
    if not chosen:
        return None
    evidence = {
        "signs": [
            {
                "source": signs[each.number].source.code,
                "kind": signs[each.number].source.kind,
                "on": each.on.isoformat(),
                "expires": each.expires.isoformat(),
                "trust": each.trust,
                "sign": each.number,
            }
            for each in chosen
        ],
        "strength": sum(each.trust for each in chosen),
        "needed": policy.match_strength,
    }
    try:
        with transaction.atomic():
            return certify(
                obligation, "matching", actor, evidence=evidence, on=min(each.on for each in chosen)
            )
    except (IllegalEvent, NotEntitled):  # only meeting the person helps now
        return None
