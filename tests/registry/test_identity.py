"""Identity numbers, by GB 11643 and by everyday writing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.registry import identity
from jianzai.registry.models import Beneficiary

from .people import resident_number

births = st.dates(date(1900, 1, 1), date(2000, 12, 31))
orders = st.integers(0, 999)
Kind = Beneficiary.IdentityKind


def codes(found):
    return [finding.code for finding in found]


def test_the_standards_own_examples():
    """GB 11643-1999, annex: 11010519491231002X and 440524188001010014."""
    for number, sex in (("11010519491231002X", "F"), ("440524188001010014", "M")):
        assert not [found for found in identity.check("resident", number, None, sex) if not found.warning]


@given(births, orders)
def test_a_valid_number_agrees_with_its_own_birth_date_and_sex(born, order):
    number = resident_number(born, order)
    assert identity.check(Kind.RESIDENT, number, born, "M" if order % 2 else "F") == []
    assert identity.birth_date_in(number) == born
    assert identity.sex_in(number) == ("M" if order % 2 else "F")


@given(births, orders, st.integers(0, 17), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(born, order, place, shift):
    number = resident_number(born, order)
    alphabet = "0123456789X" if place == 17 else "0123456789"
    digit = alphabet[(alphabet.index(number[place]) + shift) % len(alphabet)]
    wrong = number[:place] + digit + number[place + 1 :]
    assert codes(identity.check(Kind.RESIDENT, wrong, None, None)) == ["identity_checksum"]


@given(births, orders, st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(born, order, place):
    number = resident_number(born, order)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert codes(identity.check(Kind.RESIDENT, swapped, None, None))[0] in {
            "identity_checksum",
            "identity_characters",
        }


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), orders)
def test_old_numbers_become_new_ones(born, order):
    number = resident_number(born, order)
    old = number[:6] + number[8:17]
    assert identity.normalised(old) == number


@given(births, orders)
def test_writing_does_not_matter(born, order):
    number = resident_number(born, order)
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    spaced = f" {number[:6]} {number[6:14]}-{number[14:].lower()}\u3000"
    assert identity.normalised(wide) == identity.normalised(spaced) == number


@given(st.text(max_size=40), st.sampled_from(Kind.values))
def test_any_text_is_answered(text, kind):
    number = identity.normalised(text)
    assert identity.normalised(number) == number
    for found in identity.check(kind, number, date(1950, 1, 1), "M"):
        assert str(found.code)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "identity_missing"),
        ("43010219520307451", "identity_length"),
        ("430102195203O74511", "identity_characters"),
        ("X30102195203074511", "identity_characters"),
        (resident_number(date(1952, 3, 7), 451).replace("0307", "0370"), "identity_checksum"),
    ],
)
def test_what_is_wrong_is_named(number, code):
    assert codes(identity.check(Kind.RESIDENT, number, None, None)) == [code]


def test_a_date_that_does_not_exist_is_named():
    class ThirtiethOfFebruary(date):
        def __format__(self, specification):
            return "19520230"

    number = resident_number(ThirtiethOfFebruary(1952, 2, 28), 451)
    assert codes(identity.check(Kind.RESIDENT, number, None, None)) == ["identity_no_date"]


def test_birth_date_and_sex_must_agree():
    number = resident_number(date(1952, 3, 7), 451)
    assert codes(identity.check(Kind.RESIDENT, number, date(1952, 3, 8), "F")) == [
        "identity_birth_date",
        "identity_sex",
    ]


def test_an_unknown_region_is_a_warning():
    number = resident_number(date(1952, 3, 7), 451, region="999999")
    (found,) = identity.check(Kind.RESIDENT, number, None, None)
    assert found.code == "identity_region"
    assert found.warning


def test_a_county_of_the_time_before_todays_counties_is_accepted():
    """430102 was made in 1996; the table's years must not speak against people born before."""
    assert identity.check(Kind.RESIDENT, resident_number(date(1931, 5, 4), 12), None, None) == []


@pytest.mark.parametrize(
    ("kind", "number", "good"),
    [
        (Kind.HONG_KONG_MACAO, "H12345678", True),
        (Kind.HONG_KONG_MACAO, "M1234567801", True),
        (Kind.HONG_KONG_MACAO, "K12345678", False),
        (Kind.HONG_KONG_MACAO, resident_number(date(1950, 1, 2), 3, region="810000"), True),
        (Kind.HONG_KONG_MACAO, resident_number(date(1950, 1, 2), 3, region="810000")[:-1] + "A", False),
        (Kind.TAIWAN, "01234567", True),
        (Kind.TAIWAN, "0123456789A", True),
        (Kind.TAIWAN, "0123", False),
        (Kind.PASSPORT, "E12345678", True),
        (Kind.PASSPORT, "E1", False),
        (Kind.PASSPORT, "81ZZZZZZZZZZZZZZZZ", True),
        (Kind.OTHER, "粤军012345", True),
        (Kind.OTHER, "1", False),
    ],
)
def test_other_documents(kind, number, good):
    assert (identity.check(kind, identity.normalised(number), None, None) == []) is good
