"""How a pause ends: by the person's certification, or because staff take it back as an error.

And how one is made good that had ended when it was found void.
"""

from __future__ import annotations

from django.dispatch import receiver

from jianzai.audit.services import Actor, record
from jianzai.certification.services import policy_of
from jianzai.certification.signals import certified, proved_again
from jianzai.clock import today
from jianzai.entitlement import (
    Arrears,
    Month,
    Standing,
    effective_month,
    entitled_after_resumption,
    restored_after_undo,
)
from jianzai.registry.models import Beneficiary

from .. import ledger
from ..models import Benefit, Death, Order, Pause
from ..signals import made_good, resumed
from .common import lock_benefit, policy_for, set_state
from .orders import arrears_of, latest_order, write_order


@receiver(certified, dispatch_uid="benefits.resume")
def resume(sender, obligation, certification, actor: Actor, **_) -> None:
    """Whoever certifies after a pause is paid again, with what the resumption rule grants; to the estate goes
    what it grants up to the month of death.

    Runs within the certification's transaction, which holds the obligations. Evidence that came late for an
    earlier cycle ends a pause of a later one only where that was ordered for the duty carried over from it.
    """
    person = obligation.person
    benefit = lock_benefit(person)
    pause = (
        Pause.objects.select_for_update(of=("self",))
        .select_related("person", "obligation__cycle")
        .filter(person=person, state__in=(Pause.State.ACTIVE, Pause.State.ENDED))
        .first()
    )
    if pause is None:
        make_void_good(person, actor)
        return
    later = pause.obligation.cycle.year > obligation.cycle.year
    duty = pause.obligation if later else obligation
    duty.refresh_from_db(fields=["standing"])
    standing = Standing.from_dict(duty.standing)
    if later and standing.pause:
        return
    policy, paused_from = policy_of(duty.cycle), Month.parse(pause.effective_month)
    decided_on = max(today(), certification.on)
    if later or (standing.pauses and standing.pause is None):
        # Certified before the pause was ordered, known only now: the pause is void.
        arrears = restored_after_undo(policy, ledger.monthly_amount(person), paused_from, decided_on)
    else:
        arrears = entitled_after_resumption(
            policy, ledger.monthly_amount(person), paused_from, certification.on, decided_on
        )
    end_pause(benefit, pause, Pause.State.RESUMED, arrears, actor)


@receiver(proved_again, dispatch_uid="benefits.make_good")
def make_good(sender, obligation, actor: Actor, **_) -> None:
    """Evidence that came after the certification may be older than a pause, which is then void."""
    lock_benefit(obligation.person)
    make_void_good(obligation.person, actor)


def make_void_good(person: Beneficiary, actor: Actor) -> None:
    """Pay what pauses withheld that had ended, by the rule of the month after, when they were found void.

    To the estate, up to the month of death, where the person died; should that death be withdrawn, the rest.
    The benefit is locked.
    """
    over = Pause.objects.select_for_update(of=("self",)).select_related("person", "obligation__cycle")
    death = Death.objects.filter(person=person, withdrawn__isnull=True).first()
    for pause in over.filter(person=person, state=Pause.State.RESUMED):
        first, until = (
            Month.parse(pause.made_good_to or pause.effective_month),
            Month.parse(pause.granted_from),
        )
        if death:
            until = min(until, Month.of(death.died_on) + 1)
        months = list(first.until(until))
        void = Standing.from_dict(pause.obligation.standing).pause is None
        if not void or not months or ledger.never_stopped(pause):
            continue
        again = bool(pause.made_good_to)
        pause.made_good_to = str(until)
        pause.save(update_fields=["made_good_to"])
        columns = arrears_of(ledger.total(person, months), len(months), policy_of(pause.obligation.cycle))
        # A pause has one order of a kind; a second one stands by itself.
        of_pause = None if again else pause
        month = effective_month(policy_of(pause.obligation.cycle), today())
        order = write_order(Order.Kind.ARREARS, person, month, actor, pause=of_pause, **columns)
        record(
            "benefits.made_good", actor, person=person, order=order.sequence, arrears_fen=order.arrears_fen
        )
        made_good.send(sender=Pause, pause=pause, order=order, actor=actor)


def end_pause(benefit: Benefit, pause: Pause, outcome: Pause.State, arrears: Arrears, actor: Actor) -> Order:
    """``pause`` ends as ``outcome`` and its order is written. The benefit and the pause are locked.

    A person who died is not paid again: of the months up to that of the death those that ``arrears`` does not
    withhold go to the estate with an END order.
    """
    died = pause.state == Pause.State.ENDED
    pause.state = outcome
    if died:
        order = _settle_with_estate(pause, len(arrears.months_withheld), actor)
    else:
        order = _resume(pause, arrears, actor)
        set_state(benefit, Benefit.State.PAYING)
    record(
        "benefits.resumed" if outcome == Pause.State.RESUMED else "benefits.pause_undone",
        actor,
        person=pause.person,
        sweep=pause.sweep_id,
        order=order.sequence,
        granted_from=pause.granted_from,
        arrears_fen=pause.arrears_fen,
    )
    resumed.send(sender=Pause, pause=pause, order=order, actor=actor)
    return order


def _resume(pause: Pause, arrears: Arrears, actor: Actor) -> Order:
    refused = latest_order(pause, Order.Kind.PAUSE)
    if refused and refused.state == Order.State.REJECTED:
        # The payer never stopped: nothing is owed, and this order settles the rejected one.
        refused.state = Order.State.CORRECTED
        refused.save(update_fields=["state"])
        pause.resumed_month = pause.granted_from = pause.effective_month
        pause.save()
        month = Month.parse(pause.effective_month)
        return write_order(Order.Kind.RESUME, pause.person, month, actor, pause=pause, replaces=refused)
    pause.resumed_month = str(arrears.resume_month)
    pause.granted_from = str(arrears.months_granted[0] if arrears.months_granted else arrears.resume_month)
    pause.arrears_fen = arrears.total_fen
    pause.save()
    return write_order(
        Order.Kind.RESUME,
        pause.person,
        arrears.resume_month,
        actor,
        pause=pause,
        arrears_fen=arrears.total_fen,
        instalments=max(1, len(arrears.instalments)),
    )


def _settle_with_estate(pause: Pause, withheld: int, actor: Actor) -> Order:
    """``withheld``: how many months from the stop on the estate is not owed."""
    person, paused_from = pause.person, Month.parse(pause.effective_month)
    death = Death.objects.select_for_update(of=("self",)).get(person=person, withdrawn__isnull=True)
    end = max(paused_from, Month.of(death.died_on) + 1)
    if ledger.never_stopped(pause):
        end = paused_from  # nothing was withheld: the END order of the death did it all
    else:
        # From here on it is the death, no longer the pause, that later months are not paid for.
        death.ended_month = str(end)
        death.save(update_fields=["ended_month"])
    granted_from = min(paused_from + withheld, end)
    months = list(granted_from.until(end))
    pause.granted_from, pause.resumed_month = str(granted_from), str(end)
    pause.arrears_fen = ledger.total(person, months)
    pause.save()
    columns = arrears_of(pause.arrears_fen, len(months), policy_for(person))
    return write_order(Order.Kind.END, person, Month.parse(death.ended_month), actor, pause=pause, **columns)
