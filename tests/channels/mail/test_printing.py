"""The forms as PDF: pages, code, fonts, and that the table of boxes fits the page."""

import io
import itertools

import pypdfium2
import pytest
import zxingcpp

from jianzai.channels.mail.layouts import HOLE, MARK, PAGE, PRINTED, layout
from jianzai.channels.mail.payload import Kind, Payload, form_number, open_payload, person_token
from jianzai.channels.mail.printing import AddressPage, PaperForm, pdf
from tests.channels.mail.office import text_of

DPI = 150


def payload(kind=Kind.ELSEWHERE, running=7):
    return Payload(form_number(2026, running), kind, 2026, person_token("somebody"))


def rendered(content: bytes):
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        return [document[number].render(scale=DPI / 72).to_pil() for number in range(len(document))]


@pytest.mark.parametrize("kind", PRINTED)
def test_every_page_of_a_form_carries_its_code_marks_and_fonts(kind):
    form = PaperForm(payload(kind), {"name": "王桂兰", "identity": "430102194803020023"})
    content = pdf([form])
    assert b"/FontFile3" in content or b"/FontFile2" in content
    pages = rendered(content)
    assert len(pages) == layout(kind).copies
    for page in pages:
        (code,) = zxingcpp.read_barcodes(page)
        assert open_payload(code.text) == form.payload
        mm, gray = DPI / 25.4, page.convert("L")
        for index, (x, y) in enumerate(layout(kind).marks):
            assert gray.getpixel((round(x * mm), round(y * mm))) == (255 if index == 0 else 0)
            edge = (MARK + HOLE) / 4
            assert gray.getpixel((round((x + edge) * mm), round(y * mm))) == 0
    text = text_of(content)
    assert "王桂兰" in text
    assert form.payload.number in text


@pytest.mark.parametrize("kind", PRINTED)
def test_no_box_overlaps_another_or_leaves_the_page(kind):
    drawn = layout(kind)
    boxes = {field.name: field.box for field in drawn.fields} | {"qr": drawn.qr, "number": drawn.number}
    for name, (x, y, width, height) in boxes.items():
        assert x >= 0, name
        assert y >= 0, name
        assert x + width <= PAGE[0], name
        assert y + height <= PAGE[1], name
    for (one, a), (other, b) in itertools.combinations(boxes.items(), 2):
        apart = a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
        assert apart, (one, other)
    below = drawn.returned[1]
    assert all(field.stub == (field.box[1] < below) for field in drawn.fields)


def test_a_long_address_stays_in_its_box():
    address = "广东省深圳市南山区" + "很长的街道名称" * 12 + "（虚构）"
    (page, _) = rendered(pdf([PaperForm(payload(), {"address": address})]))
    (empty, _) = rendered(pdf([PaperForm(payload())]))
    mm = DPI / 25.4
    x, y, width, height = layout(Kind.ELSEWHERE).field("address").box
    page.paste(255, tuple(round(each * mm) for each in (x, y, x + width, y + height)))
    empty.paste(255, tuple(round(each * mm) for each in (x, y, x + width, y + height)))
    assert page.tobytes() == empty.tobytes()


def test_posted_forms_lie_behind_their_addresses():
    letter = AddressPage("第1便民服务中心", ["410000", "长沙市示范路1号", "王桂兰 收"], [])
    content = pdf(
        [PaperForm(payload(running=1), letter=letter), PaperForm(payload(running=2), letter=letter)]
    )
    pages = rendered(content)
    assert [len(zxingcpp.read_barcodes(page)) for page in pages] == [0, 1, 1, 0, 1, 1]
    window = [round(each * DPI / 25.4) for each in (20, 45, 105, 90)]
    gray = pages[0].convert("L")
    assert gray.crop(window).getextrema()[0] < 60
    gray.paste(255, (0, window[1], gray.width, window[3]))
    assert gray.crop((round(10 * DPI / 25.4), 0, gray.width, gray.height)).getextrema() == (255, 255)


def test_nothing_to_print_is_an_error():
    with pytest.raises(ValueError, match="no form"):
        pdf([])
