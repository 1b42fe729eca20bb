"""What a photograph of a second-generation ID card says, either side of it. Pure: no database, no clock.

GA 461-2004 says how the cards look: on the side with the portrait name, sex, ethnic group, birth date,
address and number, on the other who issued it and how long it is valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import cv2
import numpy as np

from jianzai.ocr import LONGEST_SIDE, Line, ocr
from jianzai.registry import identity
from jianzai.registry.models import Beneficiary

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of ``Card.picture``."""

_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_BORN = re.compile(r"([12][0-9]{3})年([0-9]{1,2})月([0-9]{1,2})日?")
_SEX = re.compile(r"性别?([男女])")
_GROUP = re.compile(r"民?族([\u3400-\u9fff]{1,5})$")
_VALID = re.compile(
    r"([0-9]{4})[.。,·]?([0-9]{2})[.。,·]?([0-9]{2})[-—–一~至]?(长期|[0-9]{4}[.。,·]?[0-9]{2}[.。,·]?[0-9]{2})"
)
_DIGITS = "0123456789X"
_TURNS = (None, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)
_SURE = 0.6  # lines below are what the network makes of the pattern on the card


class Side(StrEnum):
    PORTRAIT = "portrait"
    EMBLEM = "emblem"


@dataclass(frozen=True, slots=True)
class CardField:
    """What a field says; ``confidence`` 0 to 1 is that of the line it stands in."""

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class CardFinding:
    """Something wrong with a field: ``code`` is one of ``registry.identity``, or ``card_missing``,
    ``card_birth_date``, ``card_sex``, ``card_expired``, ``card_not_yet``. A warning does not refuse the card.
    """

    field: str
    code: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One side of a card.

    side: None where the picture shows no card that can be read. picture: upright, BGR. fields: ``name``,
    ``sex``, ``ethnic_group``, ``birth_date`` (ISO), ``address``, ``number``; or ``issuer``, ``valid_from``,
    ``valid_until`` (ISO; ``长期`` is no end). Those that could not be read are not there. portrait: where the
    face is.
    """

    side: Side | None
    picture: np.ndarray
    fields: Mapping[str, CardField] = field(default_factory=dict)
    portrait: Box | None = None
    findings: Sequence[CardFinding] = ()


def read_card(picture: np.ndarray, today: date) -> Card:
    """The side of a card in ``picture`` (BGR), whichever way it lies, and what is wrong with it ``today``.

    The card should fill most of the picture; a page with a copy of it will do.
    """
    scale = LONGEST_SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for turn in _TURNS:
        upright = picture if turn is None else cv2.rotate(picture, turn)
        lines = _lines(upright)
        if not _readable(lines):
            continue
        upright, lines = _level(upright, lines)
        rows = _rows(lines)
        words = "".join(row.words for row in rows)
        if "签发" in words or "有效期" in words or "居民身份证" in words:
            return _emblem(upright, rows, today)
        if _NUMBER.search(words.upper()) or ("姓名" in words and "住址" in words):
            return _portrait(upright, rows)
    return Card(None, picture)


@dataclass(frozen=True, slots=True)
class _Row:
    """Lines side by side, as one."""

    lines: tuple[Line, ...]

    @property
    def words(self) -> str:
        return "".join(re.sub(r"\s", "", line.text.words) for line in self.lines)

    @property
    def confidence(self) -> float:
        return min(line.text.confidence for line in self.lines)

    @property
    def box(self) -> Box:
        return cv2.boundingRect(np.concatenate([line.corners for line in self.lines]).astype(np.int32))


def _lines(picture: np.ndarray) -> list[Line]:
    return [line for line in ocr().find(picture) if line.text.confidence >= _SURE]


def _readable(lines: list[Line]) -> bool:
    """Whether it is this way up: labels of the card are read, in lines that run across."""
    across = [line for line in lines if np.ptp(line.corners[:, 0]) > np.ptp(line.corners[:, 1])]
    words = "".join(re.sub(r"\s", "", line.text.words) for line in across)
    return (
        sum(
            label in words
            for label in ("姓名", "性别", "民族", "出生", "住址", "公民身份", "签发", "有效期", "居民身份证")
        )
        >= 2
    )


def _level(picture: np.ndarray, lines: list[Line]) -> tuple[np.ndarray, list[Line]]:
    """Turned by the few degrees that its longest line is askew, with the lines' places."""
    longest = max(lines, key=lambda line: np.linalg.norm(line.corners[1] - line.corners[0]))
    across = longest.corners[1] - longest.corners[0]
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(np.degrees(np.arctan2(across[1], across[0]))), 1
    )
    level = cv2.warpAffine(
        picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    moved = [
        Line(line.text, (line.corners @ turn[:, :2].T + turn[:, 2]).astype(np.float32)) for line in lines
    ]
    return level, moved


def _rows(lines: list[Line]) -> list[_Row]:
    """Lines of about one height together, from the left; rows from the top."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.corners[:, 1].mean()):
        middle, height = line.corners[:, 1].mean(), np.ptp(line.corners[:, 1])
        beside = rows and abs(rows[-1][0].corners[:, 1].mean() - middle) < 0.5 * height
        rows[-1].append(line) if beside else rows.append([line])
    return [_Row(tuple(sorted(row, key=lambda line: line.corners[:, 0].min()))) for row in rows]


def _portrait(picture: np.ndarray, rows: list[_Row]) -> Card:
    found: dict[str, CardField] = {}
    number_row = next((row for row in rows if _number_in(row)), None) or next(
        (row for row in rows if "身份号码" in row.words), None
    )
    if number_row is not None and (number := _best_number(picture, number_row)):
        found["number"] = number
    above = [row for row in rows if number_row is None or row.box[1] < number_row.box[1]]
    for row in above:
        for name, text in _told_by(row.words):
            found.setdefault(name, CardField(text, row.confidence, row.box))
    address = _address(above)
    if address:
        found["address"] = address
    return Card(
        Side.PORTRAIT,
        picture,
        found,
        _portrait_box(picture, found, number_row),
        tuple(_portrait_findings(found)),
    )


def _told_by(words: str) -> list[tuple[str, str]]:
    """What a row above the address says."""
    told = []
    if words.startswith("姓名") and len(words) > 2:
        told.append(("name", words[2:]))
    if match := _SEX.search(words):
        told.append(("sex", match.group(1)))
    if match := _GROUP.search(words):
        told.append(("ethnic_group", match.group(1)))
    if match := _BORN.search(words):
        try:
            told.append(("birth_date", date(*(int(part) for part in match.groups())).isoformat()))
        except ValueError:
            pass  # misread; the field is missing then
    return told


def _address(rows: list[_Row]) -> CardField | None:
    """What stands beside ``住址`` and below, up to three lines."""
    start = next((index for index, row in enumerate(rows) if row.words.startswith("住址")), None)
    if start is None:
        return None
    chosen = rows[start : start + 3]
    text = "".join(row.words for row in chosen).removeprefix("住址")
    box = cv2.boundingRect(
        np.concatenate([line.corners for row in chosen for line in row.lines]).astype(np.int32)
    )
    return CardField(text, min(row.confidence for row in chosen), box) if text else None


def _number_in(row: _Row) -> str | None:
    match = _NUMBER.search(row.words.upper())
    return match.group() if match else None


def _best_number(picture: np.ndarray, row: _Row) -> CardField | None:
    """The number of ``row``; where its check digit denies it, as read anew with digits only."""
    number = _number_in(row)
    if number is None or _denied(number):
        last = row.lines[-1]
        x, y, width, height = cv2.boundingRect(last.corners.astype(np.int32))
        piece = picture[max(0, y) : y + height, max(0, x) : x + width]
        again = ocr().read([piece], _DIGITS)[0] if piece.size else None
        match = _NUMBER.search(re.sub(r"\s", "", again.words)) if again else None
        if match and not _denied(match.group()):
            return CardField(match.group(), again.confidence, row.box)
    return CardField(number, row.confidence, row.box) if number else None


def _denied(number: str) -> bool:
    found = identity.check(Beneficiary.IdentityKind.RESIDENT, number, None, None)
    return any(finding.code == "identity_checksum" for finding in found)


def _portrait_box(picture: np.ndarray, found: dict[str, CardField], number_row: _Row | None) -> Box | None:
    """Right of the words and above the number, up to a little beyond where the number ends."""
    beside = [found[name].box for name in ("name", "sex", "birth_date", "address") if name in found]
    if number_row is None or not beside:
        return None
    x, y, width, _ = number_row.box
    height = y - min(box[1] for box in beside)
    # Generous, since printers differ in how far the number reaches below it: it is a face that is looked for.
    right = min(picture.shape[1], round(x + 1.14 * width))
    left = max(box[0] + box[2] for box in beside)
    top = max(0, round(min(box[1] for box in beside) - 0.12 * height))
    return (left, top, right - left, y - top) if right - left > 0.4 * height else None


def _portrait_findings(found: dict[str, CardField]) -> list[CardFinding]:
    findings = [
        CardFinding(name, "card_missing")
        for name in ("name", "sex", "birth_date", "number", "address")
        if name not in found
    ]
    if "number" not in found:
        return findings
    number = found["number"].text
    findings += [
        CardFinding("number", finding.code, finding.warning)
        for finding in identity.check(Beneficiary.IdentityKind.RESIDENT, number, None, None)
    ]
    born, sex = identity.birth_date_in(number), identity.sex_in(number)
    if "birth_date" in found and born is not None and found["birth_date"].text != born.isoformat():
        findings.append(CardFinding("birth_date", "card_birth_date"))
    if "sex" in found and sex is not None and (found["sex"].text == "男") != (sex == Beneficiary.Sex.MALE):
        findings.append(CardFinding("sex", "card_sex"))
    return findings


def _emblem(picture: np.ndarray, rows: list[_Row], today: date) -> Card:
    found: dict[str, CardField] = {}
    for row in rows:
        if "机关" in row.words and (text := row.words.split("机关", 1)[1]):
            found["issuer"] = CardField(text, row.confidence, row.box)
        elif match := _VALID.search(row.words):
            year, month, day, until = match.groups()
            until = until if until == "长期" else _iso(re.sub(r"[^0-9]", "", until))
            for name, text in (("valid_from", _iso(year + month + day)), ("valid_until", until)):
                if text:
                    found[name] = CardField(text, row.confidence, row.box)
    findings = [
        CardFinding(name, "card_missing")
        for name in ("issuer", "valid_from", "valid_until")
        if name not in found
    ]
    if (
        "valid_until" in found
        and found["valid_until"].text != "长期"
        and found["valid_until"].text < today.isoformat()
    ):
        findings.append(CardFinding("valid_until", "card_expired"))
    if "valid_from" in found and found["valid_from"].text > today.isoformat():
        findings.append(CardFinding("valid_from", "card_not_yet"))
    return Card(Side.EMBLEM, picture, found, None, tuple(findings))


def _iso(digits: str) -> str | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return None
