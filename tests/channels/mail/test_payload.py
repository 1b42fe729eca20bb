"""The text in the code of a form, and form numbers: what is altered or misread is not taken for ours."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzai.channels.mail.payload import (
    LAST_NUMBER,
    Kind,
    Payload,
    PayloadError,
    form_number,
    open_payload,
    person_token,
    read_number,
    seal_payload,
)

numbers = st.builds(form_number, st.integers(2013, 2099), st.integers(1, LAST_NUMBER))
payloads = st.builds(
    Payload,
    numbers,
    st.sampled_from(list(Kind)),
    st.integers(2013, 2099),
    st.one_of(st.just("-"), st.uuids().map(person_token)),
)


@given(payloads)
def test_a_code_opens_as_it_was_sealed(payload):
    assert open_payload(seal_payload(payload)) == payload


@given(payloads, st.data())
def test_a_code_with_any_character_changed_is_refused(payload, data):
    text = seal_payload(payload)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_characters=text[place]))
    with pytest.raises(PayloadError):
        open_payload(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=300))
def test_other_peoples_codes_are_refused(text):
    with pytest.raises(PayloadError):
        open_payload(text)


@given(numbers, st.data())
def test_a_form_number_with_one_wrong_digit_is_none(number, data):
    place = data.draw(st.sampled_from([place for place, sign in enumerate(number) if sign != "-"]))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert read_number(number[:place] + digit + number[place + 1 :]) is None


@given(numbers)
def test_a_form_number_is_read_as_people_and_machines_write_it(number):
    assert read_number(number) == number
    assert read_number(number.replace("-", " ")) == number
    assert read_number(number.replace("-", "—").replace("0", "O").replace("1", "l")) == number


def test_the_token_of_a_person_is_theirs_alone():
    one, other = uuid.uuid4(), uuid.uuid4()
    assert person_token(one) == person_token(str(one)) != person_token(other)
