"""Whether a card is in order and the person's: one check a field, and a question wherever they disagree.

Nothing is refused here. A question is for a clerk, who decides it with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jianzai.registry import identity, names
from jianzai.registry.models import Beneficiary

from .fields import FOR_LIFE, day_in

_OLD_NUMBER = re.compile(r"\d{15}")
# Beyond the characters every machine has had since GB 2312 and Unicode 1.1: extensions, private use, and what
# machines write in place of a character they lack.
_RARE = re.compile(r"[^\u4e00-\u9fa5·A-Za-z]")
_RESIDENT = Beneficiary.IdentityKind.RESIDENT


@dataclass(frozen=True, slots=True)
class Register:
    """What the roster says of the person."""

    name: str
    sex: str
    birth_date: date
    number: str


@dataclass(frozen=True, slots=True)
class Check:
    """What one check of a ``field`` found: ``code`` names its sentence. ``asks``: a clerk has to decide."""

    field: str
    code: str
    asks: bool

    @property
    def found_nothing(self) -> bool:
        """Whether the field was not read: it neither agrees nor disagrees."""
        return self.code.endswith("_missing")


def check(read: Mapping[str, str], register: Register, on: date) -> list[Check]:
    """Every check of what was ``read`` (``fields.understood``) of a card shown on a day."""
    return [
        _name(read.get("name", ""), register),
        _sex(read.get("sex", ""), register),
        _birth_date(read.get("birth_date", ""), register),
        *_number(read, register),
        _validity(read, on),
    ]


def questions(checks: list[Check]) -> list[Check]:
    """Those a clerk has to decide."""
    return [one for one in checks if one.asks]


def _name(name: str, register: Register) -> Check:
    read, known = names.comparable(name), names.comparable(register.name)
    if not read:
        return Check("name", "name_missing", True)
    if read == known:
        return Check("name", "name_same", False)
    if len(read) == len(known):
        apart = [(one, other) for one, other in zip(read, known, strict=True) if one != other]
        if all(_RARE.match(one) or _RARE.match(other) for one, other in apart):
            return Check("name", "name_rare", True)
        if names.sound(read) == names.sound(known):  # as 張 and 张 do, and most variants
            return Check("name", "name_sounds", True)
    return Check("name", "name_differs", True)


def _sex(sex: str, register: Register) -> Check:
    if sex not in Beneficiary.Sex.values:
        return Check("sex", "sex_missing", False)
    same = sex == register.sex
    return Check("sex", "sex_same" if same else "sex_differs", not same)


def _birth_date(text: str, register: Register) -> Check:
    born = day_in(text)
    if born is None:
        return Check("birth_date", "birth_missing", False)
    same = born == register.birth_date
    return Check("birth_date", "birth_same" if same else "birth_differs", not same)


def _number(read: Mapping[str, str], register: Register) -> list[Check]:
    number = identity.normalised(read.get("number", ""))
    if not number:
        return [Check("number", "number_missing", True)]
    sex = read.get("sex", "")
    born = day_in(read.get("birth_date", ""))
    found = identity.check(_RESIDENT, number, born, sex if sex in Beneficiary.Sex.values else None)
    wrong = [one.code for one in found if not one.warning]
    if any(code not in ("identity_birth_date", "identity_sex") for code in wrong):
        return [Check("number", "number_wrong", True)]
    checks = [Check("number", f"number_{code.removeprefix('identity_')}", True) for code in wrong]
    if number != identity.normalised(register.number):
        return [*checks, Check("number", "number_differs", True)]
    converted = _OLD_NUMBER.fullmatch(re.sub(r"\s", "", read["number"]))
    return [*checks, Check("number", "number_converted" if converted else "number_same", False)]


def _validity(read: Mapping[str, str], on: date) -> Check:
    until, since = read.get("valid_until", ""), day_in(read.get("valid_from", ""))
    if since and since > on:
        return Check("valid_until", "valid_later", True)
    if until == FOR_LIFE:
        return Check("valid_until", "valid_for_life", False)
    if (last := day_in(until)) is None:
        return Check("valid_until", "valid_missing", True)
    expired = last < on
    return Check("valid_until", "valid_expired" if expired else "valid_now", expired)
