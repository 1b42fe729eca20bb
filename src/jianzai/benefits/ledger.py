"""Which months a person was paid, as the pauses and orders on record say, and what they come to.

The amount of every month is the pension the roster holds today: rosters bring no history of amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from django.db.models import Q

from jianzai.entitlement import Month, overpaid_after_death
from jianzai.entitlement.arrears import Overpayment
from jianzai.registry.models import Beneficiary

from .models import Order, Pause


def monthly_amount(person: Beneficiary) -> Callable[[Month], int]:
    """The pension of any month in fen."""
    return lambda month: person.monthly_fen


def never_stopped(pause: Pause) -> bool:
    """Whether the payer rejected the order to stop, and no other stopped payment after it."""
    return pause.orders.filter(
        Q(state=Order.State.REJECTED) | Q(state=Order.State.CORRECTED, replaced_by__kind=Order.Kind.RESUME),
        kind=Order.Kind.PAUSE,
    ).exists()


def withheld(pause: Pause, month: Month) -> bool:
    """Whether ``month`` was left unpaid by this pause, and not granted later."""
    match pause.state:
        case Pause.State.ACTIVE | Pause.State.ENDED:
            return month >= Month.parse(pause.effective_month)
        case Pause.State.RESUMED | Pause.State.UNDONE:
            first = pause.made_good_to or pause.effective_month
            return Month.parse(first) <= month < Month.parse(pause.granted_from)
    return False


def made_good(pause: Pause) -> Iterator[Month]:
    """The months that were paid with an order of their own, the pause being found void after it had ended."""
    first = Month.parse(pause.effective_month)
    return first.until(Month.parse(pause.made_good_to)) if pause.made_good_to else iter(())


def granted(pause: Pause) -> Iterator[Month]:
    """The months that were paid as arrears after this pause."""
    if pause.state in (Pause.State.RESUMED, Pause.State.UNDONE):
        yield from made_good(pause)
        yield from Month.parse(pause.granted_from).until(Month.parse(pause.resumed_month))


def first_open(person: Beneficiary, month: Month) -> Month:
    """The first month from ``month`` on that no pause settled already, as withheld or paid as arrears.

    Pauses settle months ahead of the payroll where the rule pays from the month after, or where the pause of
    somebody who died in the month was undone.
    """
    over = person.pauses.filter(state__in=(Pause.State.RESUMED, Pause.State.UNDONE))
    settled = {
        each
        for pause in over
        for each in Month.parse(pause.effective_month).until(Month.parse(pause.resumed_month))
    }
    while month in settled:
        month += 1
    return month


def overpaid(person: Beneficiary, died_on: date, ended_month: Month) -> Overpayment:
    """What was paid for the months after ``died_on``, with ``ended_month`` the first that is not paid."""
    pauses = [pause for pause in person.pauses.all() if not never_stopped(pause)]
    regular = (Month.of(died_on) + 1).until(ended_month)
    paid = {month for month in regular if not any(withheld(pause, month) for pause in pauses)}
    paid.update(month for pause in pauses for month in granted(pause))
    return overpaid_after_death(died_on, paid, monthly_amount(person))


def total(person: Beneficiary, months: Iterable[Month]) -> int:
    """The pension of ``months`` together, in fen."""
    return sum(map(monthly_amount(person), months))


def yuan(fen: int) -> str:
    """``fen`` as people write it: 1234567 fen is ``12,345.67``."""
    return f"{fen // 100:,}.{fen % 100:02d}"
