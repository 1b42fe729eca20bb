"""Reads that more than one caller needs."""

from __future__ import annotations

from collections import Counter

from django.db.models import QuerySet

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


def withheld_at_death(person: Beneficiary) -> bool:
    """Whether a pause was in force when ``person`` died: proof of life before it earns the estate money."""
    return person.pauses.filter(state=Pause.State.ENDED).exists()


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
    gone = order.pause.orders.exclude(kind=Order.Kind.PAUSE).exclude(
        state__in=(Order.State.QUEUED, Order.State.REJECTED, Order.State.CORRECTED)
    )
    return sum(gone.values_list("arrears_fen", flat=True))


def areas_to_sweep() -> list[Area]:
    """Areas that together hold everybody, none inside another: cities, or what lies above or below them
    where a city is not among the areas.

    A batch is seen and undone by staff whose area it lies in, and offices are a city's.
    """
    areas: list[Area] = []
    known = Area.objects.order_by("code")  # an area stands before those it contains
    homes = Beneficiary.objects.values_list("area_id", flat=True).distinct()
    for home in sorted(homes):
        if areas and home.startswith(areas[-1].prefix):
            continue
        around = [area for area in known if home.startswith(area.prefix)]
        cities = [area for area in around if len(area.prefix) <= _CITY]
        areas.append(cities[-1] if cities else around[0])
    return areas
