"""What agrees, what is one slip away, and whom the bits name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from jianzai.channels.matching.linking import Roll, mended
from jianzai.channels.matching.rows import read_records
from jianzai.channels.matching.weights import Level, birth_level, name_level, one_slip
from jianzai.registry.names import comparable, pinyin
from jianzai.registry.services import identity_number
from tests.people import make_person, resident_number

DAY = date(2026, 8, 20)


def level(name: str, other: str) -> Level:
    def sound(text):
        return pinyin(text).partition(" ")[0]

    return name_level(comparable(name), sound(name), comparable(other), sound(other))


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("王桂兰", "王桂兰", Level.SAME),
        ("王 桂兰", "王桂兰", Level.SAME),
        ("阿依古丽•买买提", "阿依古丽·买买提", Level.SAME),
        ("王桂蘭", "王桂兰", Level.SOUND),
        ("Wang Guilan", "王桂兰", Level.SOUND),
        ("王佳兰", "王桂兰", Level.NEAR),
        ("王兰桂", "王桂兰", Level.NEAR),
        ("李兰", "王兰", Level.OTHER),  # of two characters one is half the name
        ("赵铁柱", "王桂兰", Level.OTHER),
        ("", "王桂兰", Level.ABSENT),
    ],
)
def test_how_names_agree(name, other, expected):
    assert level(name, other) is expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1950, 3, 7), Level.SAME),
        (date(1950, 7, 3), Level.NEAR),
        (date(1950, 3, 8), Level.NEAR),
        (date(1950, 4, 7), Level.NEAR),
        (date(1951, 3, 7), Level.NEAR),
        (date(1951, 3, 8), Level.OTHER),
        (None, Level.ABSENT),
    ],
)
def test_how_birth_dates_agree(day, expected):
    assert birth_level(day, date(1950, 3, 7)) is expected


@given(st.text("ab1", min_size=1, max_size=6), st.text("ab1", min_size=1, max_size=6))
def test_a_slip_goes_both_ways(one, other):
    assert one_slip(one, other) == one_slip(other, one)
    assert not one_slip(one, one)


@given(st.integers(0, 999), st.integers(0, 16), st.data())
def test_a_number_with_one_slip_leads_back_to_the_right_one(serial, at, data):
    number = resident_number(serial)
    if data.draw(st.booleans()):
        slipped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    else:
        slipped = number[:at] + data.draw(st.sampled_from("0123456789")) + number[at + 1 :]
    found = mended(slipped)
    assert all(ric.calc_check_digit(each) == each[17] for each in found)
    if slipped != number and slipped[:17].isdigit():
        assert number in found


@pytest.mark.django_db
class TestWhoItIs:
    @pytest.fixture
    def person(self):
        for number in range(40):
            make_person(name=f"陈玉{'珍莲香梅'[number % 4]}", area="430103000000")
        return make_person(name="欧阳素贞")

    def found(self, person, **other):
        known = {
            "identity_number": "",
            "name": person.name,
            "sex": "F" if person.sex == "F" else "M",
            "birth_date": person.birth_date.isoformat(),
            "area_code": "430102",
            "day": DAY.isoformat(),
        }
        return [
            (match.person, match.exact) for match in Roll("4301").match(read_records([known | other], DAY))
        ]

    def test_name_sex_birth_date_and_area_name_a_person_probably(self, person):
        assert self.found(person) == [(person.pk, False)]
        assert self.found(person, name="歐陽素貞") == [(person.pk, False)]
        assert self.found(person, name="Ouyang Suzhen") == [(person.pk, False)]

    def test_a_number_in_order_that_is_nobodys_here_is_somebody_elses(self, person):
        assert self.found(person, identity_number=resident_number(998)) == []

    def test_one_slip_in_the_number_and_the_same_name(self, person):
        number = identity_number(person)
        swapped = number[:15] + number[16] + number[15] + number[17]
        if swapped == number:
            swapped = number[:17] + ("1" if number[17] != "1" else "2")
        assert self.found(person, identity_number=swapped) == [(person.pk, False)]

    def test_the_number_with_another_name_is_a_contradiction(self, person):
        assert self.found(person, identity_number=identity_number(person), name="赵铁柱") == [
            (person.pk, False)
        ]

    def test_another_name_or_another_birth_date_is_nobody(self, person):
        assert self.found(person, name="赵铁柱") == []
        assert self.found(person, birth_date="1931-08-09") == []

    def test_between_two_alike_nobody_is_chosen(self, person):
        twin = make_person(name="欧阳素贞")
        assert twin.birth_date == person.birth_date
        other = {"sex": ""} if twin.sex != person.sex else {}
        assert self.found(person, **other) == []
