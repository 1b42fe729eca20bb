"""The outbox to the payer: writing an order, and sending a rejected one again, corrected."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.entitlement import Month, Policy, effective_month
from jianzai.registry.access import Permission
from jianzai.registry.models import Beneficiary, Staff

from .. import ledger
from ..errors import BadCorrection, MonthClosed, OrderNotRejected, OrderOvertaken
from ..models import Benefit, Death, Order, Pause
from ..signals import claim_changed
from .common import lock_benefit, lock_obligations, next_number, policy_for, require

ORDER_COUNTER = "order"


def write_order(kind: Order.Kind, person: Beneficiary, month: Month, actor: Actor, **fields) -> Order:
    """Put an order in the outbox, within the caller's transaction. It takes effect in ``month``."""
    order = Order(
        kind=kind, person=person, effective_month=str(month), monthly_fen=person.monthly_fen, **fields
    )
    order.sequence = next_number(ORDER_COUNTER)
    order.save(force_insert=True)
    record(
        "benefits.order",
        actor,
        person=person,
        order=order.sequence,
        kind=order.kind,
        effective_month=order.effective_month,
        arrears_fen=order.arrears_fen,
        overpaid_fen=order.overpaid_fen,
        replaces=order.replaces.sequence if order.replaces else None,
    )
    return order


def latest_order(pause: Pause, kind: Order.Kind) -> Order | None:
    """The order of this kind that stands for ``pause``, after corrections; locked."""
    return (
        pause.orders.select_for_update(of=("self",))
        .filter(kind=kind, replaced_by__isnull=True)
        .order_by("sequence")
        .last()
    )


@transaction.atomic
def correct_order(order: Order, changes: Mapping[str, str], staff: Staff, actor: Actor) -> Order:
    """Send a rejected order again as a new one that ``replaces`` it. Again, it is the same new order.

    What payers reject is a closed payroll or a wrong entry of the roster. So the only change is
    ``effective_month`` (YYYY-MM; without it the first payroll still open, never earlier than before), and
    the amounts are computed anew for it by the same rules, from the roster as it is now: nobody types in
    what a person is paid.

    Raises OrderNotRejected, OrderOvertaken (the pause it ordered is over), BadCorrection, MonthClosed,
    NotAllowed.
    """
    require(staff, Permission.CORRECT_ORDERS, order.person.area_id)
    lock_obligations(order.person)
    benefit = lock_benefit(order.person)
    pause = Pause.objects.select_for_update().get(pk=order.pause_id) if order.pause_id else None
    order = Order.objects.select_for_update(of=("self",)).select_related("person").get(pk=order.pk)
    if order.state == Order.State.CORRECTED:
        return order.replaced_by
    if order.state != Order.State.REJECTED:
        raise OrderNotRejected(sequence=order.sequence)
    policy = policy_for(order.person)
    month = _corrected_month(order, changes, policy)
    amounts = _amounts(order, pause, benefit, month, policy)
    order.state = Order.State.CORRECTED
    order.save(update_fields=["state"])
    return write_order(order.kind, order.person, month, actor, pause=pause, replaces=order, **amounts)


def _corrected_month(order: Order, changes: Mapping[str, str], policy: Policy) -> Month:
    if unknown := set(changes) - {"effective_month"}:
        raise BadCorrection(field=", ".join(sorted(unknown)))
    earliest = max(effective_month(policy, today()), Month.parse(order.effective_month))
    if "effective_month" not in changes:
        return earliest
    try:
        month = Month.parse(changes["effective_month"])
    except ValueError:
        raise BadCorrection(field="effective_month") from None
    if month < earliest:
        raise MonthClosed(month=month, earliest=earliest)
    return month


def _amounts(
    order: Order, pause: Pause | None, benefit: Benefit, month: Month, policy: Policy
) -> dict[str, int]:
    """The amounts of ``order`` when it takes effect in ``month``; the pause or death is moved along."""
    match order.kind, pause:
        case Order.Kind.PAUSE, _:
            if pause.state != Pause.State.ACTIVE:
                raise OrderOvertaken(sequence=order.sequence)
            pause.effective_month = str(month)
            pause.save(update_fields=["effective_month"])
            return {}
        case Order.Kind.RESUME, Pause():
            if benefit.state != Benefit.State.PAYING:
                raise OrderOvertaken(sequence=order.sequence)
            months = [] if ledger.never_stopped(pause) else list(Month.parse(pause.granted_from).until(month))
            pause.resumed_month = str(month)
            pause.arrears_fen = ledger.total(order.person, months)
            pause.save(update_fields=["resumed_month", "arrears_fen"])
            return arrears_of(pause.arrears_fen, len(months), policy)
        case Order.Kind.RESUME, None:
            if benefit.state != Benefit.State.PAYING:
                raise OrderOvertaken(sequence=order.sequence)
            # Nothing was paid from the month it named to the one it takes effect in now.
            late = list(Month.parse(order.effective_month).until(month))
            fen = order.arrears_fen + ledger.total(order.person, late)
            return arrears_of(fen, order.instalments + len(late), policy)
        case Order.Kind.ARREARS, _:
            # For months that are past: what is owed for them does not change with the month it is paid in.
            nothing = pause is not None and ledger.never_stopped(pause)
            return arrears_of(0 if nothing else order.arrears_fen, order.instalments, policy)
        case Order.Kind.END, Pause():
            return arrears_of(pause.arrears_fen, order.instalments, policy)
        case Order.Kind.END, None:
            death = Death.objects.filter(person=order.person, withdrawn__isnull=True).first()
            if death is None:
                raise OrderOvertaken(sequence=order.sequence)
            overpaid = ledger.overpaid(order.person, death.died_on, month)
            death.ended_month = str(month)
            death.overpaid_months, death.overpaid_fen = len(overpaid.months), overpaid.total_fen
            death.save(update_fields=["ended_month", "overpaid_months", "overpaid_fen"])
            claim_changed.send(Death, death=death)
            return {"overpaid_fen": overpaid.total_fen}
    raise TypeError(f"no such order: {order.kind}")


def arrears_of(fen: int, months: int, policy: Policy) -> dict[str, int]:
    """The columns of an order that pays ``fen`` for ``months``, in the instalments the policy allows."""
    return {"arrears_fen": fen, "instalments": max(1, min(policy.arrears_instalments, months))}
