"""Invented retirees: names that belong to nobody and numbers that were never given out.

Everything is drawn from one seed, so every demo has the same people. Identity numbers are valid by GB 11643,
but under region 430100, the prefecture itself, which issues none. Ages thin out as a roll of retirees does.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta

from stdnum.cn import ric

from jianzai.operations.mark import DEMO_MARK

PEOPLE = 2000
_SEED = 20111201
_REGION = "430100"

# District code to its share of the roll.
_DISTRICTS = {
    "430102": 5,
    "430103": 6,
    "430104": 8,
    "430105": 6,
    "430111": 8,
    "430112": 5,
    "430121": 5,
    "430181": 7,
    "430182": 7,
}
_SURNAMES = "李王张刘陈杨黄周吴彭罗谭唐肖曾邓胡朱何蒋欧阳易贺龙文戴夏袁范曹谢熊廖石邹孙"
_FEMALE = "秀兰桂英玉珍淑华金莲凤云美月菊香春梅霞琴芳素贞翠娥"
_MALE = "建国志明德福光荣海清长生立新文武正祥国强克勤伯年应龙"
_EMPLOYERS = ("湘江纺织厂", "麓山机械厂", "南门百货公司", "浏阳河水泥厂", "捞刀河农机站", "橘洲印刷厂")


@dataclass(frozen=True, slots=True)
class Retiree:
    """A row of the demo's roster, with the roster's column names."""

    personal_number: str
    name: str
    identity_number: str
    area_code: str
    monthly_pension: str
    sex: str
    birth_date: str
    phone: str
    employer: str
    retired_on: str
    address: str


_NO_PHONE = "1000731{:04}"
"""Eleven digits as a mobile number has, in a range that no network gives out."""


def identity_number(born: date, order: int) -> str:
    """A resident number of GB 11643: region, birth date, order (three digits, odd: male), check."""
    body = f"{_REGION}{born:%Y%m%d}{order:03}"
    return body + ric.calc_check_digit(body + "0")


def _address(number: int) -> str:
    """Where letters go, on a road that is not there."""
    return f"湖南省长沙市示范路{number}号（虚构） 410000"


def special(number: int, name: str, sex: str, born: date) -> Retiree:
    """Someone the demo's pages name: a sample person, or the visitor."""
    return Retiree(
        personal_number=f"{DEMO_MARK}9{number:05}",
        name=name,
        identity_number=identity_number(born, 900 + 2 * number + (sex == "M")),
        area_code="430102000000",
        monthly_pension="3218.50",
        sex=sex,
        birth_date=born.isoformat(),
        phone=_NO_PHONE.format(0),
        employer=_EMPLOYERS[0],
        retired_on=date(born.year + 60, 1, 31).isoformat(),
        address=_address(900 + number),
    )


# The clips show men in their thirties; the roster, which is what the demo is about, makes them retirees.
WEBCAM_MAN = special(1, "袁宏志", "M", date(1958, 4, 12))
TALKING_MAN = special(2, "方克己", "M", date(1961, 9, 3))
VISITOR = special(3, "夏安康", "F", date(1959, 2, 26))
SPECIAL = (WEBCAM_MAN, TALKING_MAN, VISITOR)

# Somebody's daughter, who helps; she is on no roster.
HELPER_NAME, HELPER_NUMBER = "林晓芸", identity_number(date(1986, 5, 17), 998)


def retirees(year: int) -> Iterator[Retiree]:
    """The demo's whole roster as of ``year``, the special ones first."""
    yield from SPECIAL
    draw = random.Random(_SEED)
    codes, shares = zip(*_DISTRICTS.items(), strict=True)
    for number in range(1, PEOPLE - len(SPECIAL) + 1):
        sex = draw.choice("FM")
        age = 61 + min(int(draw.expovariate(1 / 11)), 40)
        born = date(year - age, 1, 1) + timedelta(days=draw.randrange(365))
        given = _FEMALE if sex == "F" else _MALE
        order = 2 * (number % 440) + (sex == "M")
        yield Retiree(
            personal_number=f"{DEMO_MARK}{number:06}",
            name=draw.choice(_SURNAMES) + "".join(draw.sample(given, draw.choice((1, 2, 2)))),
            identity_number=identity_number(born, order),
            area_code=f"{draw.choices(codes, shares)[0]}000000",
            monthly_pension=f"{draw.randrange(180_000, 620_000) / 100:.2f}",
            sex=sex,
            birth_date=born.isoformat(),
            phone=_NO_PHONE.format(draw.randrange(10_000)),
            employer=draw.choice(_EMPLOYERS),
            retired_on=date(born.year + (55 if sex == "F" else 60), draw.randrange(1, 13), 28).isoformat(),
            address=_address(number),
        )


def service_points() -> bytes:
    """An invented service point in each district, as the CSV file that ``import_service_points`` takes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["area_code", "kind", "name", "address", "phone", "hours", "services"])
    for number, district in enumerate(_DISTRICTS, start=1):
        name, address = f"第{number}便民服务中心（演示）", f"长沙市示范路{number}号（虚构）"
        writer.writerow(
            [
                district,
                "station",
                name,
                address,
                f"0731-8888{number:04}",
                "周一至周五 9:00–17:00",
                "modelling certification advice no_steps" + (" fingerprint" if number % 2 else ""),
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def roster(year: int) -> bytes:
    """The roster as the CSV file that ``import_roster`` takes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Retiree)])
    writer.writeheader()
    writer.writerows(asdict(one) for one in retirees(year))
    return text.getvalue().encode("utf-8-sig")
