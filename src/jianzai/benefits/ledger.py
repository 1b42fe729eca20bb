"""Which months a person was paid, as the pauses and orders on record say, and what they come to.

The amount of every month is the pension the roster holds today: rosters bring no history of amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from jianzai.entitlement import Month, overpaid_after_death
from jianzai.entitlement.arrears import Overpayment
from jianzai.registry.models import Beneficiary

from .models import Pause


def monthly_amount(person: Beneficiary) -> Callable[[Month], int]:
    """The pension of any month in fen."""
    return lambda month: person.monthly_fen


def withheld(pause: Pause, month: Month) -> bool:
    """Whether ``month`` was left unpaid by this pause, and not granted later."""
    match pause.state:
        case Pause.State.ACTIVE | Pause.State.ENDED:
            return month >= Month.parse(pause.effective_month)
        case Pause.State.RESUMED | Pause.State.UNDONE:
            return Month.parse(pause.effective_month) <= month < Month.parse(pause.granted_from)
    return False


def overpaid(person: Beneficiary, died_on: date, ended_month: Month) -> Overpayment:
    """What was paid for the months after ``died_on``, with ``ended_month`` the first that is not paid."""
    pauses = list(person.pauses.all())
    after_death = (Month.of(died_on) + 1).until(ended_month)
    paid = [month for month in after_death if not any(withheld(pause, month) for pause in pauses)]
    return overpaid_after_death(died_on, paid, monthly_amount(person))


def total(person: Beneficiary, months: Iterable[Month]) -> int:
    """The pension of ``months`` together, in fen."""
    return sum(map(monthly_amount(person), months))


def yuan(fen: int) -> str:
    """``fen`` as people write it: 1234567 fen is ``12,345.67``."""
    return f"{fen // 100:,}.{fen % 100:02d}"
