"""Questions that records raise, and their answers. An open one pauses nothing and holds nothing."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.benefits.models import Death
from jianzai.benefits.services import record_death
from jianzai.benefits.services.common import lock_obligations
from jianzai.benefits.signals import death_withdrawn, died
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import lock_standing
from jianzai.certification.signals import certified, proved_again
from jianzai.clock import today
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.signals import replaced

from ..errors import CaseClosed, FindingMissing, NothingToObject, NotThatCase
from ..models import HINTS, Case, Says, Sign

CHANNEL = "matching"
_State = Case.State


def hint(person: Beneficiary, sign: Sign, actor: Actor) -> Case:
    """Open a case for ``sign``, or join the one there is. Within the caller's transaction, which locked the
    person's obligations.

    What the person has rebutted since by certifying is not asked again, whoever repeats it.
    """
    cases = Case.objects.select_for_update(of=("self",)).filter(person=person, kind=sign.says)
    case = cases.filter(state=_State.OPEN).first()
    if case is None and (
        answered := cases.filter(state=_State.REBUTTED, proved_on__gt=sign.on).order_by("-id").first()
    ):
        Sign.objects.filter(pk=sign.pk).update(case=answered, details=None)
        return answered
    if case is None:
        case = Case.objects.create(person=person, kind=sign.says, on=sign.on, opened_on=today())
        record("matching.case_opened", actor, person=person, case=case.pk, kind=case.kind, exact=sign.exact)
    elif sign.on > case.on:
        case.on = sign.on
        case.save(update_fields=["on"])
    Sign.objects.filter(pk=sign.pk).update(case=case)
    return case


@transaction.atomic
def object_to(certification: Certification, said: str, actor: Actor) -> Case:
    """The person, or whoever signed in for them, says that the records are not theirs; a clerk looks.

    One certification is objected to once. Raises NothingToObject for one by another way.
    """
    if certification.channel != CHANNEL:
        raise NothingToObject()
    lock_standing(certification.obligation)
    known = Case.objects.filter(kind=Case.Kind.OBJECTION, certification=certification)
    if found := known.first():
        return found
    case = Case.objects.create(
        person=certification.person,
        kind=Case.Kind.OBJECTION,
        on=certification.on,
        opened_on=today(),
        certification=certification,
        said=" ".join(said.split())[:300],
    )
    used = [each["sign"] for each in certification.evidence["signs"]]
    Sign.objects.filter(pk__in=used, person=certification.person).update(case=case)
    record("matching.objected", actor, person=case.person, case=case.pk)
    return case


@transaction.atomic
def confirm_death(
    case: Case,
    died_on: date,
    document: str,
    document_on: date,
    staff: Staff,
    actor: Actor,
    despite: date | None = None,
) -> Death:
    """A document shows that the person of ``case`` died: the benefit ends, and their family is written to.

    Told again, it is the same death. Raises NotThatCase, CaseClosed, and what ``record_death`` raises.
    """
    if case.kind != Case.Kind.DEAD:
        raise NotThatCase()
    if Case.objects.filter(pk=case.pk, state=_State.CONFIRMED).exists():
        return record_death(case.person, died_on, document, document_on, staff, actor, despite)
    lock_obligations(case.person)  # all of them, the oldest first, as recording the death does
    case = _locked(case)
    if case.state != _State.OPEN:
        raise CaseClosed()
    _end(case, _State.CONFIRMED, actor, staff=staff, finding=document)
    return record_death(case.person, died_on, document, document_on, staff, actor, despite)


@transaction.atomic
def confirm(case: Case, finding: str, staff: Staff, actor: Actor) -> Case:
    """A document shows that the person of ``case`` is in prison or away, or that an objection is right.

    The records of an objection that is right are nobody's here, and their source counts no more for this
    person; the certification stays on record. Told again, it is the same row.
    Raises FindingMissing, NotThatCase for a death, CaseClosed.
    """
    state = _State.UPHELD if case.kind == Case.Kind.OBJECTION else _State.CONFIRMED
    if case.kind == Case.Kind.DEAD:
        raise NotThatCase()
    return _answered(case, state, finding, staff, actor)


@transaction.atomic
def close(case: Case, finding: str, staff: Staff, actor: Actor) -> Case:
    """A hint that is wrong, or an objection to what is right. Told again, it is the same row.

    The records of a wrong hint are not this person's. What signs of life say counts again.
    Raises FindingMissing, CaseClosed.
    """
    from .signs import certify_by_signs

    case = _answered(case, _State.DISMISSED, finding, staff, actor)
    if obligation := current_obligation(case.person):
        certify_by_signs(obligation, actor)
    return case


def rebut(person_id: int, channel: str, on: date, actor: Actor) -> None:
    """The person was certified as of ``on`` by a ``channel``: hints of that day and before are answered.

    Within the caller's transaction, which locked the person's obligations. Records of other offices answer
    nothing. Of a hint that names the very day, only what is shown today does: it was told before.
    """
    if channel == CHANNEL:
        return
    for case in Case.objects.select_for_update(of=("self",)).filter(
        person_id=person_id, kind__in=HINTS, state=_State.OPEN, on__lte=on
    ):
        if on > case.on or on == today():
            case.proved_on = on
            _end(case, _State.REBUTTED, actor)


@receiver(certified, dispatch_uid="matching.certified")
def answer(sender: object, obligation: Obligation, certification: Certification, actor: Actor, **_) -> None:
    """Certified by some other way."""
    rebut(obligation.person_id, certification.channel, certification.on, actor)


@receiver(proved_again, dispatch_uid="matching.proved_again")
def answer_again(sender: object, obligation: Obligation, channel: str, on: date, actor: Actor, **_) -> None:
    """Certified before, and seen once more."""
    rebut(obligation.person_id, channel, on, actor)


@receiver(died, dispatch_uid="matching.died")
@transaction.atomic
def answer_by_death(sender: object, person: Beneficiary, death: Death, actor: Actor, **_: object) -> None:
    """A death that was recorded elsewhere confirms the hint at it, and ends every other question."""
    for case in _cases(person, _State.OPEN):
        if case.kind == Case.Kind.DEAD:
            _end(case, _State.CONFIRMED, actor, staff=death.recorded_by, finding=death.document)
        else:
            _end(case, _State.OVERTAKEN, actor)


@receiver(replaced, dispatch_uid="matching.replaced")
@transaction.atomic
def overtake(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """Somebody else stands under the number."""
    for case in _cases(person, _State.OPEN):
        _end(case, _State.OVERTAKEN, actor)


@receiver(death_withdrawn, dispatch_uid="matching.death_withdrawn")
@transaction.atomic
def ask_again(sender: object, person: Beneficiary, actor: Actor, **_: object) -> None:
    """A death on record was a mistake: the hint that it confirmed is a question again.

    What the records said was deleted when it was answered; whoever certifies answers it.
    """
    if Case.objects.filter(person=person, kind=Case.Kind.DEAD, state=_State.OPEN).exists():
        return
    for case in _cases(person, _State.CONFIRMED).filter(kind=Case.Kind.DEAD).order_by("-id")[:1]:
        case.state, case.closed_on, case.closed_by, case.finding = _State.OPEN, None, None, ""
        case.save(update_fields=["state", "closed_on", "closed_by", "finding"])
        record("matching.case_reopened", actor, person=person, case=case.pk, kind=case.kind)


@receiver(replaced, dispatch_uid="matching.replaced_signs")
def not_theirs(sender: object, person: Beneficiary, **_: object) -> None:
    """What other offices said is of whom the number stood for before."""
    signs = Sign.objects.filter(person=person)
    signs.filter(says=Says.ALIVE).delete()
    signs.update(settled=True, details=None)


def _cases(person: Beneficiary, state: Case.State) -> QuerySet[Case]:
    """The person's cases in ``state``, locked."""
    return Case.objects.select_for_update(of=("self",)).filter(person=person, state=state)


def _answered(case: Case, state: Case.State, finding: str, staff: Staff, actor: Actor) -> Case:
    if not finding.strip():
        raise FindingMissing()
    if known := Case.objects.filter(pk=case.pk, state=state).first():
        return known
    case = _locked(case)
    if case.state != _State.OPEN:
        raise CaseClosed()
    _end(case, state, actor, staff=staff, finding=finding)
    return case


def _locked(case: Case) -> Case:
    """``case``, locked after the person's obligation, as certifying locks them."""
    if obligation := current_obligation(case.person):
        lock_standing(obligation)
    return Case.objects.select_for_update(of=("self",)).select_related("person").get(pk=case.pk)


def _end(
    case: Case, state: Case.State, actor: Actor, *, staff: Staff | None = None, finding: str = ""
) -> None:
    case.state, case.closed_on, case.closed_by = state, today(), staff
    case.finding = finding.strip()[:500]
    case.save(update_fields=["state", "closed_on", "closed_by", "finding", "proved_on"])
    wrong = (state == _State.DISMISSED and case.kind in HINTS) or state == _State.UPHELD
    signs = Sign.objects.filter(case=case)
    signs.update(details=None, **({"void": True} if wrong else {}))
    record("matching.case_closed", actor, person=case.person, case=case.pk, kind=case.kind, state=state)
