"""Another office's file as rows: whose a record may be, and of which day. Columns that are not asked for are
never read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jianzai.registry import identity, names
from jianzai.registry.areas import full_code
from jianzai.registry.errors import Refused
from jianzai.registry.models import Beneficiary
from jianzai.registry.roster_rows import Problem, date_of, sex_of
from jianzai.registry.tables import ROUNDED, read_table

# Our columns, with headings that are taken for them where the source names no other.
HEADINGS: dict[str, tuple[str, ...]] = {
    "identity_number": ("证件号码", "身份证号", "身份证号码", "公民身份号码"),
    "name": ("姓名",),
    "sex": ("性别",),
    "birth_date": ("出生日期", "出生年月日"),
    "area_code": ("行政区划代码", "区划代码"),
    "day": ("日期", "发生日期", "业务日期"),
}
_LONGEST = 100
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class SignRow:
    """One record. ``number`` is normalised, empty where there is none; ``valid``: a resident number that is
    in order, or another document's."""

    row: int
    number: str
    valid: bool
    name: str
    sex: str
    birth_date: date | None
    area: str  # six digits, or empty
    on: date


def read_rows(
    name: str, content: bytes, columns: Mapping[str, str], today: date
) -> Iterator[SignRow | Problem]:
    """Every row of a CSV or XLSX file in its order, or what is wrong with it.

    columns: the headings that stand for our columns where they are others. Raises registry's Refused for a
    file that cannot be read, or lacks columns.
    """
    table = read_table(name, content)
    places = _places(next(table, (1, []))[1], columns)
    for number, cells in table:
        yield _row(number, {key: cells[at] for key, at in places.items() if at < len(cells)}, today)


def read_records(records: Sequence[Mapping[str, str]], today: date) -> list[SignRow | Problem]:
    """The same of rows that came as objects with our columns, numbered from 1."""
    return [_row(number, record, today) for number, record in enumerate(records, start=1)]


def as_table(records: Sequence[Mapping[str, str]]) -> bytes:
    """Rows with our columns as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(HEADINGS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def _places(cells: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    lowered = [cell.strip().lower() for cell in cells]
    places = {}
    for key, usual in HEADINGS.items():
        wanted = (columns[key],) if columns.get(key) else (key, *usual)
        found = [at for at, cell in enumerate(lowered) if cell in {each.lower() for each in wanted}]
        if len(found) > 1:
            raise Refused("column_twice", key=wanted[0])
        if found:
            places[key] = found[0]
        elif columns.get(key) or key == "day":
            raise Refused("records_column_missing", heading=wanted[-1], key=key)
    if "identity_number" not in places and not {"name", "birth_date"} <= places.keys():
        raise Refused("records_column_missing", heading=HEADINGS["identity_number"][0], key="identity_number")
    return places


def _row(number: int, cells: Mapping[str, str], today: date) -> SignRow | Problem:
    def problem(column: str, code: str, **values: object) -> Problem:
        return Problem(number, column, code, values)

    for key, text in cells.items():
        if text.endswith(ROUNDED):
            return problem(key, "registry.cell_rounded")
        if len(text) > _LONGEST:
            return problem(key, "registry.cell_too_long", most=_LONGEST)
        if any(character < " " for character in text):
            return problem(key, "registry.cell_control_characters")
    text = _TIME.sub("", cells.get("day", ""))
    if not text:
        return problem("day", "registry.cell_missing")
    if (on := date_of(text)) is None:
        return problem("day", "registry.date_unknown", value=text[:20])
    if not _EARLIEST <= on <= today:
        return problem("day", "matching.day_impossible", value=on.isoformat())
    born_text = _TIME.sub("", cells.get("birth_date", ""))
    born = date_of(born_text)
    if born_text and born is None:
        return problem("birth_date", "registry.date_unknown", value=born_text[:20])
    document = identity.normalised(cells.get("identity_number", ""))
    resident = bool(document) and _in_order(document)
    valid = resident or _other_document(document)
    name = names.normalised(cells.get("name", ""))
    if resident:
        born = born or identity.birth_date_in(document)
    if not valid and not (name and born):
        if document:
            return problem("identity_number", "matching.number_wrong")
        return problem("", "matching.nobody_named")
    sex = sex_of(cells.get("sex", "")) or (identity.sex_in(document) if resident else None)
    return SignRow(number, document, valid, name, sex or "", born, _area(cells.get("area_code", "")), on)


def _in_order(document: str) -> bool:
    """Whether it is a resident number without a slip."""
    found = identity.check(Beneficiary.IdentityKind.RESIDENT, document, None, None)
    return all(each.warning for each in found)


def _other_document(document: str) -> bool:
    """Whether it can be a document that is no resident's; 15 and 18 digits are a resident's with a slip."""
    return bool(document) and not re.fullmatch(r"\d{13,19}[\dX]?", document)


def _area(text: str) -> str:
    try:
        return full_code(text)[:6] if text else ""
    except Refused:
        return ""
