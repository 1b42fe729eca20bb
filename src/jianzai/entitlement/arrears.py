"""What a pause, its end, or a death means in money: whole fen (分), month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .months import Month
from .policy import Policy, ResumptionRule, effective_month

MonthlyAmounts = Mapping[Month, int] | Callable[[Month], int]
"""The pension of each month in fen, at least 0. Amounts change, as pensions are raised each year."""


@dataclass(frozen=True, slots=True)
class Instalment:
    month: Month  # paid with this month's pension
    fen: int


@dataclass(frozen=True, slots=True)
class Arrears:
    """What happens to the months that a pause left unpaid.

    Every month from the stop to the one before ``resume_month`` is either granted or withheld.
    """

    resume_month: Month  # the first month paid on the regular run again
    months_granted: tuple[Month, ...]  # paid later as arrears 补发
    months_withheld: tuple[Month, ...]  # not paid, by the policy's resumption rule
    total_fen: int  # of the months granted
    instalments: tuple[Instalment, ...]  # sum to total_fen; none when it is 0


@dataclass(frozen=True, slots=True)
class Overpayment:
    """What was paid for months after a death."""

    months: tuple[Month, ...]
    total_fen: int


def entitled_after_resumption(
    policy: Policy,
    monthly_amounts: MonthlyAmounts,
    paused_from: Month,
    certified_on: date,
    decided_on: date | None = None,
) -> Arrears:
    """What a person is paid who was paused from ``paused_from`` and certified on ``certified_on``.

    The policy's resumption rule decides (cities do either; Changsha in 2013 paid arrears): with BACK_PAY
    every month since the stop is granted, with MONTH_AFTER those after the month of the certification.
    ``decided_on`` is the day the resumption is ordered, if later than the certification: months that its
    payroll cut-off makes the person wait are arrears, never lost.

    Raises ValueError when ``decided_on`` precedes ``certified_on`` or an amount is missing or negative.
    """
    decided_on = decided_on or certified_on
    if decided_on < certified_on:
        raise ValueError(f"resumption decided on {decided_on}, before the certification of {certified_on}")
    entitled_from = paused_from
    if policy.resumption is ResumptionRule.MONTH_AFTER:
        entitled_from = max(paused_from, Month.of(certified_on) + 1)
    return _settle(policy, monthly_amounts, paused_from, entitled_from, decided_on)


def restored_after_undo(
    policy: Policy, monthly_amounts: MonthlyAmounts, paused_from: Month, undone_on: date
) -> Arrears:
    """What a person is paid whose pause was an error: every month since the stop, whatever the rule.

    Also for a pause that turned out void, because the person had certified before it was ordered.
    Raises ValueError when an amount is missing or negative.
    """
    return _settle(policy, monthly_amounts, paused_from, paused_from, undone_on)


def _settle(
    policy: Policy,
    monthly_amounts: MonthlyAmounts,
    paused_from: Month,
    entitled_from: Month,
    decided_on: date,
) -> Arrears:
    resume_month = max(entitled_from, effective_month(policy, decided_on))
    granted = tuple(entitled_from.until(resume_month))
    total_fen = sum(_amount(monthly_amounts, month) for month in granted)
    return Arrears(
        resume_month=resume_month,
        months_granted=granted,
        months_withheld=tuple(paused_from.until(entitled_from)),
        total_fen=total_fen,
        instalments=_instalments(total_fen, min(policy.arrears_instalments, len(granted)), resume_month),
    )


def _instalments(total_fen: int, count: int, first: Month) -> tuple[Instalment, ...]:
    """``count`` nearly equal monthly parts, the odd fen in the earliest; no part is 0."""
    count = min(count, total_fen)
    if count == 0:
        return ()
    part, odd_fen = divmod(total_fen, count)
    return tuple(Instalment(first + number, part + (number < odd_fen)) for number in range(count))


def overpaid_after_death(
    died_on: date, paid_months: Iterable[Month], monthly_amounts: MonthlyAmounts
) -> Overpayment:
    """What was paid from the month after the death on: the month of death itself is still due.

    ``paid_months`` are the months paid, each once. Raises ValueError when an amount is missing or negative.
    """
    months = tuple(sorted(month for month in set(paid_months) if month > Month.of(died_on)))
    return Overpayment(months, sum(_amount(monthly_amounts, month) for month in months))


def _amount(monthly_amounts: MonthlyAmounts, month: Month) -> int:
    fen = monthly_amounts(month) if callable(monthly_amounts) else monthly_amounts.get(month)
    if fen is None or fen < 0:
        raise ValueError(f"the pension of {month} is {'not known' if fen is None else f'{fen} fen'}")
    return fen
