"""Forms as they come back: our own print, filled in, stamped and scanned. Everybody on them is invented."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from jianzai.channels.mail.layouts import FieldType, layout
from jianzai.channels.mail.payload import Kind

DPI = 150
_MM = DPI / 25.4
_RED, _INK = (200, 40, 40), (25, 30, 70)


def returned(
    printed: bytes,
    kind: Kind,
    written: Mapping[str, str],
    *,
    ticks: Collection[str] = ("alive",),
    seal: str = "社会保险事务中心",
    signed: bool = True,
    photo: bool = True,
    seed: int = 1,
) -> bytes:
    """The first page of ``printed`` (a PDF of ours) as somebody sends it back, as a scan in PDF.

    written: what stands in fields, by name. ticks: boxes that are ticked. seal: the words of the red seal;
    empty for none.
    """
    with pypdfium2.PdfDocument(printed) as document:
        page = document[0].render(scale=DPI / 72).to_pil().convert("RGB")
    places, pen, draw = layout(kind), ImageDraw.Draw(page), random.Random(seed)
    for field in places.fields:
        box = tuple(each * _MM for each in field.box)
        if field.type in (FieldType.TEXT, FieldType.DATE) and field.name in written:
            _write(pen, box, written[field.name], blank=field.type == FieldType.DATE)
        elif field.type == FieldType.TICK and field.name in ticks:
            _tick(pen, box)
        elif field.type == FieldType.SIGNATURE and signed:
            _sign(pen, box, draw)
        elif field.type == FieldType.PHOTO and photo:
            _face(page, box, draw)
        elif field.type == FieldType.SEAL and seal:
            _stamp(page, box, seal)
    file = io.BytesIO()
    page.save(file, "PDF", resolution=DPI, quality=85)
    return file.getvalue()


def letter(lines: Collection[str], seal: str) -> bytes:
    """A letter of our own making, stamped, as a scan in PDF."""
    page = Image.new("RGB", (round(210 * _MM), round(297 * _MM)), "white")
    pen = ImageDraw.Draw(page)
    for place, line in enumerate(lines):
        pen.text((25 * _MM, (50 + 14 * place) * _MM), line, font=font(round(6 * _MM)), fill=_INK)
    if seal:
        _stamp(page, tuple(each * _MM for each in (120, 150, 50, 50)), seal)
    file = io.BytesIO()
    page.save(file, "PDF", resolution=DPI, quality=85)
    return file.getvalue()


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    (path,) = Path(manimgx_fonts_cjk.__file__).parent.glob("NotoSansCJK*.ttc")
    font = ImageFont.truetype(str(path), size, index=2)  # the mainland's shapes
    font.set_variation_by_name("Regular")
    return font


def _write(pen: ImageDraw.ImageDraw, box: tuple[float, ...], words: str, *, blank: bool) -> None:
    x, y, width, height = box
    if blank:  # the hints for a date are written over
        pen.rectangle((x + 4, y + 4, x + width - 4, y + height - 4), fill="white")
    size = min(round(height * 0.55), round(4.5 * _MM))
    while size > 8 and pen.textlength(words, font=font(size)) > width - 12:
        size -= 1
    pen.text((x + 8, y + height / 2), words, font=font(size), fill=_INK, anchor="lm")


def _tick(pen: ImageDraw.ImageDraw, box: tuple[float, ...]) -> None:
    x, y, width, height = box
    points = [(x + 0.15 * width, y + 0.5 * height), (x + 0.4 * width, y + 0.8 * height)]
    pen.line([*points, (x + 0.95 * width, y + 0.05 * height)], fill=_INK, width=round(0.8 * _MM))


def _sign(pen: ImageDraw.ImageDraw, box: tuple[float, ...], draw: random.Random) -> None:
    x, y, width, height = box
    points = [
        (
            x + (0.15 + 0.7 * step / 40) * width,
            y + (0.5 + 0.3 * math.sin(step * 0.9) * draw.uniform(0.5, 1)) * height,
        )
        for step in range(41)
    ]
    pen.line(points, fill=_INK, width=round(0.6 * _MM), joint="curve")


def _face(page: Image.Image, box: tuple[float, ...], draw: random.Random) -> None:
    """Something with the look of a photograph; nobody."""
    x, y, width, height = (round(each) for each in box)
    photo = Image.effect_noise((width - 12, height - 12), 24).convert("RGB")
    pen = ImageDraw.Draw(photo)
    pen.rectangle((0, 0, width, height), fill=(70, 110, 170))
    pen.ellipse((width * 0.2, height * 0.15, width * 0.75, height * 0.75), fill=(214, 178, 150))
    pen.pieslice((width * 0.2, height * 0.08, width * 0.75, height * 0.6), 180, 360, fill=(90, 90, 95))
    pen.ellipse((width * 0.05, height * 0.7, width * 0.9, height * 1.4), fill=(60, 60, 70))
    noise = Image.effect_noise(photo.size, 40).convert("RGB")
    page.paste(Image.blend(photo, noise, 0.15 + 0.05 * draw.random()), (x + 6, y + 6))


def _stamp(page: Image.Image, box: tuple[float, ...], words: str) -> None:
    """A round red seal with a star and its words around it, laid over what is there."""
    x, y, width, height = box
    radius = min(width, height, 44 * _MM) / 2 - 4
    side = round(2 * radius + 8)
    seal = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen, centre = ImageDraw.Draw(seal), side / 2
    pen.ellipse((4, 4, side - 4, side - 4), outline=(*_RED, 225), width=round(1.1 * _MM))
    star = [
        (
            centre + radius * (0.3 if point % 2 == 0 else 0.12) * math.sin(point * math.pi / 5),
            centre - radius * (0.3 if point % 2 == 0 else 0.12) * math.cos(point * math.pi / 5),
        )
        for point in range(10)
    ]
    pen.polygon(star, fill=(*_RED, 225))
    size = max(12, round(radius * 0.26))
    for place, sign in enumerate(words):
        angle = math.radians(-120 + 240 * (place / max(1, len(words) - 1)))
        letter = Image.new("RGBA", (2 * size, 2 * size), (0, 0, 0, 0))
        ImageDraw.Draw(letter).text((size, size), sign, font=font(size), fill=(*_RED, 225), anchor="mm")
        letter = letter.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        at = (
            round(centre + 0.76 * radius * math.sin(angle) - size),
            round(centre - 0.76 * radius * math.cos(angle) - size),
        )
        seal.alpha_composite(letter, (max(0, at[0]), max(0, at[1])))
    page.paste(seal, (round(x + (width - side) / 2), round(y + (height - side) / 2)), seal)
