"""A card in a photograph is read, and what is wrong with it is told."""

from datetime import date
from functools import cache
from pathlib import Path

import cv2
import manimgx_fonts_cjk
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from jianzai.channels.station.card import Side, read_card

TODAY = date(2026, 9, 20)
MM = 12  # pixels; a card is 85.6 by 54 mm
NUMBER = "430102194803020029"
GREEN = (30, 160, 60)  # the coat on the portrait, and nothing else
ADDRESS = "湖南省长沙市芙蓉区八一路街道十二号三栋二单元五零四室"


@cache
def font(size: int, weight: int = 400):
    face = ImageFont.truetype(str(next(Path(manimgx_fonts_cjk.__file__).parent.glob("*.ttc"))), size, index=2)
    face.set_variation_by_axes([weight])
    return face


def blank() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    card = Image.new("RGB", (round(85.6 * MM), 54 * MM), (228, 236, 240))
    pen = ImageDraw.Draw(card)
    for y in range(0, 54 * MM, 9):  # the fine waves of the ground
        pen.line(
            [(x, y + 4 * np.sin(x / 37)) for x in range(0, card.width, 8)], fill=(210, 222, 232), width=1
        )
    return card, pen


def front(name="欧阳凤莲", sex="女", born=(1948, 3, 2), number=NUMBER, address=ADDRESS) -> np.ndarray:
    card, pen = blank()

    def at(x, y, words, size=3.4, fill=(20, 20, 20), weight=500):
        pen.text((x * MM, y * MM), words, font=font(round(size * MM), weight), fill=fill)

    label = {"size": 2.8, "fill": (60, 110, 170), "weight": 400}
    at(6, 6.5, "姓名", **label)
    at(16, 6, name, 4)
    at(6, 14, "性别", **label)
    at(16, 13.5, sex)
    at(27, 14, "民族", **label)
    at(36, 13.5, "汉")
    at(6, 21, "出生", **label)
    for x, words in ((16, born[0]), (29, born[1]), (38, born[2])):
        at(x, 20.7, str(words))
    for x, words in ((25, "年"), (34, "月"), (43.5, "日")):
        at(x, 21, words, **label)
    at(6, 28, "住址", **label)
    for row in range(0, len(address), 11):
        at(16, 27.7 + row / 11 * 4.6, address[row : row + 11], 3.2)
    at(6, 45.2, "公民身份号码", **label)
    at(28, 44.6, number, 4.2, weight=600)
    pen.rectangle((56 * MM, 8 * MM, 80 * MM, 40 * MM), fill=(240, 240, 245))
    pen.ellipse((61 * MM, 12 * MM, 75 * MM, 32 * MM), fill=(215, 180, 155))
    pen.chord((57 * MM, 30 * MM, 79 * MM, 50 * MM), 180, 360, fill=GREEN)
    return np.ascontiguousarray(np.asarray(card)[:, :, ::-1])


def back(valid="2009.03.02-长期") -> np.ndarray:
    card, pen = blank()
    for x, y, words, size in (
        (30, 8, "中华人民共和国", 5.5),
        (30, 17, "居民身份证", 7),
        (20, 38, "签发机关", 3),
        (36, 37.7, "长沙市公安局芙蓉分局", 3.4),
        (20, 45, "有效期限", 3),
        (36, 44.7, valid, 3.4),
    ):
        pen.text((x * MM, y * MM), words, font=font(round(size * MM), 500), fill=(20, 20, 20))
    pen.ellipse((7 * MM, 6 * MM, 24 * MM, 23 * MM), fill=(200, 40, 40))
    return np.ascontiguousarray(np.asarray(card)[:, :, ::-1])


def photographed(card: np.ndarray, degrees: float = 5, turn: int | None = None) -> np.ndarray:
    """On a table, a little askew, a little soft, in warm light."""
    height, width = card.shape[:2]
    size = (round(width * 1.25), round(height * 1.4))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    matrix[:, 2] += np.array(size) / 2 - (width / 2, height / 2)
    picture = cv2.warpAffine(card, matrix, size, borderValue=(70, 90, 120)).astype(np.float32)
    shade = np.linspace(1, 0.7, size[0])[None, :, None]
    picture = cv2.GaussianBlur(picture * shade * np.array([0.85, 0.95, 1.0]), (0, 0), 1.2)
    picture += np.random.default_rng(1).normal(0, 5, picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    return picture if turn is None else cv2.rotate(picture, turn)


def codes(card) -> set[tuple[str, str]]:
    return {(finding.field, finding.code) for finding in card.findings if not finding.warning}


@pytest.mark.parametrize("turn", [None, cv2.ROTATE_90_CLOCKWISE])
def test_the_side_with_the_portrait_is_read_whichever_way_it_lies(turn):
    card = read_card(photographed(front(), turn=turn), TODAY)
    assert card.side == Side.PORTRAIT
    assert {name: field.text for name, field in card.fields.items()} == {
        "name": "欧阳凤莲",
        "sex": "女",
        "ethnic_group": "汉",
        "birth_date": "1948-03-02",
        "address": ADDRESS,
        "number": NUMBER,
    }
    assert all(field.confidence > 0.8 for field in card.fields.values())
    assert not codes(card)
    x, y, width, height = card.portrait
    blue, green, red = cv2.split(cv2.medianBlur(card.picture, 9).astype(np.float32))
    green = green - np.maximum(blue, red) > 25
    rows, columns = np.nonzero(green)
    assert x < columns.min()
    assert columns.max() < x + width
    assert green[y : y + height, x : x + width].sum() == green.sum() > 1000
    assert width * height < 2.5 * (24 * 32 / 22**2) * np.ptp(columns) ** 2


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"number": "430102194803020020"}, ("number", "identity_checksum")),
        ({"born": (1949, 3, 2)}, ("birth_date", "card_birth_date")),
        ({"sex": "男"}, ("sex", "card_sex")),
        ({"name": ""}, ("name", "card_missing")),
    ],
)
def test_what_does_not_agree_with_the_number_is_told(changed, found):
    assert codes(read_card(photographed(front(**changed)), TODAY)) == {found}


@pytest.mark.parametrize(
    ("valid", "until", "found"),
    [
        ("2009.03.02-长期", "长期", set()),
        ("2016.05.12-2036.05.12", "2036-05-12", set()),
        ("2006.09.19-2026.09.19", "2026-09-19", {("valid_until", "card_expired")}),
        ("2026.09.21-2046.09.21", "2046-09-21", {("valid_from", "card_not_yet")}),
    ],
)
def test_the_other_side_says_how_long_it_is_valid(valid, until, found):
    card = read_card(photographed(back(valid), degrees=-3), TODAY)
    assert card.side == Side.EMBLEM
    assert card.fields["issuer"].text == "长沙市公安局芙蓉分局"
    assert card.fields["valid_until"].text == until
    assert codes(card) == found
    assert card.portrait is None


def test_a_picture_without_a_card_is_none():
    card = read_card(np.full((600, 900, 3), 200, np.uint8), TODAY)
    assert card.side is None
    assert not card.fields
