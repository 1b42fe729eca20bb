"""Dates as hands and offices write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.channels.mail.reading.dates import is_blank, read_date


@pytest.mark.parametrize(
    "words",
    [
        "2026年8月15日",
        "2026 年 08 月 15 日 year / month / day",
        "2026.8.15",
        "20260815",
        "二〇二六年八月十五日",
        "民國115年8月15日",
        "15/8/2026",
        "15 August 2026",
        "Aug. 15th, 2026",
    ],
)
def test_one_day_in_many_hands(words):
    assert read_date(words) == date(2026, 8, 15)


@pytest.mark.parametrize("words", ["", "年月日", "2026年13月1日", "2026年2月30日", "3/4/2026", "二〇二六年"])
def test_what_is_no_sure_day_is_none(words):
    assert read_date(words) is None


def test_an_empty_box_is_blank():
    assert is_blank("　　　年　　　月　　　日 year / month / day")
    assert not is_blank("2026年　月　日")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_reads_back(day):
    digits = "〇一二三四五六七八九"
    tens = {10: "十", 20: "二十", 30: "三十"}

    def number(value: int) -> str:
        return (
            digits[value]
            if value < 10
            else tens[value // 10 * 10] + (digits[value % 10] if value % 10 else "")
        )

    year = "".join(digits[int(sign)] for sign in str(day.year))
    assert read_date(f"{year}年{number(day.month)}月{number(day.day)}日") == day
    assert read_date(day.isoformat()) == day


@given(st.text(max_size=40))
def test_nothing_breaks_it(words):
    read_date(words)
    is_blank(words)
