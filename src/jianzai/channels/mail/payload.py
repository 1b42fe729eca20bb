"""What the QR code of a form says, and the numbers forms are called by. No Django: the reader uses it too.

A code reads ``JZ1|<form number>|<kind>|<cycle year>|<person token or ->|<signature>``. The signature is keyed
with the deployment's own key, so that nobody else prints a code; the token tells whether a code is a given
person's without naming them. Whether such a form was ever issued is the database's to say.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from stdnum.iso7064 import mod_11_10

from jianzai.vault import vault

NOBODY = "-"
"""The person token of an empty print."""

LAST_NUMBER = 999_999
"""So many forms can be numbered in a year."""

_VERSION = "JZ1"
_LONGEST = 120  # characters; ours have about 60
_TOKEN, _SIGNATURE = 10, 16  # letters of base 32, 5 bits each
_NUMBER = re.compile(r"([0-9]{4})-([0-9]{6})-([0-9])")
# What is taken for a digit when it is printed, scanned or typed.
_LOOKS_LIKE = str.maketrans("OoQIlZzSsB", "0001122558")
_HYPHENS = re.compile(r"[\s\-‐-―−_.·]+")


class Kind(StrEnum):
    """Which paper it is."""

    ELSEWHERE = "elsewhere"  # 协查表, elsewhere in the mainland
    HMT = "hmt"  # 生存证明书, Hong Kong, Macao and Taiwan
    ABROAD = "abroad"  # 在境外居住人员领取养老金资格审核表, since July 2015
    ABROAD_2013 = "abroad_2013"  # 出境定居离退休人员健在确认表, before
    LETTER = "letter"  # a stamped letter of whoever attests; not ours, without a code
    NEWSPAPER = "newspaper"  # a photograph with a newspaper; likewise


class PayloadError(ValueError):
    """Not a code of ours, ``reason``: no such "form" at all, a wrong "number", "kind" or "signature"."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Payload:
    """What a code says. ``person`` is a token of ``person_token``, or NOBODY on an empty print."""

    number: str
    kind: Kind
    year: int
    person: str = NOBODY


def form_number(year: int, running: int) -> str:
    """``<year>-<6 digits>-<check digit>``: the digit shows any single wrong digit (ISO 7064, MOD 11-10).

    Raises ValueError for a running number outside 1 to LAST_NUMBER.
    """
    if not 1 <= running <= LAST_NUMBER or not 1000 <= year <= 9999:
        raise ValueError(f"no form number for {year}, {running}")
    digits = f"{year}{running:06d}"
    return f"{year}-{running:06d}-{mod_11_10.calc_check_digit(digits)}"


def read_number(text: str) -> str | None:
    """``text`` as a form number, however it was typed or recognised; None where the check digit denies it."""
    plain = unicodedata.normalize("NFKC", text).translate(_LOOKS_LIKE)
    digits = _HYPHENS.sub("", plain)
    if not re.fullmatch(r"[0-9]{11}", digits) or not mod_11_10.is_valid(digits):
        return None
    return f"{digits[:4]}-{digits[4:10]}-{digits[10]}"


def person_token(key: object) -> str:
    """The token of the person with this ``Beneficiary.key``: 10 letters that lead back to nobody."""
    return base64.b32encode(vault().lookup(f"form person:{key}")).decode()[:_TOKEN]


def seal_payload(payload: Payload) -> str:
    """The text of the QR code for ``payload``, signed."""
    body = f"{_VERSION}|{payload.number}|{payload.kind}|{payload.year}|{payload.person}"
    return f"{body}|{_signature(body)}"


def open_payload(text: str) -> Payload:
    """What ``seal_payload`` was given. Raises PayloadError for anything this deployment did not sign."""
    parts = text.split("|") if len(text) <= _LONGEST else []
    if len(parts) != 6 or parts[0] != _VERSION:
        raise PayloadError("form")
    body, _, signature = text.rpartition("|")
    if not hmac.compare_digest(_signature(body).encode(), signature.encode()):
        raise PayloadError("signature")
    _, number, kind, year, person, _ = parts
    if not _NUMBER.fullmatch(number) or read_number(number) != number:
        raise PayloadError("number")
    try:
        return Payload(number, Kind(kind), int(year), person)
    except ValueError:
        raise PayloadError("kind") from None


def _signature(body: str) -> str:
    return base64.b32encode(vault().lookup(f"form:{body}")).decode()[:_SIGNATURE]
