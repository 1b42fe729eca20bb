"""One row of a roster file: its columns, what each may hold, and what the row makes or what is wrong in it.

docs/roster.md describes the same columns for the people who make such files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from jianzai.registry import identity, names
from jianzai.registry.areas import full_code
from jianzai.registry.errors import Refused
from jianzai.registry.models import Beneficiary
from jianzai.registry.people import Particulars
from jianzai.registry.tables import ROUNDED
from jianzai.sentences import say

_Kind = Beneficiary.IdentityKind


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is the heading in English; ``headings`` are others that are taken for it."""

    key: str
    headings: tuple[str, ...]
    required: bool = False
    longest: int = 100


COLUMNS = (
    Column("personal_number", ("个人编号", "个人社保编号", "社保编号"), required=True, longest=30),
    Column("name", ("姓名",), required=True),
    Column(
        "identity_number", ("证件号码", "身份证号", "身份证号码", "公民身份号码"), required=True, longest=40
    ),
    Column("area_code", ("行政区划代码", "区划代码"), required=True, longest=12),
    Column("monthly_pension", ("月养老金", "月养老金(元)", "月养老金（元）"), required=True, longest=20),
    Column("identity_kind", ("证件类型",), longest=30),
    Column("sex", ("性别",), longest=10),
    Column("birth_date", ("出生日期", "出生年月日"), longest=20),
    Column("phone", ("联系电话", "电话", "手机号码"), longest=40),
    Column("address", ("居住地址", "地址"), longest=300),
    Column("employer", ("原单位", "原工作单位"), longest=200),
    Column("retired_on", ("退休日期",), longest=20),
)

_SEXES = {
    **dict.fromkeys(("m", "男", "男性", "1"), Beneficiary.Sex.MALE),  # 1 and 2: GB/T 2261.1
    **dict.fromkeys(("f", "女", "女性", "2"), Beneficiary.Sex.FEMALE),
}
_KINDS = {
    **{kind.value: kind for kind in _Kind},
    **dict.fromkeys(("居民身份证", "身份证", ""), _Kind.RESIDENT),
    **dict.fromkeys(("港澳居民来往内地通行证", "港澳通行证", "港澳居民居住证"), _Kind.HONG_KONG_MACAO),
    **dict.fromkeys(("台湾居民来往大陆通行证", "台胞证", "台湾居民居住证"), _Kind.TAIWAN),
    "护照": _Kind.PASSPORT,
    "其他": _Kind.OTHER,
}
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|(\d{2})(\d{2})|年(\d{1,2})月(\d{1,2})日)",
    re.ASCII,
)
_PERSONAL_NUMBER = re.compile(r"[A-Za-z0-9\-]+")
_MOST_YUAN = Decimal(1_000_000)
"""A month; more is a column in another unit."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, or with ``warning`` merely odd, in one row. ``column`` is a Column's key or empty."""

    row: int
    column: str
    code: str
    values: dict[str, object] = field(default_factory=dict)
    warning: bool = False

    def __str__(self) -> str:
        return say(self.code, **self.values)


def sex_of(text: str) -> Beneficiary.Sex | None:
    """The sex a cell means, None where it means none."""
    return _SEXES.get(text.lower())


def date_of(text: str) -> date | None:
    """The day a cell means, in one of the forms of docs/roster.md; None where it means none."""
    if match := _DATE.fullmatch(text):
        year, *rest = (int(group) for group in match.groups() if group)
        try:
            return date(year, *rest)
        except ValueError:
            pass
    return None


def read_header(cells: list[str]) -> tuple[list[str], list[Problem]]:
    """The key of each column of the file (empty where it is not one of ours), and what is wrong with them."""
    known = {heading: column.key for column in COLUMNS for heading in (column.key, *column.headings)}
    keys = [known.get(cell.strip().lower(), "") for cell in cells]
    problems = [
        Problem(1, column.key, "registry.column_missing", {"heading": column.headings[0], "key": column.key})
        for column in COLUMNS
        if column.required and column.key not in keys
    ]
    problems += [
        Problem(1, key, "registry.column_twice", {"key": key})
        for key in dict.fromkeys(keys)
        if key and keys.count(key) > 1
    ]
    problems += [
        Problem(1, "", "registry.column_ignored", {"heading": cell[:40]}, warning=True)
        for cell, key in zip(cells, keys, strict=True)
        if cell and not key
    ]
    return keys, problems


class Row:
    """Reads one row; ``problems`` collects everything found in it, so that one look mends the whole row."""

    def __init__(self, number: int, keys: list[str], cells: list[str], today: date):
        self.number = number
        self.problems: list[Problem] = []
        self._today = today
        self._cells = {key: cell for key, cell in zip(keys, cells, strict=False) if key}
        if len(cells) > len(
            keys
        ):  # most likely a comma in a cell without quotes: every cell behind it is wrong
            self._problem("", "cells_surplus", cells=len(cells), columns=len(keys))

    def particulars(self, areas: Iterable[str], prefix: str) -> Particulars | None:
        """What the row says of a person, None when it has a problem.

        areas: the codes there are. prefix: the digits that areas this file may speak of begin with.
        """
        for column in COLUMNS:
            self._bounds(column)
        name = names.normalised(self._text("name"))
        personal_number = self._text("personal_number")
        if personal_number and not _PERSONAL_NUMBER.fullmatch(personal_number):
            self._problem("personal_number", "personal_number_form")
        kind = _KINDS.get(self._text("identity_kind").lower())
        if kind is None:
            self._problem("identity_kind", "identity_kind_unknown", value=self._text("identity_kind"))
        sex = self._sex()
        birth_date = self._date("birth_date")
        number = identity.normalised(self._text("identity_number"))
        if kind is not None and number and not self._refused("identity_number"):
            for found in identity.check(kind, number, birth_date, sex):
                self._problem("identity_number", found.code, warning=found.warning, **found.values)
            if kind == _Kind.RESIDENT:
                sex, birth_date = sex or identity.sex_in(number), birth_date or identity.birth_date_in(number)
        if sex is None and not self._refused("sex", "identity_number", "identity_kind"):
            self._problem("sex", "sex_and_birth_date_needed")
        self._plausible(birth_date)
        area = self._area(areas, prefix)
        fen = self._fen()
        retired_on = self._date("retired_on")
        if retired_on and birth_date and retired_on <= birth_date:
            self._problem("retired_on", "retired_before_birth")
        if any(not problem.warning for problem in self.problems):
            return None
        return Particulars(
            personal_number=personal_number,
            name=name,
            sex=sex,
            birth_date=birth_date,
            identity_kind=kind,
            identity_number=number,
            area_id=area,
            monthly_fen=fen,
            phone=self._text("phone"),
            address=self._text("address"),
            employer=self._text("employer"),
            retired_on=retired_on,
        )

    def _text(self, key: str) -> str:
        return self._cells.get(key, "")

    def _problem(self, column: str, code: str, *, warning: bool = False, **values: object) -> None:
        self.problems.append(Problem(self.number, column, f"registry.{code}", values, warning))

    def _refused(self, *columns: str) -> bool:
        return any(problem.column in columns and not problem.warning for problem in self.problems)

    def _bounds(self, column: Column) -> None:
        text = self._text(column.key)
        if column.required and not text:
            self._problem(column.key, "cell_missing")
        elif text.endswith(ROUNDED):
            self._problem(column.key, "cell_rounded")
        elif len(text) > column.longest:
            self._problem(column.key, "cell_too_long", most=column.longest)
        elif any(character < " " for character in text):
            self._problem(column.key, "cell_control_characters")

    def _sex(self) -> Beneficiary.Sex | None:
        text = self._text("sex")
        if text and sex_of(text) is None:
            self._problem("sex", "sex_unknown", value=text[:10])
        return sex_of(text)

    def _date(self, key: str) -> date | None:
        text = self._text(key)
        if not text:
            return None
        if found := date_of(text):
            return found
        self._problem(key, "date_unknown", value=text[:20])
        return None

    def _plausible(self, birth_date: date | None) -> None:
        if birth_date is None:
            if not self._refused("birth_date", "identity_number", "identity_kind", "sex"):
                self._problem("birth_date", "sex_and_birth_date_needed")
        elif not self._today.year - identity.OLDEST <= birth_date.year or birth_date > self._today:
            self._problem("birth_date", "birth_date_impossible", value=birth_date.isoformat())

    def _area(self, areas: Iterable[str], prefix: str) -> str:
        text = self._text("area_code")
        if not text or self._refused("area_code"):
            return ""
        try:
            code = full_code(text)
        except Refused as error:
            self._problem("area_code", "area_code", **error.values)
            return ""
        if code not in areas:
            self._problem("area_code", "area_unknown", area=code)
        elif not code.startswith(prefix):
            self._problem("area_code", "area_foreign", area=code)
        return code

    def _fen(self) -> int:
        text = self._text("monthly_pension").replace(",", "").lstrip("¥￥")
        if not text:
            return 0
        try:
            fen = Decimal(text) * 100
            if 0 <= fen <= _MOST_YUAN * 100 and fen == int(fen):
                return int(fen)
        except (InvalidOperation, ValueError, OverflowError):
            pass
        self._problem("monthly_pension", "money_unknown", value=text[:20])
        return 0
