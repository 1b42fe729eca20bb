"""A form of ours is found and read, however it lies, with its code and without."""

import cv2
import numpy as np
import pytest

from jianzai.channels.mail.layouts import layout
from jianzai.channels.mail.payload import Kind, PayloadError, open_payload
from jianzai.channels.mail.reading import read_sheet
from tests.channels.mail.reading.scans import VALUES, payload, printed

TURNS = {"upright": None, "quarter": cv2.ROTATE_90_CLOCKWISE, "half": cv2.ROTATE_180}


def without_code(page: np.ndarray, kind: Kind, dpi: int = 200) -> np.ndarray:
    x, y, width, height = (round(side * dpi / 25.4) for side in layout(kind).qr)
    page[y : y + height, x : x + width] = 255
    return page


@pytest.mark.parametrize(
    ("kind", "turn"), [(Kind.ELSEWHERE, "half"), (Kind.HMT, "quarter"), (Kind.ABROAD, "upright")]
)
def test_a_form_is_read_whichever_way_it_lies(kind, turn):
    page = printed(payload(kind))
    reading = read_sheet([page if TURNS[turn] is None else cv2.rotate(page, TURNS[turn])], open_payload)
    assert reading.straight
    assert reading.payload == payload(kind)
    assert reading.form_number == payload(kind).number
    for name, words in VALUES.items():
        if layout(kind).field(name):
            assert reading.fields[name].text == words, name
    assert reading.seals == ()
    assert reading.signature is False
    assert reading.photo is None
    assert set(reading.ticks.values()) <= {False}


@pytest.mark.parametrize("kind", [Kind.ELSEWHERE, Kind.HMT, Kind.ABROAD, Kind.ABROAD_2013])
def test_without_its_code_a_form_is_known_by_title_and_number(kind):
    page = cv2.rotate(without_code(printed(payload(kind)), kind), cv2.ROTATE_180)
    reading = read_sheet([page], open_payload)
    assert (reading.kind, reading.form_number) == (kind, payload(kind).number)
    assert reading.payload is None
    assert reading.qr_text is None
    assert reading.fields["name"].text == VALUES["name"]


def test_a_code_of_somebody_else_is_told_apart():
    def refuse(text):
        raise PayloadError("signature")

    reading = read_sheet([printed(payload(Kind.ELSEWHERE))], refuse)
    assert reading.payload is None
    assert reading.code_refused == "signature"
    assert reading.form_number == payload(Kind.ELSEWHERE).number


def test_the_form_is_found_among_what_is_enclosed():
    letter = np.full((1000, 700, 3), 255, np.uint8)
    reading = read_sheet([letter, printed(payload(Kind.HMT))], open_payload)
    assert reading.payload == payload(Kind.HMT)
    assert len(reading.pages) == 2
    assert reading.fields["name"].page == 1


@pytest.mark.parametrize("size", [(2, 2), (30, 4000), (9000, 7000), (600, 400)])
def test_pictures_of_any_size_are_taken_and_stay_bounded(size):
    (page,) = read_sheet([np.full((*size, 3), 255, np.uint8)], open_payload).pages
    assert max(page.shape[:2]) <= 2500


def test_no_pages_and_too_many_are_refused():
    page = np.full((100, 100, 3), 255, np.uint8)
    for pages in ([], [page] * 7):
        with pytest.raises(ValueError):
            read_sheet(pages, open_payload)
