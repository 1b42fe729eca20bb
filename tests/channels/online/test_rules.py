from datetime import UTC, date, datetime, timedelta

import pytest

from jianzai.channels.online.rules import ADDRESS, IDENTITY, next_due, wait_needed
from jianzai.entitlement import PRESETS

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def after(**ago):
    return NOW - timedelta(**ago)


@pytest.mark.parametrize("failures", range(5))
def test_four_failures_cost_nothing(failures):
    assert wait_needed(IDENTITY, failures, NOW, NOW) is None


def test_the_fifth_failure_costs_half_a_minute():
    assert wait_needed(IDENTITY, 5, NOW, NOW).seconds == 30
    assert wait_needed(IDENTITY, 5, after(seconds=29), NOW).seconds == 1
    assert wait_needed(IDENTITY, 5, after(seconds=30), NOW) is None


def test_after_ten_failures_nothing_is_tried_for_a_day():
    assert wait_needed(IDENTITY, 10, after(seconds=31), NOW).capped
    assert wait_needed(IDENTITY, 10, after(hours=23, minutes=59), NOW).capped
    assert wait_needed(IDENTITY, 10, after(hours=24), NOW) is None


def test_an_address_with_many_people_is_stopped_later_but_is_stopped():
    assert wait_needed(ADDRESS, 19, NOW, NOW) is None
    assert not wait_needed(ADDRESS, 20, NOW, NOW).capped
    assert wait_needed(ADDRESS, 100, after(minutes=1), NOW).capped


def test_the_next_date_is_next_years_window_or_a_year_from_the_day():
    certified_on = date(2026, 8, 3)
    assert next_due(PRESETS["changsha-2013"], 2026, certified_on) == date(2027, 9, 30)
    assert next_due(PRESETS["rolling-12-months"], 2026, certified_on) == date(2027, 8, 3)
