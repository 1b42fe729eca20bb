"""What is right and wrong with a sheet, one function a rule. Pure: no database, no clock.

A rule answers with a Finding under its own name, or with None where the form has no such thing. It says False
only for what the sheet shows, and cannot tell (``ok`` None) where the sheet was badly read: a person looks at
that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from stdnum.cn import ric

from ..payload import NOBODY
from . import names
from .dates import is_blank, read_date
from .types import TICKS, Expected, Field, Finding, Reading, Rules

Rule = Callable[[Reading, Expected, Rules], Finding | None]

SURE = 0.8
"""Confidence from which a word that differs is taken to differ, and not to be misread."""


def check_sheet(reading: Reading, expected: Expected, rules: Rules) -> list[Finding]:
    """What every rule says that has something to say about this form, in the order of the form."""
    found = (rule(reading, expected, rules) for rule in RULES)
    return [finding for finding in found if finding is not None]


def is_theirs(reading: Reading, expected: Expected) -> bool | None:
    """Whether the sheet is of the expected person: name or identity number agree and neither contradicts.

    None where neither could be read. A code of ours with their token is enough, unless a number on the sheet
    is surely another person's.
    """
    by_number, by_name = _identity_agrees(reading, expected), _name_agrees(reading, expected)
    if by_number is False:
        return False
    if _other_token(reading, expected) is not None:
        return not _other_token(reading, expected)
    if by_number:
        return True if by_name is not False else None
    return by_name


def code(reading: Reading, expected: Expected, rules: Rules) -> Finding:
    """The code is one that this office signed."""
    if reading.payload is not None:
        return Finding("code", True, reading.payload.number)
    return Finding("code", False if reading.code_refused else None, reading.code_refused or "")


def form(reading: Reading, expected: Expected, rules: Rules) -> Finding:
    """The form was issued to this person: number and person of the code are theirs."""
    if _other_token(reading, expected):
        return Finding("form", False, reading.form_number or "")
    if reading.form_number is None or expected.form_number is None:
        return Finding("form", None, reading.form_number or "")
    return Finding("form", reading.form_number == expected.form_number, reading.form_number)


def year(reading: Reading, expected: Expected, rules: Rules) -> Finding:
    """The form is for the cycle in hand."""
    told = reading.payload.year if reading.payload else None
    if told is None and reading.form_number:
        told = int(reading.form_number[:4])
    return Finding("year", None if told is None else told == rules.year, str(told or ""))


def kind(reading: Reading, expected: Expected, rules: Rules) -> Finding:
    """This form is for people who live where the person does."""
    if reading.kind is None:
        return Finding("kind", None)
    return Finding("kind", reading.kind in expected.kinds, reading.kind)


def name(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The name on the sheet is the person's, in whichever spelling."""
    return _of_field("name", reading, _name_agrees(reading, expected))


def identity(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The identity number on the sheet is the person's."""
    return _of_field("identity", reading, _identity_agrees(reading, expected))


def personal_number(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The personal number on the sheet is the person's."""
    field = reading.fields.get("personal_number")
    if field is None or expected.personal_number is None:
        return None
    read, wanted = _plain(field.text), _plain(expected.personal_number)
    if read == wanted:
        agrees: bool | None = True
    else:
        # It has no check digit of its own: one character more or less is as likely misread.
        agrees = None if not read or field.confidence < SURE or names.distance(read, wanted) < 2 else False
    return _of_field("personal_number", reading, agrees)


def one_box(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """Exactly one of the boxes alive, dead, missing and imprisoned is ticked."""
    if not reading.ticks:
        return None
    ticked = [tick for tick in TICKS if reading.ticks.get(tick)]
    doubtful = [tick for tick in TICKS if tick in reading.ticks and reading.ticks[tick] is None]
    detail = " ".join(ticked)
    if len(ticked) > 1:
        return Finding("one_box", False, detail)
    if doubtful:
        return Finding("one_box", None, " ".join((*ticked, *doubtful)))
    if not ticked:
        return Finding("one_box", False if reading.straight else None, "")
    return Finding("one_box", True, detail)


def alive(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The person is said to be alive, and nothing else."""
    if not reading.ticks:
        return None
    others = [tick for tick in TICKS[1:] if reading.ticks.get(tick)]
    if others:
        return Finding("alive", False, " ".join(others))
    doubtful = any(value is None for value in reading.ticks.values())
    if reading.ticks.get("alive") and not doubtful:
        return Finding("alive", True, "alive")
    return Finding("alive", None)


def died_on(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """Where the person is said to have died, the day is there and not in the future."""
    if not reading.ticks.get("dead") or "died_on" not in reading.fields:
        return None
    return _dated("died_on", reading, date.min, rules.today)


def signature(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The person signed."""
    return _there("signature", reading, reading.signature)


def signed_on(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The day of the signature is there, in the cycle and not in the future."""
    return _dated("signed_on", reading, rules.opens, rules.today)


def photo(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """A photograph is on the form."""
    return _there("photo", reading, reading.photo_there)


def appeared_on(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The day on which the person appeared is there, in the cycle and not in the future."""
    return _dated("appeared_on", reading, rules.opens, rules.today)


def attester(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """Who attests is one of those who may where the person lives.

    A name on the list that begins with ``*`` is the end of many names (``*街道办事处``). One character in
    seven may be wrong, three in seven leave it open.
    """
    field = reading.fields.get("attester")
    if field is None or not expected.attesters:
        return None
    read = names.folded_office(field.text)
    if not read:
        # Its seal may still say who it is.
        return Finding("attester", None if reading.seals or not reading.straight else False, "")
    shares = []
    for listed in expected.attesters:
        wanted = names.folded_office(listed)
        shares.append(names.slips(wanted, read) / max(1, len(wanted)))
    best = min(shares)
    ok = True if best <= 1 / 7 else None if best <= 3 / 7 or field.confidence < SURE else False
    return Finding("attester", ok, field.text)


def attested_on(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The day of the attestation is there, in the cycle and not in the future."""
    return _dated("attested_on", reading, rules.opens, rules.today)


def seal(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """A red seal is where the form wants it."""
    if "seal" not in reading.asked:
        return None
    inside = [each for each in reading.seals if each.inside]
    if inside:
        return Finding("seal", True, inside[0].shape)
    if reading.seals:
        return Finding("seal", None, "elsewhere")
    if not reading.coloured:
        return Finding("seal", None, "grey")
    return Finding("seal", False if reading.straight else None, "")


def certificate_number(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """The attester's own number is there, and on no sheet that came before."""
    field = reading.fields.get("certificate_number")
    if field is None:
        return None
    read = _plain(field.text)
    if not read:
        return Finding("certificate_number", False if reading.straight else None, "")
    used = {_plain(number) for number in expected.used_numbers}
    if read in used:
        return Finding("certificate_number", False, field.text)
    if field.confidence < SURE and any(names.distance(read, number) < 2 for number in used):
        return Finding("certificate_number", None, field.text)
    return Finding("certificate_number", True, field.text)


def authority(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """An agent's authority is not older than it may be on the day of the attestation."""
    field = reading.fields.get("authority_on")
    if field is None or (is_blank(field.text) and not _agent_named(reading)):
        return None
    read = read_date(field.text)
    if read is None:
        missing = is_blank(field.text) and reading.straight
        return Finding("authority", False if missing else None, "" if missing else field.text)
    attested = reading.fields.get("attested_on")
    day = (read_date(attested.text) if attested else None) or rules.today
    return Finding("authority", timedelta(0) <= day - read <= timedelta(rules.authority_days), str(read))


def agent_years(reading: Reading, expected: Expected, rules: Rules) -> Finding | None:
    """An agent brings it for at most so many years in a row; then the person comes."""
    if not _agent_named(reading):
        return None
    return Finding("agent_years", expected.agent_years < rules.agent_years, str(expected.agent_years + 1))


RULES: tuple[Rule, ...] = (
    code,
    form,
    year,
    kind,
    name,
    identity,
    personal_number,
    photo,
    signature,
    signed_on,
    one_box,
    alive,
    died_on,
    appeared_on,
    attester,
    certificate_number,
    attested_on,
    seal,
    authority,
    agent_years,
)


def _other_token(reading: Reading, expected: Expected) -> bool | None:
    """Whether the code is of somebody else; None where there is nobody in it."""
    if reading.payload is None or reading.payload.person == NOBODY or expected.token is None:
        return None
    return reading.payload.person != expected.token


def _name_agrees(reading: Reading, expected: Expected) -> bool | None:
    field = reading.fields.get("name")
    if field is None or not field.text:
        return None
    same = names.same_name(field.text, expected.name)
    return None if same is False and field.confidence < SURE else same


def _identity_agrees(reading: Reading, expected: Expected) -> bool | None:
    field = reading.fields.get("identity")
    if field is None:
        return None
    read = _plain(field.text)
    if re.fullmatch(r"[0-9]{15}", read):
        read = f"{read[:6]}19{read[6:]}"
        read += ric.calc_check_digit(read + "0")
    if read == _plain(expected.identity):
        return True
    # Another person's number has its own check digit; a misread one has a right one once in eleven times.
    surely_another = re.fullmatch(r"[0-9]{17}[0-9X]", read) and ric.calc_check_digit(read) == read[-1]
    return False if surely_another and field.confidence >= SURE else None


def _of_field(rule: str, reading: Reading, agrees: bool | None) -> Finding | None:
    """A finding about a field that has to be filled in."""
    field = reading.fields.get(rule)
    if field is None:
        return None
    if not field.text and reading.straight:
        return Finding(rule, False, "")
    return Finding(rule, agrees, field.text)


def _dated(rule: str, reading: Reading, earliest: date, latest: date) -> Finding | None:
    field = reading.fields.get(rule)
    if field is None:
        return None
    read = read_date(field.text)
    if read is None:
        missing = is_blank(field.text) and reading.straight
        return Finding(rule, False if missing else None, "" if missing else field.text)
    return Finding(rule, earliest <= read <= latest, str(read))


def _there(rule: str, reading: Reading, there: bool | None) -> Finding | None:
    if rule not in reading.asked:
        return None
    return Finding(rule, None if there is False and not reading.straight else there)


def _agent_named(reading: Reading) -> bool:
    field: Field | None = reading.fields.get("agent")
    return field is not None and bool(field.text)


def _plain(number: str) -> str:
    return re.sub(r"[^0-9A-Z\u3400-\u9fff]", "", number.upper())
