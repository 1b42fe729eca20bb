"""Reads that more than one caller needs."""

from __future__ import annotations

from collections import Counter

from django.db.models import Max, Min, QuerySet

from jianzai.registry.access import Permission, may, within
from jianzai.registry.models import Area, Beneficiary, Staff

from .models import Benefit, Death, Order, Pause, Sweep

_CITY = 4
"""Digits of a GB/T 2260 code that name the city 地级市."""


def benefit_state(person: Beneficiary) -> Benefit.State:
    """Whether ``person`` is being paid; people nothing happened to yet are."""
    found = Benefit.objects.filter(person=person).values_list("state", flat=True).first()
    return Benefit.State(found or Benefit.State.PAYING)


def pause_in_force(person: Beneficiary) -> Pause | None:
    """The pause that keeps ``person`` from being paid now."""
    return person.pauses.filter(state=Pause.State.ACTIVE).first()


def death_of(person: Beneficiary) -> Death | None:
    """The death on record that stands."""
    return person.deaths.filter(withdrawn__isnull=True).first()


def outcome(sweep: Sweep) -> dict[str, int]:
    """How many pauses of ``sweep`` are in each state."""
    return dict(Counter(sweep.pauses.values_list("state", flat=True)))


def dropped_reasons(sweep: Sweep) -> dict[str, int]:
    """Why people of a proposed batch were not paused after all: sentence code to count."""
    dropped = sweep.pauses.filter(state=Pause.State.DROPPED)
    return dict(Counter(dropped.values_list("dropped_because", flat=True)))


def orders_within(staff: Staff) -> QuerySet[Order]:
    """The orders about people in the area of ``staff``, the newest first."""
    return (
        within(staff, Order.objects.all(), field="person__area")
        .select_related("person", "file", "replaces", "replaced_by")
        .order_by("-sequence")
    )


def rejected_orders(staff: Staff | None = None) -> QuerySet[Order]:
    """Rejected orders that nobody corrected yet, the oldest first; of ``staff``, those in their area."""
    orders = orders_within(staff) if staff else Order.objects.select_related("person", "file")
    return orders.filter(state=Order.State.REJECTED).order_by("sequence")


def may_exchange(staff: Staff) -> bool:
    """Whether ``staff`` may export orders and read acknowledgements: a file holds those of everybody."""
    elsewhere = Beneficiary.objects.exclude(area__code__startswith=staff.area.prefix)
    return may(staff, Permission.EXPORT_ORDERS) and not elsewhere.exists()


def paid_twice_fen(order: Order) -> int:
    """Arrears that went out for months which the payer, by rejecting ``order``, never stopped; usually 0."""
    if order.kind != Order.Kind.PAUSE or order.state != Order.State.REJECTED or order.pause is None:
        return 0
    gone = order.pause.orders.filter(kind=Order.Kind.RESUME).exclude(
        state__in=(Order.State.QUEUED, Order.State.REJECTED, Order.State.CORRECTED)
    )
    return sum(gone.values_list("arrears_fen", flat=True))


def areas_to_sweep() -> list[Area]:
    """The areas that lie in no other one; for a province whose people all live in one city, that city.

    A batch is seen and undone by staff whose area it lies in, and offices are a city's.
    """
    areas: list[Area] = []
    for area in Area.objects.order_by("code"):  # an area stands before those it contains
        if not (areas and area.code.startswith(areas[-1].prefix)):
            areas.append(area)
    return [_only_city(area) or area for area in areas]


def _only_city(area: Area) -> Area | None:
    people = Beneficiary.objects.filter(area__code__startswith=area.prefix)
    ends = people.aggregate(first=Min("area_id"), last=Max("area_id"))
    if not ends["first"] or ends["first"][:_CITY] != ends["last"][:_CITY] or len(area.prefix) >= _CITY:
        return None
    return Area.objects.filter(code=ends["first"][:_CITY].ljust(12, "0")).first()
