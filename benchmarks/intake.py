"""What is read from forms that were filled in, stamped, signed, and badly scanned or photographed, in counts.

Our own forms are printed for invented people, filled in and stamped by drawing, and degraded: turned,
blurred, photographed at an angle on a table, shaded, creased, noisy, compressed, at 120 to 200 pixels to the
inch; a tenth have their code torn off. In half of them one thing is wrong. Everything is drawn from a seed.
Handwriting is a printed face shaken about: what real hands do to the reading is not measured here.

    python benchmarks/intake.py [--sheets N] [--seed S] [--workers N] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path

import cv2
import manimgx_fonts_cjk
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table

DRAWN_DPI = 220
MM = DRAWN_DPI / 25.4
TODAY = date(2026, 9, 20)
YEAR, OPENS = 2026, date(2026, 1, 1)

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
GIVEN = "桂兰秀英玉珍凤淑华建国志明德福永祥文武春梅翠莲金水菊香月娥长生庆云光荣爱民素芳润清少霞海涛"
PLACES = (
    ("广东省深圳市福田区", "莲花街道"),
    ("上海市浦东新区", "花木街道"),
    ("湖北省武汉市江岸区", "百步亭街道"),
    ("海南省三亚市天涯区", "凤凰社区"),
)
BODIES = {
    "elsewhere": [
        "福田区莲花街道办事处",
        "浦东新区花木街道办事处",
        "江岸区百步亭街道办事处",
        "三亚市社会保险服务中心",
    ],
    "hmt": ["香港工会联合会", "澳门工会联合总会", "香港民政事务总署", "台北地方法院公证处"],
    "abroad": ["中国驻纽约总领事馆", "中国驻加拿大大使馆", "中国驻悉尼总领事馆", "中国驻日本国大使馆"],
}
LISTED = {
    "elsewhere": ("*街道办事处", "*乡人民政府", "*镇人民政府", "*社会保险服务中心"),
    "hmt": ("香港工会联合会", "澳门工会联合总会", "香港民政事务总署", "*地方法院公证处"),
    "abroad": (
        "中国驻纽约总领事馆",
        "中国驻加拿大大使馆",
        "中国驻悉尼总领事馆",
        "中国驻日本国大使馆",
        "中国驻英国大使馆",
    ),
}
STRANGE_BODIES = ("老友记餐饮有限公司", "东方红旅行社", "幸福里物业管理处", "百年好合婚庆公司")


@dataclass(frozen=True)
class Invented:
    """Somebody who does not exist, and the form they were issued."""

    key: str
    name: str
    sex: str
    born: date
    identity: str
    personal_number: str
    kind: str
    running: int


@dataclass
class Sheet:
    """What was put on paper: for whom, what is wrong with it, and the picture that came in."""

    person: Invented
    values: dict[str, str]
    wrong: str | None = None
    year: int = YEAR
    empty_print: bool = False
    torn_code: bool = False
    photographed: bool = False
    ticks: tuple[str, ...] = ("alive",)
    seal: bool = True
    signature: bool = True
    photo: bool = True
    expected: dict[str, object] = field(default_factory=dict)
    picture: np.ndarray | None = None


# ---- people


def invent(rng: random.Random, number: int) -> Invented:
    from stdnum.cn import ric

    born = date(1930, 1, 1) + timedelta(days=rng.randrange(365 * 36))
    sex = rng.choice("男女")
    order = rng.randrange(100) * 10 + rng.choice((1, 3, 5, 7, 9) if sex == "男" else (0, 2, 4, 6, 8))
    digits = f"4301{rng.randrange(2, 12):02d}{born:%Y%m%d}{order:03d}"
    name = rng.choice(SURNAMES) + "".join(rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2))))
    return Invented(
        key=f"person {number}",
        name=name,
        sex=sex,
        born=born,
        identity=digits + ric.calc_check_digit(digits + "0"),
        personal_number=f"4301{rng.randrange(10**9):09d}",
        kind=rng.choice(("elsewhere", "elsewhere", "hmt", "abroad")),
        running=number + 1,
    )


# ---- what may be wrong: its name, the kinds it is for, what it does to the sheet, the rules that see it

Plant = Callable[[random.Random, Sheet, Invented], None]
WRONG: dict[str, tuple[tuple[str, ...], Plant, tuple[str, ...]]] = {}
ALL = ("elsewhere", "hmt", "abroad")


def wrong(rules: str, *kinds: str) -> Callable[[Plant], Plant]:
    def add(plant: Plant) -> Plant:
        WRONG[plant.__name__] = (kinds or ALL, plant, tuple(rules.split()))
        return plant

    return add


@wrong("name")
def another_name(rng, sheet, other):
    sheet.values["name"] = other.name


@wrong("identity")
def another_identity(rng, sheet, other):
    sheet.values["identity"] = other.identity


@wrong("personal_number", "elsewhere")
def another_personal_number(rng, sheet, other):
    sheet.values["personal_number"] = other.personal_number


@wrong("form")
def issued_to_another(rng, sheet, other):
    sheet.expected["issued"] = other


@wrong("year")
def last_years_form(rng, sheet, other):
    sheet.year = YEAR - 1


@wrong("kind")
def kind_not_for_them(rng, sheet, other):
    sheet.expected["kinds"] = frozenset(ALL) - {sheet.person.kind}


@wrong("attester")
def strange_body(rng, sheet, other):
    sheet.values["attester"] = rng.choice(STRANGE_BODIES)


@wrong("attested_on")
def attested_in_the_future(rng, sheet, other):
    sheet.values["attested_on"] = written(rng, TODAY + timedelta(days=rng.randrange(15, 300)))


@wrong("attested_on")
def attested_last_year(rng, sheet, other):
    sheet.values["attested_on"] = written(rng, OPENS - timedelta(days=rng.randrange(1, 365)))


@wrong("attested_on")
def attested_no_day(rng, sheet, other):
    sheet.values["attested_on"] = ""


@wrong("appeared_on", "hmt")
def appeared_last_year(rng, sheet, other):
    sheet.values["appeared_on"] = written(rng, OPENS - timedelta(days=rng.randrange(1, 365)))


@wrong("signed_on")
def signed_no_day(rng, sheet, other):
    sheet.values["signed_on"] = ""


@wrong("certificate_number", "hmt")
def number_used_before(rng, sheet, other):
    sheet.expected["used"] = frozenset({sheet.values["certificate_number"]})


@wrong("authority", "abroad")
def authority_too_old(rng, sheet, other):
    agent(rng, sheet, other, days=rng.randrange(35, 400))


@wrong("agent_years", "abroad")
def agent_for_the_fourth_year(rng, sheet, other):
    agent(rng, sheet, other, days=rng.randrange(1, 25))
    sheet.expected["agent_years"] = 3


@wrong("one_box", "elsewhere")
def nothing_ticked(rng, sheet, other):
    sheet.ticks = ()


@wrong("one_box", "elsewhere")
def two_ticked(rng, sheet, other):
    sheet.ticks = ("alive", rng.choice(("dead", "missing", "imprisoned")))


@wrong("alive", "elsewhere")
def not_said_alive(rng, sheet, other):
    sheet.ticks = (rng.choice(("dead", "missing", "imprisoned")),)


@wrong("seal")
def no_seal(rng, sheet, other):
    sheet.seal = False


@wrong("signature")
def no_signature(rng, sheet, other):
    sheet.signature = False


@wrong("photo", "elsewhere", "hmt")
def no_photo(rng, sheet, other):
    sheet.photo = False


def agent(rng: random.Random, sheet: Sheet, other: Invented, days: int) -> None:
    """An agent brings the sheet, with an authority so many days old."""
    attested = TODAY - timedelta(days=rng.randrange(1, 60))
    sheet.values |= {
        "agent": other.name,
        "attested_on": written(rng, attested),
        "authority_on": written(rng, attested - timedelta(days=days)),
    }


def written(rng: random.Random, day: date) -> str:
    """A day as people write it."""
    return rng.choice(
        (f"{day.year}年{day.month}月{day.day}日",) * 3
        + (f"{day:%Y-%m-%d}", f"{day.year}.{day.month}.{day.day}")
    )


# ---- on paper

PART = 25
"""Sheets that a process does before it says how far it came."""

BY_HAND = {
    "signed_on",
    "died_on",
    "attester",
    "handler",
    "attester_phone",
    "attested_on",
    "appeared_on",
    "certificate_number",
    "authority_on",
    "agent",
    "reviewer",
    "attestation",
}


def fill_in(rng: random.Random, person: Invented, other: Invented, mistaken: bool) -> Sheet:
    """What is written on the sheet of ``person``; ``other`` lends what is another person's."""
    place, street = rng.choice(PLACES)
    day = TODAY - timedelta(days=rng.randrange(1, 200))
    values = {
        "name": person.name,
        "sex": person.sex,
        "born": f"{person.born.year}年{person.born.month}月",
        "birth_date": f"{person.born.year}年{person.born.month}月{person.born.day}日",
        "identity": person.identity,
        "personal_number": person.personal_number,
        "employer": "长沙市第三机床厂",
        "address": f"{place}{street}{rng.randrange(1, 90)}号{rng.randrange(101, 2504)}室",
        "phone": f"13{rng.randrange(10**9):09d}",
        "paying_agency": "长沙市社会保险经办服务中心",
        "return_address": "湖南省长沙市芙蓉区八一路1号",
        "attester": rng.choice(BODIES[person.kind]),
        "handler": invent(rng, 0).name,
        "attested_on": written(rng, day),
        "appeared_on": written(rng, day),
        "signed_on": written(rng, day - timedelta(days=rng.randrange(0, 5))),
        "certificate_number": f"HK{rng.randrange(10**6):06d}",
    }
    sheet = Sheet(person, values, empty_print=rng.random() < 0.1, torn_code=rng.random() < 0.1)
    if mistaken:
        fitting = [name for name, (kinds, _, _) in WRONG.items() if person.kind in kinds]
        if sheet.empty_print:
            fitting.remove("issued_to_another")
        sheet.wrong = rng.choice(fitting)
        WRONG[sheet.wrong][1](rng, sheet, other)
    return sheet


def on_paper(rng: random.Random, sheet: Sheet) -> Image.Image:
    """The page, printed, filled in by hand, stamped and signed."""
    from jianzai.channels.mail.layouts import FieldType, layout

    code = payload_of(sheet)
    places = layout(code.kind)
    printed = {} if sheet.empty_print else {k: v for k, v in sheet.values.items() if k not in BY_HAND}
    paper = printed_page(code, printed)
    by_hand = {k: v for k, v in sheet.values.items() if sheet.empty_print or k in BY_HAND}
    ink = rng.choice(((20, 20, 25), (25, 35, 110), (40, 40, 45)))
    for name, words in by_hand.items():
        box = places.field(name)
        if box and words and not box.stub:
            write(rng, paper, box.box, words, ink, over_hint=box.type == FieldType.DATE)
    for name in sheet.ticks:
        if box := places.field(name):
            tick(rng, paper, box.box, ink)
    if sheet.signature and (box := places.field("signature")):
        sign(rng, paper, box.box, sheet.person.name, ink)
    if sheet.photo and (box := places.field("photo")):
        stick_photo(rng, paper, box.box)
    if sheet.seal:
        stamp(rng, paper, places.field("seal").box, sheet.values["attester"])
    if sheet.torn_code:
        x, y, width, height = places.qr
        fill = tuple(rng.randrange(120, 256) for _ in range(3))
        spot = [
            (x + dx) * MM if i % 2 == 0 else (y + dx) * MM for i, dx in enumerate((-1, 0, width, height + 1))
        ]
        ImageDraw.Draw(paper).rectangle(spot, fill=fill)
    return paper


def payload_of(sheet: Sheet):
    from jianzai.channels.mail.payload import NOBODY, Kind, Payload, form_number, person_token

    token = NOBODY if sheet.empty_print else person_token(sheet.person.key)
    return Payload(form_number(sheet.year, sheet.person.running), Kind(sheet.person.kind), sheet.year, token)


def printed_page(code, values: dict[str, str]) -> Image.Image:
    import pypdfium2

    from jianzai.channels.mail.printing import PaperForm, pdf

    with pypdfium2.PdfDocument(pdf([PaperForm(code, values)])) as document:
        return document[0].render(scale=DRAWN_DPI / 72).to_pil().convert("RGB")


@cache
def font(size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    path = next(Path(manimgx_fonts_cjk.__file__).parent.glob("*.ttc"))
    face = ImageFont.truetype(str(path), size, index=2)
    face.set_variation_by_axes([weight])
    return face


def write(rng: random.Random, paper: Image.Image, box, words: str, ink, over_hint: bool) -> None:
    """Words by hand: each sign a little turned, moved and larger or smaller than the last."""
    x, y, width, height = (side * MM for side in box)
    if over_hint:  # hands write their date over the 年 月 日, or strike it; here the paper is plain again
        ImageDraw.Draw(paper).rectangle(
            (x + MM, y + 0.8 * MM, x + width - MM, y + height - 0.8 * MM), fill="white"
        )
    size = min(height * 0.55, (width - 4 * MM) / max(1.0, sum(0.55 if c.isascii() else 1.0 for c in words)))
    size = min(size, 4.8 * MM) * rng.uniform(0.85, 1.0)
    place = x + 2 * MM
    base = y + (height - size) / 2 + rng.uniform(-0.4, 0.4) * MM
    weight = rng.choice((300, 400, 500))
    slope = rng.uniform(-0.015, 0.015)
    for sign in words:
        own = max(8, round(size * rng.uniform(0.92, 1.06)))
        tile = Image.new("L", (2 * own, 2 * own), 0)
        ImageDraw.Draw(tile).text((own / 2, own / 3), sign, font=font(own, weight), fill=255)
        tile = tile.rotate(rng.uniform(-5, 5), resample=Image.BICUBIC)
        shear = rng.uniform(-0.12, 0.12)
        tile = tile.transform(
            tile.size, Image.AFFINE, (1, shear, -shear * own, 0, 1, 0), resample=Image.BICUBIC
        )
        at = (
            round(place - own / 2),
            round(base - own / 3 + slope * (place - x) + rng.uniform(-0.2, 0.2) * MM),
        )
        paper.paste(Image.new("RGB", tile.size, ink), at, tile)
        place += font(own, weight).getlength(sign) * rng.uniform(0.96, 1.06)


def tick(rng: random.Random, paper: Image.Image, box, ink) -> None:
    x, y, width, height = (side * MM for side in box)

    def at(a: float, b: float) -> tuple[float, float]:
        return x + (a + rng.uniform(-0.12, 0.12)) * width, y + (b + rng.uniform(-0.12, 0.12)) * height

    pen = ImageDraw.Draw(paper)
    thick = round(rng.uniform(0.35, 0.8) * MM)
    if rng.random() < 0.7:
        pen.line([at(0.15, 0.5), at(0.42, 0.85), at(1.05, 0.0)], fill=ink, width=thick, joint="curve")
    else:
        pen.line([at(0.12, 0.12), at(0.88, 0.88)], fill=ink, width=thick)
        pen.line([at(0.88, 0.12), at(0.12, 0.88)], fill=ink, width=thick)


def sign(rng: random.Random, paper: Image.Image, box, name: str, ink) -> None:
    """A name in running hand: a wavy line with loops, or the name itself."""
    x, y, width, height = (side * MM for side in box)
    if rng.random() < 0.5:
        write(rng, paper, box, name, ink, over_hint=False)
        return
    pen = ImageDraw.Draw(paper)
    start, long = x + width * rng.uniform(0.08, 0.25), min(width * 0.6, rng.uniform(18, 40) * MM)
    phase, loops = rng.uniform(0, 6), rng.uniform(3, 7)
    line = []
    for step in range(120):
        t = step / 119
        swing = math.sin(phase + loops * 2 * math.pi * t) * height * 0.24 * (1 - 0.5 * t)
        back = math.cos(phase + loops * 2 * math.pi * t) * long * 0.05
        line.append((start + long * t + back, y + height * 0.5 + swing))
    pen.line(line, fill=ink, width=round(rng.uniform(0.35, 0.6) * MM), joint="curve")


def stick_photo(rng: random.Random, paper: Image.Image, box) -> None:
    """A portrait, more or less: background, shoulders, head, hair, with grain; stuck on a little askew."""
    wide, high = round(25 * MM), round(min(35, box[3] - 3) * MM)
    ground = rng.choice(((90, 130, 200), (235, 235, 240), (200, 60, 60), (180, 190, 200)))
    picture = Image.new("RGB", (wide, high), ground)
    pen = ImageDraw.Draw(picture)
    skin = rng.choice(((225, 190, 165), (205, 165, 135), (190, 150, 125)))
    coat = tuple(rng.randrange(20, 120) for _ in range(3))
    pen.ellipse((-0.1 * wide, 0.72 * high, 1.1 * wide, 1.5 * high), fill=coat)
    hair = rng.choice(((40, 38, 36), (150, 150, 150), (215, 215, 215)))
    pen.ellipse((0.22 * wide, 0.12 * high, 0.78 * wide, 0.72 * high), fill=hair)
    pen.ellipse((0.26 * wide, 0.22 * high, 0.74 * wide, 0.78 * high), fill=skin)
    for side in (0.38, 0.62):
        pen.ellipse(((side - 0.05) * wide, 0.44 * high, (side + 0.05) * wide, 0.48 * high), fill=(40, 30, 30))
    pen.arc((0.4 * wide, 0.55 * high, 0.6 * wide, 0.68 * high), 20, 160, fill=(150, 80, 80), width=3)
    grain = np.asarray(picture).astype(np.float32) + np.random.default_rng(rng.randrange(2**32)).normal(
        0, 8, (high, wide, 1)
    )
    picture = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))
    if rng.random() < 0.2:
        picture = picture.convert("L").convert("RGB")
    mask = Image.new("L", picture.size, 255)
    angle = rng.uniform(-3, 3)
    picture, mask = (each.rotate(angle, expand=True, resample=Image.BICUBIC) for each in (picture, mask))
    x = (box[0] + (box[2] - 25) / 2 + rng.uniform(-1, 1)) * MM
    y = (box[1] + (box[3] - high / MM) / 2 + rng.uniform(-0.7, 0.7)) * MM
    paper.paste(picture, (round(x), round(y)), mask)


def stamp(rng: random.Random, paper: Image.Image, box, words: str) -> None:
    """A red seal: round with a star, or square, or oval; its ink uneven, over whatever lies below."""
    shape = rng.choices(("round", "square", "oval"), (0.6, 0.25, 0.15))[0]
    side = rng.uniform(34, 44) if shape != "square" else rng.uniform(20, 36)
    size = round(side * MM)
    mask = Image.new("L", (size, size), 0)
    pen = ImageDraw.Draw(mask)
    thick = round(rng.uniform(0.8, 1.3) * MM)
    if shape == "square":
        pen.rectangle((2, 2, size - 3, size - 3), outline=255, width=thick)
        letters = words[-4:] if len(words) >= 4 else words.ljust(4, "印")
        own = font(round(size * 0.36), 600)
        for index, sign_ in enumerate(letters):
            pen.text(
                (size * (0.53 - 0.42 * (index // 2)), size * (0.05 + 0.43 * (index % 2))),
                sign_,
                font=own,
                fill=255,
            )
    else:
        pen.ellipse((2, 2, size - 3, size - 3), outline=255, width=thick)
        star = [
            (size / 2 + r * size * math.sin(i * math.pi / 5), size / 2 - r * size * math.cos(i * math.pi / 5))
            for i, r in enumerate((0.16, 0.065) * 5)
        ]
        pen.polygon(star, fill=255)
        own_size = round(size * 0.11)
        for index, sign_ in enumerate(words):
            angle = math.radians(-130 + 260 * (index + 0.5) / len(words))
            tile = Image.new("L", (2 * own_size, 2 * own_size), 0)
            ImageDraw.Draw(tile).text((own_size / 2, own_size / 3), sign_, font=font(own_size, 600), fill=255)
            tile = tile.rotate(-math.degrees(angle), resample=Image.BICUBIC)
            at = (
                round(size / 2 + 0.37 * size * math.sin(angle) - own_size),
                round(size / 2 - 0.37 * size * math.cos(angle) - own_size),
            )
            mask.paste(255, at, tile)
        if shape == "oval":
            mask = mask.resize((size, round(size * 0.7)), Image.LANCZOS)
    mask = mask.rotate(rng.uniform(-25, 25), expand=True, resample=Image.BICUBIC)
    blotches = np.random.default_rng(rng.randrange(2**32)).random(
        (mask.height // 12 + 1, mask.width // 12 + 1)
    )
    blotches = cv2.resize(blotches.astype(np.float32), mask.size, interpolation=cv2.INTER_CUBIC)
    strength = rng.uniform(0.55, 0.95)
    cover = np.asarray(mask).astype(np.float32) / 255 * strength * np.clip(0.65 + 0.6 * blotches, 0, 1)
    red = np.array(rng.choice(((205, 30, 40), (220, 50, 50), (190, 20, 60), (230, 60, 40))), np.float32)
    x = (box[0] + box[2] / 2 + rng.uniform(-7, 7)) * MM - mask.width / 2
    y = (box[1] + box[3] / 2 + rng.uniform(-5, 5)) * MM - mask.height / 2
    left, top = round(x), round(y)
    spot = (left, top, left + mask.width, top + mask.height)
    part = np.asarray(paper.crop(spot)).astype(np.float32)
    part *= 1 - cover[:, :, None] * (1 - red / 255)
    paper.paste(Image.fromarray(part.astype(np.uint8)), spot[:2])


# ---- by post, through a scanner or in front of a telephone


def degraded(rng: random.Random, sheet: Sheet, paper: Image.Image) -> np.ndarray:
    """The picture that comes in, as BGR."""
    cv2.setRNGSeed(rng.randrange(2**31))
    page = creased(rng, np.ascontiguousarray(np.asarray(paper)[:, :, ::-1]))
    dpi = rng.uniform(120, 200)
    sheet.photographed = rng.random() < 0.4
    picture = photographed(rng, page, dpi) if sheet.photographed else scanned(rng, page, dpi)
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), rng.uniform(0.3, 1.1))
    if sheet.photographed and rng.random() < 0.3:  # the hand moved
        long = rng.choice((3, 3, 5))
        kernel = np.zeros((long, long), np.float32)
        kernel[long // 2, :] = 1 / long
        picture = cv2.filter2D(picture, -1, kernel if rng.random() < 0.5 else kernel.T)
    picture = (picture - 128) * rng.uniform(0.75, 1.1) + 128 + rng.uniform(-20, 12)
    picture += cv2.randn(np.empty_like(picture), 0, rng.uniform(1, 8))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        picture = cv2.rotate(picture, rng.choice((0, 1, 2)))
    _, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(40, 90)])
    return cv2.imdecode(file, cv2.IMREAD_COLOR)


def creased(rng: random.Random, page: np.ndarray) -> np.ndarray:
    """Folded for the envelope, in three or askew: a dark and a light line, and the paper a little shifted."""
    height, width = page.shape[:2]
    rows, columns = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    shift, shade = np.zeros_like(rows), np.ones_like(rows)
    for third in (1, 2) if rng.random() < 0.7 else ():
        away = rows - height * third / 3 - rng.uniform(-6, 6) * MM
        away -= (columns - width / 2) * rng.uniform(-0.02, 0.02)
        shade *= 1 - rng.uniform(0.05, 0.3) * np.exp(-((away / (0.35 * MM)) ** 2))
        shade *= 1 + rng.uniform(0, 0.1) * np.exp(-(((away - 0.9 * MM) / (0.4 * MM)) ** 2))
        shift += rng.uniform(-0.5, 0.5) * MM * np.exp(-np.abs(away) / (12 * MM))
    size = (width, height)
    places = [cv2.resize(each, size) for each in (columns, rows + shift)]
    page = cv2.remap(page, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.multiply(page, cv2.merge([cv2.resize(shade, size)] * 3), dtype=cv2.CV_8U)


def scanned(rng: random.Random, page: np.ndarray, dpi: float) -> np.ndarray:
    """A little askew and off, its edges in sight or not."""
    height, width = page.shape[:2]
    scale = dpi / DRAWN_DPI
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-4, 4), scale)
    size = (round(width * scale * 1.03), round(height * scale * 1.03))
    turn[:, 2] += (
        np.array(size) / 2 - (width / 2, height / 2) + np.array((rng.uniform(-6, 6), rng.uniform(-6, 6)))
    )
    lid = rng.choice((250, 245, 60))
    return cv2.warpAffine(page, turn, size, flags=cv2.INTER_AREA, borderValue=(lid, lid, lid))


def photographed(rng: random.Random, page: np.ndarray, dpi: float) -> np.ndarray:
    """On a table, at an angle, with a shadow over it and the colour of a lamp."""
    height, width = page.shape[:2]
    scale = dpi / DRAWN_DPI
    w, h = width * scale, height * scale
    room = rng.uniform(0.04, 0.15)
    size = (round(w * (1 + 2 * room)), round(h * (1 + 2 * room)))
    tilt = 0.1
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    corners += np.array(
        [[rng.uniform(-tilt, tilt) * w * 0.6, rng.uniform(-tilt, tilt) * h * 0.6] for _ in range(4)]
    )
    angle = math.radians(rng.uniform(-6, 6))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = (corners - (w / 2, h / 2)) @ turn.T
    reach = np.abs(corners).max(axis=0) / (np.array(size) / 2 - 3)
    corners = corners / max(1.0, reach.max()) + np.array(size) / 2
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    table = np.array(rng.choice(((60, 90, 130), (120, 125, 130), (40, 45, 50), (150, 170, 190))), np.float32)
    grain = cv2.resize(cv2.randn(np.empty((size[1] // 3, size[0] // 60), np.float32), 0, 14), size)
    picture = table + grain[:, :, None]
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size, flags=cv2.INTER_AREA)
    laid = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_AREA)
    picture = picture * (1 - cover[:, :, None]) + laid * cover[:, :, None]
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    way = rng.uniform(0, 2 * math.pi)
    along = (columns / size[0] - 0.5) * math.cos(way) + (rows / size[1] - 0.5) * math.sin(way)
    light = 1 - rng.uniform(0.05, 0.4) * (along + 0.5)
    if rng.random() < 0.4:  # the photographer's own shadow
        edge = 1 / (1 + np.exp(-(along - rng.uniform(-0.2, 0.3)) * rng.uniform(20, 80)))
        light *= 1 - rng.uniform(0.15, 0.4) * edge
    lamp = np.array([rng.uniform(0.8, 1.0), rng.uniform(0.93, 1.0), 1.0], np.float32)
    return picture * light[:, :, None] * lamp


# ---- reading, and counting


@dataclass
class Counts:
    """What happened to the sheets."""

    sheets: int = 0
    known: Counter = field(default_factory=Counter)
    person: Counter = field(default_factory=Counter)
    planted: Counter = field(default_factory=Counter)
    flagged: Counter = field(default_factory=Counter)
    surely: Counter = field(default_factory=Counter)
    said: defaultdict[str, Counter] = field(default_factory=partial(defaultdict, Counter))
    seconds: float = 0.0
    missed: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        for name in ("sheets", "seconds", "known", "person", "planted", "flagged", "surely", "missed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for rule, said in other.said.items():
            self.said[rule] += said


def read_one(sheet: Sheet, issued: dict, counts: Counts, label: str) -> None:
    """Read and check ``sheet``, and count what came of it. ``issued``: people by token, form and identity."""
    from jianzai.channels.mail.payload import open_payload
    from jianzai.channels.mail.reading import Rules, check_sheet, read_sheet

    begun = time.process_time()
    reading = read_sheet([sheet.picture], open_payload)
    person, by = whose(reading, issued)
    findings = check_sheet(reading, expected_of(sheet), Rules(YEAR, OPENS, TODAY))
    counts.seconds += time.process_time() - begun
    counts.sheets += 1
    code = payload_of(sheet)
    how = "code" if reading.payload == code else "number" if reading.form_number == code.number else "neither"
    counts.known[how] += 1
    told = "nobody" if person is None else "right" if person is sheet.person else "wrong"
    contradicts = {"another_identity", "another_name"}
    counts.person[f"{told}, by {by}" if person else told] += 1
    if how == "neither" or told == "wrong" or (told == "nobody" and sheet.wrong not in contradicts):
        counts.missed.append(
            f"{label}: {how}, {told}, {'photo' if sheet.photographed else 'scan'}, {sheet.wrong}"
        )
    verdicts = {finding.rule: finding.ok for finding in findings}
    seen_by = WRONG[sheet.wrong][2] if sheet.wrong else ()
    for finding in findings:
        if finding.rule not in seen_by and not bears_on(sheet.wrong, finding.rule):
            counts.said[finding.rule][finding.ok] += 1
            if finding.ok is False:
                counts.missed.append(
                    f"{label}: {finding.rule} refused: {finding.detail} ({sheet.values.get(finding.rule)})"
                )
    if sheet.wrong:
        counts.planted[sheet.wrong] += 1
        if any(verdicts.get(rule, True) is not True for rule in seen_by):
            counts.flagged[sheet.wrong] += 1
        else:
            texts = {rule: reading.fields[rule].text for rule in seen_by if rule in reading.fields}
            counts.missed.append(f"{label}: {sheet.wrong} not seen: {texts}")
        if any(verdicts.get(rule) is False for rule in seen_by):
            counts.surely[sheet.wrong] += 1


def bears_on(mistake: str | None, rule: str) -> bool:
    """Whether a rule rightly speaks up about a mistake that is planted for another."""
    also = {
        "nothing_ticked": {"alive"},
        "two_ticked": {"alive"},
        "not_said_alive": {"died_on"},
        "attested_in_the_future": {"authority"},
        "attested_last_year": {"authority"},
        "issued_to_another": {"name", "identity", "personal_number"},
        "last_years_form": {"form"},
    }
    return rule in also.get(mistake or "", ())


def whose(reading, issued: dict) -> tuple[Invented | None, str]:
    """Who the sheet is taken to be of, as the office looks: by code or printed number.

    An identity number alone only proposes somebody to the clerk.
    """
    from jianzai.channels.mail.reading import Expected, is_theirs

    if reading.payload and reading.payload.person in issued:
        return issued[reading.payload.person], "code"
    person = issued.get(reading.form_number)
    if person and is_theirs(reading, Expected(person.name, person.identity)):
        return person, "number"
    return None, ""


def expected_of(sheet: Sheet):
    from jianzai.channels.mail.payload import Kind, form_number, person_token
    from jianzai.channels.mail.reading import Expected

    person = sheet.expected.get("issued", sheet.person)
    return Expected(
        name=person.name,
        identity=person.identity,
        token=person_token(person.key),
        form_number=form_number(sheet.year, person.running),
        personal_number=person.personal_number,
        kinds=frozenset(Kind(kind) for kind in sheet.expected.get("kinds", ALL)),
        attesters=LISTED[person.kind] if "issued" not in sheet.expected else LISTED[sheet.person.kind],
        used_numbers=sheet.expected.get("used", frozenset()),
        agent_years=sheet.expected.get("agent_years", 0),
    )


def measure(numbers: range, of: int, seed: int = 1, keep: Path | None = None) -> Counts:
    """Make, degrade, read and count the sheets ``numbers`` of ``of`` people drawn from ``seed``.

    keep: takes the pictures of those that something was wrong with.
    """
    from jianzai.channels.mail.payload import form_number, person_token

    rng = random.Random(seed)
    people = [invent(rng, number) for number in range(of + 1)]
    issued: dict[str, Invented] = {}
    for person in people:
        issued |= {person_token(person.key): person, person.identity: person}
        issued |= {form_number(year, person.running): person for year in (YEAR, YEAR - 1)}
    counts = Counts()
    for number in numbers:
        own = random.Random(seed * 1_000_003 + number)
        sheet = fill_in(own, people[number], people[number + 1], mistaken=own.random() < 0.5)
        sheet.picture = degraded(own, sheet, on_paper(own, sheet))
        before = len(counts.missed)
        read_one(sheet, issued, counts, str(number))
        if keep and len(counts.missed) > before:
            cv2.imwrite(str(keep / f"{number}.jpg"), sheet.picture)
    return counts


def report(counts: Counts, console: Console) -> None:
    from jianzai.faces.evaluation.statistics import rate

    def line(table: Table, words: str, hits: int, trials: int) -> None:
        if trials:
            interval = rate(hits, trials)
            table.add_row(
                words,
                f"{hits:,} of {trials:,}",
                f"{100 * hits / trials:.2f} %",
                f"{100 * interval.low:.2f} to {100 * interval.high:.2f} %",
            )

    table = Table("", "counts", "share", "95 %")
    line(table, "code or form number found", counts.sheets - counts.known["neither"], counts.sheets)
    for how in ("code", "number"):
        line(table, f"  by {how}", counts.known[how], counts.sheets)
    for told, hits in sorted(counts.person.items()):
        line(table, f"person: {told}", hits, counts.sheets)
    line(
        table,
        "person: wrong, in all",
        sum(n for t, n in counts.person.items() if t.startswith("wrong")),
        counts.sheets,
    )
    line(
        table,
        "planted and flagged (not in order, or cannot tell)",
        counts.flagged.total(),
        counts.planted.total(),
    )
    line(table, "  of these surely not in order", counts.surely.total(), counts.planted.total())
    console.print(table)
    table = Table("planted", "counts", "flagged", "95 %")
    for name in WRONG:
        line(table, name, counts.flagged[name], counts.planted[name])
    console.print(table)
    table = Table("in order, but a rule says", "not in order", "cannot tell", "of")
    for rule, said in counts.said.items():
        table.add_row(rule, str(said[False]), str(said[None]), str(said.total()))
    console.print(table)
    a_minute = 60 * counts.sheets / counts.seconds
    console.print(f"{a_minute:.0f} sheets a minute and core, from picture to findings")


def prepare_home(home: Path) -> None:
    """Keys to sign codes with, and settings; no database."""
    from jianzai.vault import make_keys

    if not (home / "keys.json").exists():
        make_keys(home / "keys.json", demo=True)
    os.environ.update(
        JIANZAI_MODE="demo",
        JIANZAI_HOME=str(home),
        JIANZAI_KEYS_FILE=str(home / "keys.json"),
        DATABASE_URL="postgres://nobody@localhost/none",
        DJANGO_SETTINGS_MODULE="jianzai.settings",
    )
    import django

    django.setup()
    cv2.setNumThreads(1)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes, one thread each")
    parser.add_argument("--keep", type=Path, help="a folder for the pictures that something was wrong with")
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    parts = [range(start, min(start + PART, arguments.sheets)) for start in range(0, arguments.sheets, PART)]
    work = partial(measure, of=arguments.sheets, seed=arguments.seed, keep=arguments.keep)
    counts = Counts()
    with tempfile.TemporaryDirectory() as home:
        prepare_home(Path(home))
        with ProcessPoolExecutor(arguments.workers, initializer=prepare_home, initargs=(Path(home),)) as pool:
            for part in pool.map(work, parts):
                counts.add(part)
                print(
                    f"{counts.sheets} sheets; {len(counts.missed)} remarks",
                    *part.missed,
                    sep="\n",
                    flush=True,
                )
    report(counts, Console(width=110))
    return 0


if __name__ == "__main__":
    sys.exit(main())
