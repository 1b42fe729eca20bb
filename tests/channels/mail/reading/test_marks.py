"""Ticks, seals, signatures and photographs are told by ink, colour and shape."""

from difflib import SequenceMatcher

import cv2
import numpy as np
import pytest

from jianzai.channels.mail.layouts import layout
from jianzai.channels.mail.payload import Kind, open_payload
from jianzai.channels.mail.reading import Shape, read_sheet
from tests.channels.mail.reading.scans import payload, printed

DPI = 150
MM = DPI / 25.4
RED, BLUE, BLACK = (60, 50, 210), (120, 50, 30), (30, 30, 30)


def box(name: str) -> tuple[int, int, int, int]:
    return tuple(round(side * MM) for side in layout(Kind.ELSEWHERE).field(name).box)


def middle(name: str) -> tuple[int, int]:
    x, y, width, height = box(name)
    return x + width // 2, y + height // 2


@pytest.fixture(scope="module")
def blank() -> np.ndarray:
    return printed(payload(Kind.ELSEWHERE), {}, DPI)


def read(page: np.ndarray):
    return read_sheet([page], open_payload)


def tick(page: np.ndarray, name: str) -> None:
    x, y, width, height = box(name)
    corners = [(0.2, 0.5), (0.45, 0.8), (0.95, 0.1)]
    line = np.array([(x + a * width, y + b * height) for a, b in corners], np.int32)
    cv2.polylines(page, [line], False, BLUE, 3)


def seal(page: np.ndarray, shape: Shape, at: tuple[int, int], side_mm: float = 38, colour=RED) -> None:
    half, thick = round(side_mm * MM / 2), round(1.2 * MM)
    if shape == Shape.SQUARE:
        cv2.rectangle(page, (at[0] - half, at[1] - half), (at[0] + half, at[1] + half), colour, thick)
    else:
        axes = (half, half if shape == Shape.ROUND else round(half * 0.7))
        cv2.ellipse(page, at, axes, 0, 0, 360, colour, thick)
    cv2.putText(page, "SEAL", (at[0] - half // 2, at[1]), cv2.FONT_HERSHEY_SIMPLEX, 1, colour, 3)


@pytest.mark.parametrize("shape", list(Shape))
def test_a_red_seal_is_found_with_its_shape_and_place(blank, shape):
    page = blank.copy()
    seal(page, shape, middle("seal"), 30)
    (found,) = read(page).seals
    assert found.shape == shape
    assert found.inside
    assert 0.005 < found.area_share < 0.03
    x, y = (8 / MM * side for side in middle("seal"))
    assert abs(found.box[0] + found.box[2] / 2 - x) < 16
    assert abs(found.box[1] + found.box[3] / 2 - y) < 16


def test_what_is_no_seal_where_it_belongs_is_not_one(blank):
    page = blank.copy()
    seal(page, Shape.ROUND, middle("address"))
    seal(page, Shape.ROUND, middle("seal"), colour=BLACK)
    cv2.line(page, middle("attestation"), middle("attester"), RED, 4)
    (found,) = read(page).seals
    assert not found.inside


def test_a_photograph_on_red_ground_is_no_seal(blank):
    page = blank.copy()
    x, y, width, height = box("photo")
    page[y + 15 : y + height - 15, x + 15 : x + width - 15] = (60, 60, 200)
    cv2.circle(page, middle("photo"), round(8 * MM), (160, 190, 220), -1)
    reading = read(page)
    assert reading.seals == ()
    assert reading.photo_there
    left, top, wide, high = reading.photo
    assert abs(wide / high - (width - 30) / (height - 30)) < 0.1


@pytest.mark.parametrize("ticked", [("alive",), ("dead",), ("alive", "missing"), ()])
def test_ticked_boxes_are_told(blank, ticked):
    page = blank.copy()
    for name in ticked:
        tick(page, name)
    assert {name for name, value in read(page).ticks.items() if value} == set(ticked)


def test_a_seal_over_words_and_boxes_hides_neither(blank):
    page = printed(payload(Kind.ELSEWHERE), {"attester": "福田区莲花街道办事处"}, DPI)
    tick(page, "alive")
    seal(page, Shape.ROUND, middle("attester"))
    seal(page, Shape.ROUND, middle("alive"))
    reading = read(page)
    # A ring of ink may look like one more stroke; who is on the list is compared with tolerance.
    assert SequenceMatcher(None, reading.fields["attester"].text, "福田区莲花街道办事处").ratio() > 0.9
    assert reading.ticks == {"alive": True, "dead": False, "missing": False, "imprisoned": False}


def test_a_signature_is_a_line_of_ink_and_a_stain_is_none(blank):
    signed, stained = blank.copy(), blank.copy()
    x, y = middle("signature")
    wave = [(x + step, y + 14 * np.sin(step / 8)) for step in range(-60, 60)]
    cv2.polylines(signed, [np.array(wave, np.int32)], False, BLUE, 2)
    cv2.circle(stained, (x, y), 3, BLACK, -1)
    assert read(signed).signature is True
    assert read(stained).signature is False


def test_a_grey_scan_is_said_to_be_one(blank):
    page = blank.copy()
    seal(page, Shape.ROUND, middle("seal"))
    reading = read(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY))
    assert not reading.coloured
    assert reading.seals == ()
    assert reading.payload == payload(Kind.ELSEWHERE)
