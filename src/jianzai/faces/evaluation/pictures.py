"""Folders of pictures, as people have them: one folder a person, or every picture another person."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".pgm", ".gif"))


class UnusableInput(ValueError):
    """What was given cannot be evaluated; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture and what is known of whom it shows; attributes are empty where they are not known."""

    path: Path
    person: str
    age: int | None = None
    sex: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures that are to be compared, by person and the number (from 1) in the file's name."""

    fold: int
    left: tuple[str, int]
    right: tuple[str, int]

    @property
    def same(self) -> bool:
        return self.left[0] == self.right[0]


def people(folder: Path) -> list[Picture]:
    """One person a subfolder. Raises UnusableInput without pictures, or with those of one person only."""
    found = [Picture(path, sub.name) for sub in sorted(_folders(folder)) for path in sorted(_pictures(sub))]
    if not found:
        raise UnusableInput(f"{folder} holds no folder with pictures in it")
    if len({one.person for one in found}) == 1:
        raise UnusableInput(f"{folder} holds pictures of {found[0].person} alone; strangers are needed too")
    return found


def strangers(folder: Path, attributes: Path | None = None) -> list[Picture]:
    """Every picture another person, with ``attributes`` (CSV: file, age, sex, group) where they are known.

    Without ``attributes`` an ``attributes.csv`` in the folder is taken. Raises UnusableInput.
    """
    found = sorted(_pictures(folder))
    if len(found) < 2:
        raise UnusableInput(f"{folder} holds {len(found)} pictures; at least two strangers are needed")
    table = attributes or folder / "attributes.csv"
    rows = _attributes(table) if attributes or table.exists() else {}
    return [Picture(path, path.name, *rows.get(path.name, (None, "", ""))) for path in found]


def pairs(file: Path) -> list[Pair]:
    """A pair list in the format of Labeled Faces in the Wild, with any number of folds.

    The first line holds the folds and how many pairs of each kind a fold has. Raises UnusableInput.
    """
    try:
        header, *lines = [
            line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()
        ]
        folds, each = (int(value) for value in header)
    except (OSError, UnicodeDecodeError, ValueError) as problem:
        raise UnusableInput(f"{file} is no pair list: its first line holds folds and pairs") from problem
    if len(lines) != 2 * folds * each:
        raise UnusableInput(f"{file} holds {len(lines)} pairs, not {2 * folds * each} as its first line says")
    return [_pair(file, number // (2 * each), line) for number, line in enumerate(lines)]


def _pair(file: Path, fold: int, line: list[str]) -> Pair:
    try:
        if len(line) == 3:
            return Pair(fold, (line[0], int(line[1])), (line[0], int(line[2])))
        name, number, other, other_number = line
        return Pair(fold, (name, int(number)), (other, int(other_number)))
    except ValueError as problem:
        raise UnusableInput(f"{file} has a line that is no pair: {' '.join(line)}") from problem


def _attributes(table: Path) -> dict[str, tuple[int | None, str, str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise UnusableInput(f"{table} cannot be read as CSV in UTF-8") from problem
    if rows and "file" not in rows[0]:
        raise UnusableInput(f"{table} has no column file")
    return {
        row["file"]: (
            int(row["age"]) if (row.get("age") or "").isdecimal() else None,
            (row.get("sex") or "").strip().lower(),
            (row.get("group") or "").strip().lower(),
        )
        for row in rows
    }


def _folders(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise UnusableInput(f"{folder} is not a folder")
    return (sub for sub in folder.iterdir() if sub.is_dir())


def _pictures(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise UnusableInput(f"{folder} is not a folder")
    return (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
