"""A made-up identity card to try the counter with: drawn, without emblem or pattern, and marked all over.

It shows the words that a reading looks for, and nothing that would make it pass for a card.
"""

from __future__ import annotations

import io
from datetime import date

from PIL import Image, ImageDraw

from jianzai.demo.papers import font
from jianzai.demo.people import Retiree

SIDES = ("front", "back")

_MM = 12  # pixels; a card is 85.6 by 54 mm
_INK, _LABEL, _MARK = (20, 20, 20), (60, 110, 170), (200, 40, 40)
_SPECIMEN = "演示样例 不是证件 SPECIMEN"


def specimen(who: Retiree, side: str) -> bytes:
    """A JPEG of one of the SIDES of a card with the data of ``who``, who is invented."""
    card = Image.new("RGB", (round(85.6 * _MM), 54 * _MM), (244, 244, 238))
    pen = ImageDraw.Draw(card)
    _front(pen, who) if side == "front" else _back(pen)
    _mark(card)
    file = io.BytesIO()
    card.save(file, "JPEG", quality=88)
    return file.getvalue()


def _front(pen: ImageDraw.ImageDraw, who: Retiree) -> None:
    born = date.fromisoformat(who.birth_date)
    sex = {"F": "女", "M": "男"}[who.sex]
    for x, y, label in ((6, 8, "姓名"), (6, 15, "性别"), (27, 15, "民族"), (6, 22, "出生"), (6, 29, "住址")):
        _write(pen, x, y, label, 2.8, _LABEL)
    for x, unit in ((25, "年"), (34, "月"), (43.5, "日")):
        _write(pen, x, 22, unit, 2.8, _LABEL)
    for x, number in ((16, born.year), (29, born.month), (38, born.day)):
        _write(pen, x, 21.7, str(number), 3.4)
    _write(pen, 16, 7.5, who.name, 4)
    _write(pen, 16, 14.6, sex, 3.4)
    _write(pen, 36, 14.6, "汉", 3.4)
    place = who.address.split("（")[0]
    for row in range(0, len(place), 11):
        _write(pen, 16, 28.7 + row / 11 * 4.6, place[row : row + 11], 3.2)
    _write(pen, 6, 42.2, "公民身份号码", 2.8, _LABEL)
    _write(pen, 28, 41.6, who.identity_number, 4.2)
    _nobody(pen)


def _back(pen: ImageDraw.ImageDraw) -> None:
    _write(pen, 20, 14, "演示用证件样例（背面）", 4.6, _LABEL)
    _write(pen, 16, 32, "签发机关", 3, _LABEL)
    _write(pen, 32, 31.7, "演示市公安局（虚构）", 3.4)
    _write(pen, 16, 40, "有效期限", 3, _LABEL)
    _write(pen, 32, 39.7, "2015.06.01-长期", 3.4)


def _nobody(pen: ImageDraw.ImageDraw) -> None:
    """Where the portrait is: a grey shape, nobody's face."""
    left, top, right, bottom = (round(each * _MM) for each in (57, 9, 80, 39))
    pen.rectangle((left, top, right, bottom), fill=(225, 225, 228))
    middle, width = (left + right) / 2, right - left
    pen.ellipse((middle - width * 0.22, top + 50, middle + width * 0.22, top + 190), fill=(170, 172, 178))
    pen.chord((left + 20, top + 205, right - 20, bottom + 130), 180, 360, fill=(150, 152, 160))


def _mark(card: Image.Image) -> None:
    """A red frame, and in red above and below that it is no card."""
    pen = ImageDraw.Draw(card)
    pen.rectangle((0, 0, card.width - 1, card.height - 1), outline=_MARK, width=14)
    for y in (3.2, 50.3):
        pen.text((card.width / 2, y * _MM), _SPECIMEN, font=font(34), fill=_MARK, anchor="mm")


def _write(pen: ImageDraw.ImageDraw, x: float, y: float, words: str, size: float, ink=_INK) -> None:
    """``words`` at a place, in millimetres."""
    pen.text((x * _MM, y * _MM), words, font=font(round(size * _MM)), fill=ink)
