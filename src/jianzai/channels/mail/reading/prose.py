"""Name and identity number in running text: in a letter that certifies somebody, or wherever no boxes are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from jianzai.ocr import Line

from .types import Field

_LOOK = str.maketrans("OoQDIl|ZSB", "0000111258")
"""Letters that print turns digits into."""

_DIGIT = r"[0-9OoQDIl|ZSB]"
# Looked for at every place: a letter or digit before it may look like a part of it.
_NUMBER = re.compile(rf"(?=((?:{_DIGIT}[\s.·\-]?){{17}}[0-9OoQDIl|ZSBXx×]))")
_NAME = r"([\u3400-\u9fff]{2,4}?|[\u3400-\u9fff]{1,6}[·•.][\u3400-\u9fff]{1,8}?)"
_AFTER = (
    r"(?=同志|先生|女士|老人|[\s,，、(（:：;；。]|系|性\s*别|[男女]|是我|为我|身份证|公民|居民身份|"
    r"生于|出生|现年|现居|现住|于\d|\d|$)"
)
_NAMED = (
    re.compile(rf"姓\s*名\s*[:：]?\s*{_NAME}{_AFTER}"),
    re.compile(
        rf"兹\s*(?:证\s*明|有)\s*[:：,，]?\s*(?:[^,，。:：]{{0,16}}?(?:居民|退休人员|退休职工|村民))?"
        rf"\s*[:：]?\s*{_NAME}{_AFTER}"
    ),
    re.compile(rf"(?:居民|退休人员|退休职工|村民|老人)\s*[:：]?\s*{_NAME}{_AFTER}"),
    re.compile(rf"(?:^|[,，。:：])\s*{_NAME}(?=同志|先生|女士|老人|系|[,，]\s*[男女]|[(（]?\s*身份证)"),
)
_NO_NAMES = ("兹", "同志", "我", "该", "本人", "其", "身份", "健在", "以下", "下列", "上述")
"""How a stretch begins that stands where a name might and is none."""


def name_and_number(lines: Sequence[Line], page: int) -> dict[str, Field]:
    """The fields ``name`` and ``identity`` as far as ``lines``, from top to bottom, name them.

    A number counts if its check digit is right. Either may run on in the next line.
    """
    found = {"identity": next(_numbers(lines, page), None), "name": next(_names(lines, page), None)}
    return {name: field for name, field in found.items() if field}


def _numbers(lines: Sequence[Line], page: int) -> Iterator[Field]:
    for words, line, confidence in _stretches(lines):
        for match in _NUMBER.finditer(words):
            number = re.sub(r"[\s.·\-]", "", match.group(1)).replace("×", "X")
            number = number[:17].translate(_LOOK) + number[17:].translate(_LOOK).upper()
            if _is_number(number):
                yield _field(number, line, confidence, page)


def _is_number(number: str) -> bool:
    """Whether birth date and check character are right; counties come and go, so the region is not asked."""
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return ric.calc_check_digit(number) == number[-1]


def _names(lines: Sequence[Line], page: int) -> Iterator[Field]:
    stretches = list(_stretches(lines))
    for pattern in _NAMED:
        for words, line, confidence in stretches:
            for match in pattern.finditer(words):
                if not match.group(1).startswith(_NO_NAMES):
                    yield _field(match.group(1), line, confidence, page)


def _stretches(lines: Sequence[Line]) -> Iterator[tuple[str, Line, float]]:
    """Each line, then each with the one below it, with the line in which it begins."""
    for line in lines:
        yield line.text.words, line, line.text.confidence
    for line, below in zip(lines, lines[1:], strict=False):
        confidence = min(line.text.confidence, below.text.confidence)
        yield line.text.words + below.text.words, line, confidence


def _field(words: str, line: Line, confidence: float, page: int) -> Field:
    return Field(words, confidence, cv2.boundingRect(line.corners.astype(np.int32)), page)
