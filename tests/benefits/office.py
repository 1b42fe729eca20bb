"""What people of an office do in these tests, in one line each."""

from __future__ import annotations

from datetime import date

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.benefits import services
from jianzai.benefits.models import Order
from jianzai.certification.queries import current_obligation
from jianzai.certification.services import certify, record_event
from jianzai.clock import today
from jianzai.entitlement import HoldKind, HoldOpened
from jianzai.registry.models import Area
from tests.people import CITY
from tests.worker import work


def city() -> Area:
    return Area.objects.get(code=CITY)


def propose(staff, area: Area | None = None, cap: int | None = None):
    return services.propose_sweep(today(), area or city(), cap, staff, Actor.staff(staff))


def confirm(sweep, staff):
    """Released, and carried out by the worker."""
    sweep = services.confirm_sweep(sweep, staff, Actor.staff(staff))
    work()
    sweep.refresh_from_db()
    return sweep


def undo(sweep, staff):
    """Taken back, and carried out by the worker."""
    sweep = services.undo_sweep(sweep, staff, Actor.staff(staff))
    work()
    sweep.refresh_from_db()
    return sweep


def certified(person, on: date | None = None, *, for_estate: bool = False):
    how = {"evidence": {}, "in_person": True, "on": on, "for_estate": for_estate}
    return certify(current_obligation(person), "in_person", Actor("person"), **how)


def hold(person, until: date):
    event = HoldOpened(on=today(), until=until, kind=HoldKind.VISIT, case=f"visit:{person.pk}:{until}")
    return record_event(current_obligation(person), event, Actor.SYSTEM)


def state(person) -> tuple[str, str]:
    """How the person stands, and whether they are paid."""
    from jianzai.benefits.queries import benefit_state

    return str(current_obligation(person).status), str(benefit_state(person))


def orders(person) -> list[tuple[str, str, int]]:
    """The person's orders: kind, month, arrears."""
    return [
        (order.kind, order.effective_month, order.arrears_fen)
        for order in Order.objects.filter(person=person).order_by("sequence")
    ]


def audited(act: str) -> int:
    return AuditEntry.objects.filter(act=act).count()


def acknowledge(*rows: tuple[int, str, str]):
    lines = ["order_sequence,result,reason", *(",".join(map(str, row)) for row in rows)]
    return services.read_acknowledgement("\r\n".join(lines).encode(), Actor("token:payer"))
