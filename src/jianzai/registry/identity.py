"""Identity documents: the form a number is kept in, and what is wrong with it.

Resident numbers follow GB 11643-1999: 6 digits of region, 8 of birth date, 3 of order (odd for men), and a
check character (ISO 7064, MOD 11-2). Numbers of 15 digits, issued before 1999, are converted. A region that
no table knows is a warning: numbers carry the region at birth, and counties come and go.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from stdnum import numdb
from stdnum.cn import ric

from jianzai.registry.models import Beneficiary

OLDEST = 130
"""Years; beyond the oldest age ever proven (122), a birth date is a mistake."""

_CHECKED = re.compile(r"[0-9]{17}[0-9X]")
_OLD = re.compile(r"[0-9]{15}")
_SEPARATORS = re.compile(r"[\s\-‐-―−]")
# Travel permits: the National Immigration Administration's, cards since 2013 and 2015, and before.
# Residence permits for Hong Kong, Macao and Taiwan (2018) have 18 digits with a region of 81, 82 or 83.
_FORMS = {
    Beneficiary.IdentityKind.HONG_KONG_MACAO: re.compile(r"[HM]\d{8}(\d{2})?|8[12]0000\d{11}[\dX]", re.ASCII),
    Beneficiary.IdentityKind.TAIWAN: re.compile(r"\d{8}|\d{10}[A-Z]?|830000\d{11}[\dX]", re.ASCII),
    Beneficiary.IdentityKind.PASSPORT: re.compile(r"[A-Z0-9]{5,20}"),
    Beneficiary.IdentityKind.OTHER: re.compile(r"[^\s]{3,40}"),
}
_WITH_RESIDENCE_PERMIT = (Beneficiary.IdentityKind.HONG_KONG_MACAO, Beneficiary.IdentityKind.TAIWAN)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a number: ``code`` names a sentence in registry.toml; a warning does not refuse it."""

    code: str
    warning: bool = False
    values: dict[str, object] = field(default_factory=dict)


def normalised(number: str) -> str:
    """The number as it is kept: one width, capitals, no spaces and hyphens; 15 digits become 18."""
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", number)).upper()
    number = unicodedata.normalize("NFKC", number)  # capitals and accents may have found each other
    if _OLD.fullmatch(number) and _date("19" + number[6:12]):
        number = f"{number[:6]}19{number[6:]}"
        number += ric.calc_check_digit(number + "0")
    return number


def birth_date_in(number: str) -> date | None:
    """The birth date in a resident number of 18 characters, None where there is none."""
    return _date(number[6:14]) if _CHECKED.fullmatch(number) else None


def sex_in(number: str) -> Beneficiary.Sex | None:
    """The sex in a resident number of 18 characters, None where there is none."""
    if not _CHECKED.fullmatch(number):
        return None
    return Beneficiary.Sex.MALE if int(number[16]) % 2 else Beneficiary.Sex.FEMALE


def check(kind: str, number: str, birth_date: date | None, sex: str | None) -> list[Finding]:
    """What is wrong or odd with a normalised number; empty when nothing is.

    ``birth_date`` and ``sex`` are what the roster says; None leaves that comparison out.
    """
    if not number:
        return [Finding("identity_missing")]
    if kind != Beneficiary.IdentityKind.RESIDENT:
        if not _FORMS[Beneficiary.IdentityKind(kind)].fullmatch(number):
            return [Finding("identity_form")]
        residence_permit = kind in _WITH_RESIDENCE_PERMIT and len(number) == 18
        return _check_18(number, birth_date, sex, region=False) if residence_permit else []
    if len(number) != 18:
        return [Finding("identity_length", values={"length": len(number)})]
    if not _CHECKED.fullmatch(number):
        return [Finding("identity_characters")]
    return _check_18(number, birth_date, sex, region=True)


def _check_18(number: str, birth_date: date | None, sex: str | None, *, region: bool) -> list[Finding]:
    if ric.calc_check_digit(number) != number[-1]:
        return [Finding("identity_checksum")]
    born = _date(number[6:14])
    if born is None:
        return [Finding("identity_no_date")]
    found = []
    if birth_date is not None and born != birth_date:
        found.append(Finding("identity_birth_date", values={"inside": born.isoformat()}))
    if sex is not None and sex_in(number) != sex:
        found.append(Finding("identity_sex"))
    if region and not _region_known(number[:6]):
        found.append(Finding("identity_region", warning=True, values={"region": number[:6]}))
    return found


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


@lru_cache(maxsize=8192)  # the table is searched line by line, and a roster has few regions
def _region_known(region: str) -> bool:
    return bool(numdb.get("cn/loc").info(region)[0][1])
