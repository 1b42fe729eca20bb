"""Whom a letter is about, as such letters word it, and in what reading makes of their lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.channels.mail.reading.prose import name_and_number
from jianzai.ocr import Line, Text
from tests.people import resident_number

NUMBER = resident_number(7)


def lines(*words, confidence=0.9):
    corners = np.array([[0, 0], [10, 0], [10, 5], [0, 5]], np.float32)
    return [
        Line(Text(each, confidence), corners + np.float32([0, 20 * place]))
        for place, each in enumerate(words)
    ]


def read(*words):
    return {name: field.text for name, field in name_and_number(lines(*words), 0).items()}


@pytest.mark.parametrize(
    "words",
    [
        ["健在证明", f"兹证明王桂兰，女，身份证号码{NUMBER}，", "现居住在本街道，健在。"],
        ["证 明", "兹证明我辖区居民王桂兰同志", f"（公民身份号码：{NUMBER}）", "身体健康。"],
        ["领取养老金资格证明", "兹证明", f"王桂兰，女，身份证号 {NUMBER}"],
        [f"姓名：王桂兰  性别：女  身份证号：{NUMBER}"],
        ["长沙市社保局：", f"王桂兰系我社区居民，身份证号{NUMBER}，现健在，特此证明。"],
        ["兹有退休人员王桂兰，女，身份证", NUMBER],
        ["兹有退休人员王桂兰，女，身份证", f"NO.{NUMBER}"],
        ["兹有退休人员王桂兰，女", f"1 {NUMBER}"],
        [f"兹证明王桂兰（身份证号：{NUMBER[:10]}", f"{NUMBER[10:]}）健在。"],
        [f"姓名：王桂兰，身份证号：{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"],
    ],
)
def test_letters_as_they_are_worded(words):
    assert read(*words) == {"name": "王桂兰", "identity": NUMBER}


def test_other_names():
    assert read("兹证明欧阳桂兰女士健在")["name"] == "欧阳桂兰"
    assert read("兹证明阿依古丽·买买提同志健在")["name"] == "阿依古丽·买买提"


@pytest.mark.parametrize(
    "words", [["兹证明以下同志健在"], ["特此证明"], ["健在证明", "兹证明"], [], ["证明", "单位（盖章）"]]
)
def test_nobody_is_named(words):
    assert read(*words) == {}


def test_letters_taken_for_digits_are_put_right_where_the_check_digit_agrees():
    assert read(f"身份证号{NUMBER.replace('0', 'O').replace('1', 'l')}")["identity"] == NUMBER


def test_the_field_is_where_it_stands_and_as_sure_as_its_worst_line():
    (field,) = name_and_number(lines("证明", f"号码{NUMBER[:9]}", NUMBER[9:], confidence=0.6), 3).values()
    assert (field.box[1], field.page, field.confidence) == (20, 3, 0.6)


@given(place=st.integers(0, 17), digit=st.sampled_from("0123456789X"))
def test_a_number_with_one_wrong_digit_is_nobodys(place, digit):
    slip = f"{NUMBER[:place]}{digit}{NUMBER[place + 1 :]}"
    assert read(f"身份证号码{slip}，").get("identity") in ({NUMBER} if slip == NUMBER else {None})


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_lines_are_read_without_an_error(words):
    assert set(read(*words)) <= {"name", "identity"}
