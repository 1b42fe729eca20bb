"""No fen is lost or paid twice between a stop and what follows it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.entitlement import (
    PRESETS,
    Instalment,
    Month,
    ResumptionRule,
    entitled_after_resumption,
    overpaid_after_death,
    restored_after_undo,
)

from .strategies import policies

CHANGSHA = PRESETS["changsha-2013"]
OCTOBER = Month(2013, 10)
FIRST = Month(2013, 1)
HORIZON = Month(2018, 1)

days = st.dates(date(2013, 1, 1), date(2016, 12, 31))
amounts = st.lists(st.integers(0, 1_000_000), min_size=60, max_size=60).map(
    lambda fen: dict(zip(FIRST.until(HORIZON), fen, strict=True))
)
stops = st.integers(0, 40).map(lambda ahead: FIRST + ahead)


def assert_every_month_is_accounted_for(arrears, monthly, paused_from):
    regular = [month for month in monthly if month < paused_from or month >= arrears.resume_month]
    together = [*regular, *arrears.months_granted, *arrears.months_withheld]
    assert sorted(together) == sorted(monthly)
    paid = sum(monthly[month] for month in regular) + arrears.total_fen
    assert paid + sum(monthly[month] for month in arrears.months_withheld) == sum(monthly.values())


def assert_instalments_pay_the_arrears(arrears, policy):
    assert sum(each.fen for each in arrears.instalments) == arrears.total_fen
    assert len(arrears.instalments) <= policy.arrears_instalments
    assert [each.month for each in arrears.instalments] == [
        arrears.resume_month + number for number in range(len(arrears.instalments))
    ]
    assert all(each.fen > 0 for each in arrears.instalments)
    if arrears.instalments:
        fen = [each.fen for each in arrears.instalments]
        assert max(fen) - min(fen) <= 1


@given(policies(), amounts, stops, days, st.integers(0, 200))
def test_paid_and_arrears_and_withheld_are_all_there_is(policy, monthly, paused_from, certified_on, later):
    decided_on = certified_on + timedelta(days=later)
    arrears = entitled_after_resumption(policy, monthly, paused_from, certified_on, decided_on)
    assert_every_month_is_accounted_for(arrears, monthly, paused_from)
    assert_instalments_pay_the_arrears(arrears, policy)


@given(policies(), amounts, stops, days, st.integers(0, 200))
def test_exactly_what_the_resumption_rule_grants(policy, monthly, paused_from, certified_on, later):
    arrears = entitled_after_resumption(
        policy, monthly, paused_from, certified_on, certified_on + timedelta(days=later)
    )
    if policy.resumption is ResumptionRule.BACK_PAY:
        assert arrears.months_withheld == ()
    else:
        up_to_certification = [month for month in monthly if paused_from <= month <= Month.of(certified_on)]
        assert list(arrears.months_withheld) == up_to_certification


@given(policies(), amounts, stops, days, st.integers(0, 200))
def test_payment_is_back_at_latest_in_the_month_after_the_decision(
    policy, monthly, paused_from, certified_on, later
):
    decided_on = certified_on + timedelta(days=later)
    arrears = entitled_after_resumption(policy, monthly, paused_from, certified_on, decided_on)
    assert paused_from <= arrears.resume_month <= max(paused_from, Month.of(decided_on) + 1)


@given(policies(), amounts, stops, days)
def test_an_undone_pause_costs_the_person_nothing_under_any_rule(policy, monthly, paused_from, undone_on):
    restored = restored_after_undo(policy, monthly, paused_from, undone_on)
    assert restored.months_withheld == ()
    assert_every_month_is_accounted_for(restored, monthly, paused_from)
    assert_instalments_pay_the_arrears(restored, policy)


def test_changsha_pays_arrears_from_the_month_of_the_stop():
    # Certified on 20 December, after December's cut-off: October to December come with January's pension.
    arrears = entitled_after_resumption(
        replace(CHANGSHA, arrears_instalments=2), lambda month: 200_001, OCTOBER, date(2013, 12, 20)
    )
    assert arrears.months_granted == (OCTOBER, OCTOBER + 1, OCTOBER + 2)
    assert arrears.total_fen == 600_003
    assert arrears.instalments == (
        Instalment(Month(2014, 1), 300_002),
        Instalment(Month(2014, 2), 300_001),
    )


def test_the_month_after_rule_withholds_up_to_the_month_of_the_certification():
    policy = replace(CHANGSHA, resumption=ResumptionRule.MONTH_AFTER)
    arrears = entitled_after_resumption(policy, lambda month: 200_000, OCTOBER, date(2013, 11, 30))
    assert arrears.months_withheld == (OCTOBER, OCTOBER + 1)
    assert (arrears.resume_month, arrears.total_fen, arrears.instalments) == (Month(2013, 12), 0, ())


def test_a_decision_that_came_late_is_not_at_the_persons_cost():
    policy = replace(CHANGSHA, resumption=ResumptionRule.MONTH_AFTER)
    arrears = entitled_after_resumption(
        policy, lambda month: 200_000, OCTOBER, certified_on=date(2013, 10, 5), decided_on=date(2013, 12, 20)
    )
    assert arrears.months_withheld == (OCTOBER,)
    assert arrears.months_granted == (OCTOBER + 1, OCTOBER + 2)
    assert arrears.resume_month == Month(2014, 1)


def test_certified_before_the_payroll_is_closed_there_is_nothing_to_make_good():
    arrears = entitled_after_resumption(CHANGSHA, {}, OCTOBER, date(2013, 10, 3))
    assert (arrears.resume_month, arrears.months_granted, arrears.months_withheld) == (OCTOBER, (), ())


def test_a_raise_during_the_pause_is_in_the_arrears():
    raised = {OCTOBER: 200_000, OCTOBER + 1: 220_000}
    arrears = entitled_after_resumption(CHANGSHA, raised, OCTOBER, date(2013, 11, 30))
    assert arrears.total_fen == 420_000


@pytest.mark.parametrize("monthly", [{}, {OCTOBER: -1}])
def test_an_amount_that_is_missing_or_negative_is_refused(monthly):
    with pytest.raises(ValueError, match="2013-10"):
        entitled_after_resumption(CHANGSHA, monthly, OCTOBER, date(2013, 10, 20))


def test_a_resumption_is_not_decided_before_the_certification():
    with pytest.raises(ValueError, match="before the certification"):
        entitled_after_resumption(CHANGSHA, {}, OCTOBER, date(2013, 10, 3), decided_on=date(2013, 10, 2))


def test_the_month_of_death_is_due_and_the_next_is_overpaid():
    overpaid = overpaid_after_death(
        date(2013, 8, 31), FIRST.until(OCTOBER), lambda month: 200_000 + month.month
    )
    assert overpaid.months == (Month(2013, 9),)
    assert overpaid.total_fen == 200_009


@given(days, st.lists(stops), amounts)
def test_overpaid_and_due_together_are_what_was_paid(died_on, paid, monthly):
    overpaid = overpaid_after_death(died_on, paid, monthly)
    due = {month for month in paid if month <= Month.of(died_on)}
    assert sorted([*due, *overpaid.months]) == sorted(set(paid))
    assert overpaid.total_fen == sum(monthly[month] for month in set(paid) - due)
