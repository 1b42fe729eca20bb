"""How much each field of a record speaks for or against a person: weights of Fellegi and Sunter (1969).

A weight is log2(m / u) bits: m is how often a field agrees so where record and person are the same, u where
they are strangers. The m are fixed here, not estimated anew from each file: the same record is decided alike
in every file, and years later. The u of a name is its share of the roll, so that a common name says less.
``benchmarks/matching.py`` counts how often the decision is wrong. Pure: no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import log2


class Level(StrEnum):
    """How a field agrees."""

    SAME = "same"
    SOUND = "sound"  # a name of other characters with the same reading: variants, homophones, pinyin
    NEAR = "near"  # one character, digit or part of a date is another, or two have changed places
    OTHER = "other"
    ABSENT = "absent"  # the record does not say


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of a person is compared. ``name`` is registry.names.comparable, ``sound`` its reading."""

    person: int
    name: str
    sound: str
    sex: str
    birth_date: date
    area: str  # six digits


@dataclass(frozen=True, slots=True)
class Described:
    """The same of a record; what it does not say is empty."""

    name: str
    sound: str
    sex: str
    birth_date: date | None
    area: str
    near_numbers: frozenset[int] = frozenset()  # people whose number this one is but for one slip
    number_given: bool = False


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Shares of the roll: how many people it has, and of them each name, reading, district."""

    people: int
    names: Mapping[str, int]
    sounds: Mapping[str, int]
    areas: Mapping[str, int]

    def share(self, counts: Mapping[str, int], value: str) -> float:
        return max(counts.get(value, 1), 1) / max(self.people, 1)


# How often a field of the same person agrees so. Proposals of this project, of the order that registers meet.
_NAME_M = {Level.SAME: 0.92, Level.SOUND: 0.04, Level.NEAR: 0.03, Level.OTHER: 0.01}
_BIRTH_M = {Level.SAME: 0.94, Level.NEAR: 0.05, Level.OTHER: 0.01}
_SEX_M = {Level.SAME: 0.99, Level.OTHER: 0.01}
_AREA_M = {Level.SAME: 0.75, Level.OTHER: 0.25}
_NUMBER_M = {Level.NEAR: 0.7, Level.OTHER: 0.3}
# How often one of strangers does. Births of a roll spread over 40 years; two slips of a date are 30 in 365.
_BIRTH_U = {Level.SAME: 1 / 14_600, Level.NEAR: 80 / 14_600, Level.OTHER: 1.0}
_NAME_NEAR_U = 0.01
_NUMBER_NEAR_U = 1e-6

CERTAIN = 6.0
"""Bits in favour, the roll's size taken off, that make a record probably a person's: sixty to one."""

STRONG = 10.0
"""From here on very probably: a thousand to one."""

MARGIN = 5.0
"""Bits by which the best person must lead the second: thirty to one."""


FIELDS = ("number", "name", "sex", "birth_date", "area")
"""What is compared, in the order in which a reader looks."""


def agreement(record: Described, person: Candidate) -> dict[str, Level]:
    """How each field of ``record`` agrees with ``person``."""
    if not record.number_given:
        number = Level.ABSENT
    else:
        number = Level.NEAR if person.person in record.near_numbers else Level.OTHER
    return {
        "number": number,
        "name": name_level(record.name, record.sound, person.name, person.sound),
        "sex": _plain(record.sex, person.sex),
        "birth_date": birth_level(record.birth_date, person.birth_date),
        "area": _plain(record.area, person.area),
    }


def bits(levels: Mapping[str, Level], record: Described, person: Candidate, roll: Frequencies) -> float:
    """The weight for ``record`` being the person's, log2 of the odds, with one of the whole roll before."""
    total = -log2(max(roll.people, 2))
    name = levels["name"]
    if name is Level.SAME:
        total += log2(_NAME_M[name] / roll.share(roll.names, person.name))
    elif name is Level.SOUND:
        total += log2(_NAME_M[name] / roll.share(roll.sounds, person.sound))
    elif name is Level.NEAR:
        total += log2(_NAME_M[name] / _NAME_NEAR_U)
    elif name is Level.OTHER:
        total += log2(_NAME_M[name])
    if (born := levels["birth_date"]) is not Level.ABSENT:
        total += log2(_BIRTH_M[born] / _BIRTH_U[born])
    if (sex := levels["sex"]) is not Level.ABSENT:
        total += log2(_SEX_M[sex] / 0.5)
    if (area := levels["area"]) is not Level.ABSENT:
        share = min(roll.share(roll.areas, person.area), 0.9)
        total += log2(_AREA_M[area] / (share if area is Level.SAME else 1 - share))
    if (number := levels["number"]) is not Level.ABSENT:
        total += log2(_NUMBER_M[number] / (_NUMBER_NEAR_U if number is Level.NEAR else 1.0))
    return total


def name_level(name: str, sound: str, other: str, other_sound: str) -> Level:
    """How two names agree, both comparable and with their readings."""
    if not name:
        return Level.ABSENT
    if name == other:
        return Level.SAME
    if sound == other_sound or name == other_sound:  # pinyin in the place of characters
        return Level.SOUND
    return Level.NEAR if len(other) >= 3 and one_slip(name, other) else Level.OTHER


def birth_level(day: date | None, other: date) -> Level:
    """How two birth dates agree: NEAR where one part is another, or month and day have changed places."""
    if day is None:
        return Level.ABSENT
    if day == other:
        return Level.SAME
    same = (day.year == other.year) + (day.month == other.month) + (day.day == other.day)
    swapped = day.year == other.year and (day.month, day.day) == (other.day, other.month)
    return Level.NEAR if same == 2 or swapped else Level.OTHER


def one_slip(text: str, other: str) -> bool:
    """Whether two texts of one length differ in one character, or by two neighbours that changed places."""
    if len(text) != len(other):
        return False
    places = [at for at, (one, two) in enumerate(zip(text, other, strict=True)) if one != two]
    if len(places) == 1:
        return True
    return (
        len(places) == 2
        and places[1] == places[0] + 1
        and (text[places[0]], text[places[1]]) == (other[places[1]], other[places[0]])
    )


def _plain(value: str, other: str) -> Level:
    if not value:
        return Level.ABSENT
    return Level.SAME if value == other else Level.OTHER
