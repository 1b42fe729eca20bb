"""One spelling, one form to compare, pinyin and mask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.registry import names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 张　三 丰 ", "张三丰"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("阿依古丽･买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "JOHN SMITH"),
        ("John  H.  Smith", "John H. Smith"),
        ("𠮷田 㛃", "𠮷田㛃"),
        ("\ue863丽", "\ue863丽"),
    ],
)
def test_one_spelling(typed, kept):
    assert names.normalised(typed) == kept


@given(st.text(max_size=100))
def test_normalising_twice_changes_nothing(text):
    once = names.normalised(text)
    assert names.normalised(once) == once


@given(st.text(min_size=1, max_size=100))
def test_any_name_has_pinyin_that_fits_its_column(text):
    reading = names.pinyin(text)
    assert len(reading) <= 200
    assert reading.count(" ") >= 1


def test_spellings_of_one_name_compare_alike():
    assert names.comparable("Anna·Maria  O'Neil") == names.comparable("ANNA MARIA ONEIL")


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("张三丰", "zhangsanfeng zsf"),
        ("曾国藩", "zengguofan zgf"),
        ("单雄信", "shanxiongxin sxx"),
        ("尉迟恭", "yuchigong ycg"),
        ("吕布", "lvbu lb"),
        ("阿依古丽·买买提", "ayigulimaimaiti ayglmmt"),
        ("张𠮷", "zhang𠮷 z𠮷"),
        ("John Smith", "johnsmith j"),
    ],
)
def test_pinyin(name, reading):
    assert names.pinyin(name).startswith(reading)


@pytest.mark.parametrize(
    ("one", "other"), [("鄭興華", "郑兴华"), ("張長生", "张长生"), ("李還珠", "李还珠"), ("陳重陽", "陈重阳")]
)
def test_in_either_script_a_name_sounds_the_same(one, other):
    assert names.sound(one) == names.sound(other)


@pytest.mark.parametrize(
    ("name", "shown"), [("张丰", "张*"), ("张三丰", "张*丰"), ("欧阳娜娜", "欧**娜"), ("张", "*")]
)
def test_mask(name, shown):
    assert names.masked(name) == shown


@given(st.text(min_size=1, max_size=30))
def test_a_mask_never_shows_the_whole_name(name):
    assert "*" in names.masked(name)
    assert len(names.masked(name)) == len(name)
