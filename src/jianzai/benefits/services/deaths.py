"""A death ends the benefit; one recorded by mistake is withdrawn, and what it stopped is paid."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.certification.queries import standing_of
from jianzai.certification.services import policy_of, record_event
from jianzai.clock import today
from jianzai.entitlement import (
    DeathConfirmed,
    DeathWithdrawn,
    HoldKind,
    HoldOpened,
    Month,
    effective_month,
)
from jianzai.registry.access import Permission, may
from jianzai.registry.models import Beneficiary, Staff

from .. import errors, ledger
from ..models import Benefit, Death, Order, Pause
from ..signals import death_withdrawn, died
from .common import lock_benefit, lock_obligations, policy_for, require, set_state
from .orders import arrears_of, write_order
from .resumption import make_void_good


@transaction.atomic
def record_death(
    person: Beneficiary,
    died_on: date,
    document: str,
    document_on: date,
    staff: Staff,
    actor: Actor,
    despite: date | None = None,
) -> Death:
    """End the benefit of somebody who died, from a document (kind and number, and its date), with an order.

    Counts what was paid for the months after the month of death. The same death told again is the same row.
    Raises DocumentMissing, ImpossibleDeathDate, ImpossibleDocumentDate, OtherDeathDate (withdraw that one
    first), CertifiedSince where they certified after it and ``staff`` may not withdraw deaths, NotAllowed.
    Who may confirms the day of that certification as ``despite``, or DespiteCertification asks for it.
    """
    require(staff, Permission.RECORD_DEATH, person.area_id)
    document = " ".join(document.split())
    if not document:
        raise errors.DocumentMissing()
    if not person.birth_date <= died_on <= today():
        raise errors.ImpossibleDeathDate(died_on=died_on)
    if not died_on <= document_on <= today():
        raise errors.ImpossibleDocumentDate(document_on=document_on, died_on=died_on)
    obligations = lock_obligations(person)
    benefit = lock_benefit(person)
    if known := Death.objects.filter(person=person, withdrawn__isnull=True).first():
        if known.died_on != died_on:
            raise errors.OtherDeathDate(died_on=known.died_on)
        return known
    # Of a cycle's proofs only the first is a certification; the standing knows the later ones too.
    proved = [day for each in obligations for day in standing_of(each).certifications]
    last = max([*proved, *person.certifications.values_list("on", flat=True)], default=None)
    if last and last > died_on:
        if not may(staff, Permission.WITHDRAW_DEATH, person.area_id):
            raise errors.CertifiedSince(on=last)
        if despite != last:
            raise errors.DespiteCertification(on=last)
    for obligation in obligations:
        record_event(obligation, DeathConfirmed(died_on=died_on, on=today()), actor)
    # The month of death itself is still due, also where its payroll is open.
    month = max(effective_month(policy_for(person), today()), Month.of(died_on) + 1)
    Pause.objects.filter(person=person, state=Pause.State.ACTIVE).update(state=Pause.State.ENDED)
    set_state(benefit, Benefit.State.ENDED)
    person.died_on = died_on
    person.save(update_fields=["died_on"])
    overpaid = ledger.overpaid(person, died_on, month)
    death = Death.objects.create(
        person=person,
        died_on=died_on,
        document=document,
        document_on=document_on,
        recorded_by=staff,
        ended_month=str(month),
        overpaid_months=len(overpaid.months),
        overpaid_fen=overpaid.total_fen,
    )
    record(
        "benefits.death",
        actor,
        person=person,
        died_on=died_on,
        document_on=document_on,
        overpaid_fen=overpaid.total_fen,
        **({"despite": last} if last and last > died_on else {}),
    )
    died.send(Death, person=person, death=death, actor=actor)
    write_order(Order.Kind.END, person, month, actor, overpaid_fen=overpaid.total_fen)
    return death


@transaction.atomic
def withdraw_death(death: Death, staff: Staff, reason: str, actor: Actor) -> Death:
    """Take back a death that was recorded by mistake: the person is owed what it stopped.

    Somebody who was paused before stays paused, and certifies to be paid again. Withdrawn again, it is the
    same row. Raises ReasonMissing, NotAllowed (supervisors only).
    """
    require(staff, Permission.WITHDRAW_DEATH, death.person.area_id)
    if not reason.strip():
        raise errors.ReasonMissing()
    obligations = lock_obligations(death.person)
    person = Beneficiary.objects.get(pk=death.person_id)
    benefit = lock_benefit(person)
    death = Death.objects.select_for_update().get(pk=death.pk)
    if death.withdrawn:
        return death
    for obligation in obligations:
        record_event(obligation, DeathWithdrawn(died_on=death.died_on, on=today()), actor)
    if obligations:
        # Nobody could certify while recorded dead: the pause waits as long as for a review.
        latest = obligations[-1]
        until = today() + timedelta(days=policy_of(latest.cycle).review_hold_days)
        hold = HoldOpened(on=today(), until=until, kind=HoldKind.HARDSHIP, case=f"death:{death.pk}")
        record_event(latest, hold, actor)
    death.withdrawn, death.withdrawn_by, death.withdrawn_because = timezone.now(), staff, reason.strip()
    death.save(update_fields=["withdrawn", "withdrawn_by", "withdrawn_because"])
    person.died_on = None
    person.save(update_fields=["died_on"])
    record("benefits.death_withdrawn", actor, person=person, died_on=death.died_on)
    death_withdrawn.send(Death, person=person, death=death, actor=actor)
    paused = Pause.objects.filter(person=person, state=Pause.State.ENDED).update(state=Pause.State.ACTIVE)
    set_state(benefit, Benefit.State.PAUSED if paused else Benefit.State.PAYING)
    if not paused:
        policy, ended = policy_for(person), Month.parse(death.ended_month)
        month = ledger.first_open(person, max(effective_month(policy, today()), ended))
        months = [each for each in ended.until(month) if ledger.first_open(person, each) == each]
        arrears = arrears_of(ledger.total(person, months), len(months), policy)
        write_order(Order.Kind.RESUME, person, month, actor, **arrears)
    make_void_good(person, actor)
    return death
