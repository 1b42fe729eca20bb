"""Who acts for whom: named with the person's agreement, capped, and ended whenever the person likes."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.benefits.signals import died
from jianzai.certification.errors import NotEntitled
from jianzai.certification.models import Attempt, Obligation
from jianzai.certification.services import lock_standing, policy_of, required_obligation
from jianzai.channels.online.rules import Wait
from jianzai.channels.online.services import bounded
from jianzai.clock import today
from jianzai.notices.kinds import Kind
from jianzai.notices.services import notify
from jianzai.registry import identity, names
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.people import identity_lookup
from jianzai.registry.signals import replaced
from jianzai.vault import vault

from ..errors import HelperHasEnough, HelperIsThePerson
from ..models import Helper, Mandate

_DIGITS = 8  # of a code: ten tries a day for a number, so a guess in ten million days


@dataclass(frozen=True, slots=True)
class Named:
    """Who shall act: name and identity number as on their own document, and what they are to the person."""

    name: str
    number: str
    relation: str


@transaction.atomic
def name_helper(
    person: Beneficiary,
    named: Named,
    actor: Actor,
    *,
    before: Staff | None = None,
    attempt: Attempt | None = None,
) -> tuple[Mandate, str]:
    """Let a helper act for ``person``, who agreed ``before`` a clerk or after a face match (``attempt``).

    Returns the mandate and its code, which is kept nowhere; for a helper who acts for them already a new one,
    the old one being void. The person is told. Raises NoCycle, NotEntitled, HelperIsThePerson, and
    HelperHasEnough where the helper acts for as many people as the policy lets anybody.
    """
    obligation = lock_standing(required_obligation(person))[0]  # before the helper, as deaths do
    if obligation.person.died_on:
        raise NotEntitled()
    lookup = identity_lookup(named.number)
    if lookup == bytes(person.identity_lookup):
        raise HelperIsThePerson()
    Helper.objects.get_or_create(identity_lookup=lookup)
    helper = Helper.objects.select_for_update().get(identity_lookup=lookup)
    standing = helper.mandates.filter(ended_on=None)
    mandate = standing.filter(person=person).first() or Mandate(
        helper=helper, person=person, given_on=today()
    )
    most = policy_of(obligation.cycle).helper_people_most
    if mandate.pk is None and standing.count() >= most:
        raise HelperHasEnough(most=most)
    code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    mandate.name, mandate.relation = names.normalised(named.name), named.relation
    mandate.code, mandate.before, mandate.attempt = _lookup(named.number, code), before, attempt
    mandate.save()
    record(
        "station.helper_named",
        actor,
        person=person,
        helper=helper.pk,
        relation=mandate.relation,
        attempt=attempt and attempt.pk,
    )
    _tell(mandate, Kind.HELPER_NAMED, obligation)
    return mandate, code


@transaction.atomic
def end_mandate(mandate: Mandate, actor: Actor) -> Mandate:
    """The helper acts for the person no more, from this moment on. Again, it changes nothing."""
    mandate = Mandate.objects.select_for_update(of=("self",)).select_related("person").get(pk=mandate.pk)
    if mandate.ended_on is None:
        mandate.ended_on = today()
        mandate.save(update_fields=["ended_on"])
        record("station.helper_ended", actor, person=mandate.person, helper=mandate.helper_id)
        _tell(mandate, Kind.HELPER_ENDED, mandate.person.obligations.order_by("-cycle__year").first())
    return mandate


def sign_in_helper(name: str, number: str, code: str, address: str | None) -> Mandate | Wait | None:
    """The mandate that a helper's name, number and code open; None where they open none; Wait after too many
    tries."""
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code))

    def find() -> Mandate | None:
        found = (
            Mandate.objects.filter(code=_lookup(number, code), ended_on=None).select_related("person").first()
        )
        return found if found and names.comparable(found.name) == names.comparable(name) else None

    found = bounded("helper", number, address, find)
    if isinstance(found, Mandate):
        actor = Actor.helping(found.helper_id, address)
        record("station.helper_signed_in", actor, person=found.person)
    return found


def may_act(helper: int, person: Beneficiary) -> bool:
    """Whether a helper, by number, acts for ``person`` at this moment."""
    return Mandate.objects.filter(helper=helper, person=person, ended_on=None).exists()


@receiver(died, dispatch_uid="station.helpers_died")
@receiver(replaced, dispatch_uid="station.helpers_replaced")
def nobody_to_act_for(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """The person died, or somebody else stands under their number: nobody was asked to act for that one."""
    for mandate in Mandate.objects.filter(person=person, ended_on=None):
        end_mandate(mandate, actor)


def _lookup(number: str, code: str) -> bytes:
    return vault().lookup(f"helper code {identity.normalised(number)} {code}")


def _tell(mandate: Mandate, kind: Kind, obligation: Obligation | None) -> None:
    """Tell the person, once a moment: a mandate that is given anew is told anew."""
    notify(
        mandate.person,
        kind,
        obligation,
        occasion=f"mandate {mandate.pk} {timezone.now():%Y%m%d%H%M}",
        helper=mandate.masked_name,
    )
