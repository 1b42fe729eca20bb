"""Months count like integers, and read back as they are written."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.entitlement import Month, MonthDay
from jianzai.entitlement.months import a_year_after

months = st.builds(Month, st.integers(1000, 3000), st.integers(1, 12))
steps = st.integers(-5000, 5000)


@given(months, steps, steps)
def test_adding_months_is_adding_integers(month, first, second):
    assert month + first + second == month + (first + second)
    assert (month + first) - month == first
    assert (month + first > month) == (first > 0)


@given(st.dates(date(1000, 1, 1), date(3000, 1, 1)))
def test_the_next_month_begins_after_the_last_day_of_this_one(day):
    month = Month.of(day)
    first_of_next = date((month + 1).year, (month + 1).month, 1)
    assert Month.of(first_of_next - timedelta(days=1)) == month


@given(months, st.integers(-5, 40))
def test_until_lists_each_month_once_and_leaves_out_the_end(month, count):
    listed = list(month.until(month + count))
    assert listed == [month + ahead for ahead in range(max(0, count))]


@given(months)
def test_a_month_reads_back_as_written(month):
    assert Month.parse(str(month)) == month


@given(st.dates())
def test_a_day_of_every_year_reads_back_as_written(day):
    if (day.month, day.day) != (2, 29):
        written = MonthDay(day.month, day.day)
        assert MonthDay.parse(str(written)) == written
        assert written.in_year(day.year) == day


@pytest.mark.parametrize("text", ["2013", "2013-7", "2013-13", "2013-07-01", "201307", "2013-00", ""])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):
        Month.parse(text)


@pytest.mark.parametrize("text", ["02-29", "02-30", "13-01", "7-1", "0701", ""])
def test_what_is_no_day_of_every_year_is_refused(text):
    with pytest.raises(ValueError):
        MonthDay.parse(text)


def test_a_year_after_the_leap_day_is_the_last_of_february():
    assert a_year_after(date(2024, 2, 29)) == date(2025, 2, 28)
    assert a_year_after(date(2025, 2, 28)) == date(2026, 2, 28)
