"""A policy survives the database, says what is wrong with it, and gives the days the presets promise."""

import json
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import jianzai.sentences
from jianzai.entitlement import (
    PRESETS,
    Month,
    MonthDay,
    Policy,
    PolicyError,
    Reason,
    ResumptionRule,
    cycle_for,
    due_date,
    effective_month,
    pausable_from,
)

from .strategies import policies

CHANGSHA = PRESETS["changsha-2013"]
ROLLING = PRESETS["rolling-12-months"]


@given(policies())
def test_a_policy_reads_back_equal_from_json(policy):
    assert Policy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_found_by_their_own_name(name):
    assert PRESETS[name].name == name


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("cycle_kind", "yearly", "natural_year | rolling"),
        ("window_start", "02-29", "MM-DD"),
        ("window_end", "06-30", "07-01..12-31"),  # before the start of the window
        ("grace_days", -1, "0..366"),
        ("grace_days", "7", "0..366"),
        ("grace_days", True, "0..366"),
        ("contact_channels_required", 1, "0..0"),  # more channels than contacts
        ("payroll_cutoff_day", 32, "1..31"),
        ("resumption", None, "month_after | back_pay"),
        ("arrears_instalments", 0, "1..36"),
        ("review_hold_days", 0, "1..366"),
        ("area_batch_cap_percent", 101, "1..100"),
        ("two_person_release", 1, "true | false"),
        ("name", " ", '"..."'),
        ("stop_rule_text", {"zh": "停发", "en": ""}, '{"zh": "...", "en": "..."}'),
        ("stop_rule_text", {"zh": "停发"}, '{"zh": "...", "en": "..."}'),
    ],
)
def test_a_wrong_field_is_named_with_what_may_stand_there(field, value, expected):
    with pytest.raises(PolicyError) as caught:
        Policy.from_dict({**CHANGSHA.to_dict(), field: value})
    assert [(each.field, each.code, each.expected) for each in caught.value.problems] == [
        (field, "invalid", expected)
    ]
    assert field in str(caught.value)


def test_every_wrong_field_is_named_at_once():
    plain = CHANGSHA.to_dict() | {"grace": 3, "resumption": "never"}
    del plain["name"]
    with pytest.raises(PolicyError) as caught:
        Policy.from_dict(plain)
    assert {(each.field, each.code) for each in caught.value.problems} == {
        ("name", "missing"),
        ("grace", "unknown"),
        ("resumption", "invalid"),
    }


def test_a_policy_cannot_be_changed_into_a_contradiction():
    with pytest.raises(PolicyError):
        replace(CHANGSHA, window_end=MonthDay(6, 30))


def test_changsha_2013_is_what_the_office_did():
    cycle = cycle_for(CHANGSHA, 2013)
    assert (cycle.opens, cycle.window_start, cycle.deadline) == (
        date(2013, 1, 1),
        date(2013, 7, 1),
        date(2013, 9, 30),
    )
    assert due_date(CHANGSHA, cycle, last_certified=date(2012, 7, 2)) == date(2013, 9, 30)
    assert pausable_from(CHANGSHA, date(2013, 9, 30)) == date(2013, 10, 1)  # by the date alone
    assert CHANGSHA.contacts_required == 0
    assert CHANGSHA.resumption is ResumptionRule.BACK_PAY


def test_rolling_is_due_twelve_months_after_the_last_certification():
    cycle = cycle_for(ROLLING, 2025)
    assert due_date(ROLLING, cycle, date(2024, 5, 6)) == date(2025, 5, 6)
    assert due_date(ROLLING, cycle, date(2024, 2, 29)) == date(2025, 2, 28)
    assert due_date(ROLLING, cycle, None) == date(2025, 12, 31)
    assert due_date(ROLLING, cycle, date(2019, 5, 6)) == date(2025, 1, 1)  # an old roster
    assert (ROLLING.contacts_required, ROLLING.contact_channels_required) == (3, 2)


@given(policies(), st.integers(2000, 2100), st.none() | st.dates(date(1999, 1, 1), date(2100, 12, 31)))
def test_nobody_is_due_before_the_cycle_opens(policy, year, last_certified):
    cycle = cycle_for(policy, year)
    assert cycle.opens <= cycle.window_start <= cycle.deadline
    assert due_date(policy, cycle, last_certified) >= cycle.opens


@given(policies(), st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_orders_reach_this_payroll_or_the_next_and_never_overtake_each_other(policy, day, later):
    assert effective_month(policy, day) - Month.of(day) in (0, 1)
    assert effective_month(policy, day) <= effective_month(policy, day + timedelta(days=later))


def test_the_cut_off_day_itself_is_in_time():
    policy = replace(CHANGSHA, payroll_cutoff_day=10)
    assert effective_month(policy, date(2013, 12, 10)) == Month(2013, 12)
    assert effective_month(policy, date(2013, 12, 11)) == Month(2014, 1)


@given(policies(), st.integers(1, 1_000_000))
def test_a_batch_stays_within_its_share_of_the_area(policy, people):
    cap = policy.area_batch_cap(people)
    assert cap == 1 or cap * 100 <= people * policy.area_batch_cap_percent < (cap + 1) * 100


def test_every_refusal_and_problem_has_a_sentence_in_both_languages():
    path = Path(jianzai.sentences.__file__).with_name("entitlement.toml")
    sentences = tomllib.loads(path.read_text(encoding="utf-8"))
    needed = {str(reason) for reason in Reason} | {
        f"policy_{code}" for code in ("missing", "unknown", "invalid")
    }
    assert needed | {"contacts_needed"} == set(sentences)
    assert all(entry["zh"].strip() and entry["en"].strip() for entry in sentences.values())
