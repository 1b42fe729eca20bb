"""Reading a CSV or XLSX file as rows of text, bounded before it is unpacked.

What an office sends is UTF-8, or GB 18030 from Excel in China, or a workbook. Cells come as text; a number
that a spreadsheet has rounded is marked, since nobody can restore its digits.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from jianzai.registry.errors import Refused

MOST_BYTES = 64 * 1024**2
"""A roster of 310,000 people is about 50 MB as CSV and 25 MB as XLSX."""
MOST_UNPACKED = 1024**3
MOST_ROWS = 400_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 1000
"""In one cell."""

ROUNDED = "\N{REPLACEMENT CHARACTER}"
"""Ends the text of a cell that a spreadsheet kept as a number of more than 15 digits."""


def read_table(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Row numbers as a spreadsheet shows them, and cells without surrounding space; empty rows are left out.

    The content decides what it is read as, not ``name``, which is only shown. Raises Refused for a file
    that is too big, has too many rows or columns, or is neither CSV nor XLSX.
    """
    if len(content) > MOST_BYTES:
        raise Refused("file_too_big", file=name, most=MOST_BYTES // 1024**2)
    rows = _workbook_rows(name, content) if content[:4] == b"PK\x03\x04" else _text_rows(name, content)
    count = 0
    for number, cells in rows:
        cells = [cell.strip() for cell in cells]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > MOST_ROWS + 1:
            raise Refused("file_too_long", file=name, most=MOST_ROWS)
        if len(cells) > MOST_COLUMNS or max(map(len, cells)) > MOST_CHARACTERS:
            raise Refused("file_row_too_long", file=name, row=number)
        yield number, cells


def _text_rows(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(name, content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused("file_broken", file=name, row=before + 1) from error
        yield before + 1, [_unquoted(cell) for cell in cells]
        before = reader.line_num


def _decoded(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("file_unreadable", file=name)


def _unquoted(cell: str) -> str:
    """``="0123"`` is how a CSV file keeps a spreadsheet from taking digits for a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


def _workbook_rows(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
                raise Refused("file_too_big", file=name, most=MOST_BYTES // 1024**2)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims of its size is not to be trusted
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), start=1):
            yield number, [_cell_text(value) for value in row]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise: any of it means the same here
        raise Refused("file_unreadable", file=name) from error


def _cell_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case bool():
            return str(value)
        case int() | float():
            text = str(int(value)) if value == int(value) else repr(value)
            return text + ROUNDED if abs(value) >= 10**15 else text
    return str(value)
