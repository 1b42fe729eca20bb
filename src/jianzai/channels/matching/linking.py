"""Whose a record is: by its number exactly, else probably by what it says of name, sex, birth date and area.

A number that is in order and nobody's here belongs to somebody else: whatever the name, nobody is looked for.
So only records without a usable number, and those whose number and name contradict each other, are weighed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from uuid import UUID

from stdnum.cn import ric

from jianzai.registry import names
from jianzai.registry.models import Beneficiary
from jianzai.registry.people import identity_lookup

from .rows import SignRow
from .weights import (
    CERTAIN,
    MARGIN,
    Candidate,
    Described,
    Frequencies,
    Level,
    agreement,
    bits,
)

_AT_ONCE = 2000
_FIELDS = ("pk", "name", "pinyin", "sex", "birth_date", "area")


@dataclass(frozen=True, slots=True)
class Match:
    """``row`` is the record of ``person``; ``bits`` is None where the match is exact."""

    row: SignRow
    person: int
    exact: bool
    levels: dict[str, Level]
    bits: float | None


class Roll:
    """The people of an area, to look records up among. Names and dates are read once, when first needed."""

    def __init__(self, prefix: str) -> None:
        self._people = Beneficiary.objects.filter(area__code__startswith=prefix)

    def keys(self, people: Iterable[int]) -> dict[int, UUID]:
        """The owners that what is kept of ``people`` is sealed for."""
        return dict(self._people.filter(pk__in=list(people)).values_list("pk", "key"))

    def match(self, rows: Iterable[SignRow]) -> Iterator[Match]:
        """What is somebody's of ``rows``, in their order."""
        rows = iter(rows)
        while chunk := list(islice(rows, _AT_ONCE)):
            by_number = self._by_number({row.number: [row.number] for row in chunk if row.valid})
            weighed = [row for row in chunk if not row.valid and row.name and row.birth_date]
            near = self._by_number({row.number: mended(row.number) for row in weighed})
            for row in chunk:
                if row.valid and row.number:
                    found = self._exact(row, by_number.get(row.number, ()))
                elif row.name and row.birth_date:
                    found = self._probable(row, near.get(row.number, ()))
                else:
                    found = None
                if found:
                    yield found

    def _by_number(self, numbers: Mapping[str, Sequence[str]]) -> dict[str, list[Candidate]]:
        """Who has one of the numbers that each number may stand for."""
        asked: dict[bytes, list[str]] = defaultdict(list)
        for number, meant in numbers.items():
            for each in meant:
                asked[identity_lookup(each)].append(number)
        people: dict[str, list[Candidate]] = defaultdict(list)
        found = self._people.filter(identity_lookup__in=list(asked)) if asked else self._people.none()
        for lookup, *fields in found.values_list("identity_lookup", *_FIELDS):
            for number in asked[bytes(lookup)]:
                people[number].append(_candidate(*fields))
        return people

    def _exact(self, row: SignRow, people: Iterable[Candidate]) -> Match | None:
        """By number, which ``people`` have. Another name makes it a contradiction: at most probable."""
        record = described(row)
        best = None
        for person in people:
            levels = agreement(record, person) | {"number": Level.SAME}
            exact = levels["name"] is not Level.OTHER
            if best is None or (exact and not best.exact):
                best = Match(row, person.person, exact, levels, None)
        return best

    def _probable(self, row: SignRow, near: Sequence[Candidate]) -> Match | None:
        """The one person for whom it speaks with ``CERTAIN`` bits, and ``MARGIN`` more than for any other.

        near: people whose number becomes the record's by one slip.
        """
        record = described(row, frozenset(each.person for each in near), bool(row.number))
        weighed = []
        for person in {each.person: each for each in (*near, *self._blocked(record))}.values():
            levels = agreement(record, person)
            weighed.append((bits(levels, record, person, self._frequencies), person.person, levels))
        weighed.sort(key=lambda each: each[0], reverse=True)
        if not weighed or weighed[0][0] < CERTAIN:
            return None
        if len(weighed) > 1 and weighed[0][0] - weighed[1][0] < MARGIN:
            return None
        weight, person, levels = weighed[0]
        return Match(row, person, False, levels, round(weight, 1))

    def _blocked(self, record: Described) -> Iterator[Candidate]:
        """Who was born on that day, or has that name and was born in that year."""
        yield from self._blocks.get(record.birth_date, ())
        yield from self._blocks.get((record.sound, record.birth_date.year), ())

    @cached_property
    def _everybody(self) -> list[Candidate]:
        return [_candidate(*fields) for fields in self._people.values_list(*_FIELDS).iterator(_AT_ONCE)]

    @cached_property
    def _blocks(self) -> dict[object, list[Candidate]]:
        blocks: dict[object, list[Candidate]] = defaultdict(list)
        for person in self._everybody:
            blocks[person.birth_date].append(person)
            blocks[person.sound, person.birth_date.year].append(person)
        return blocks

    @cached_property
    def _frequencies(self) -> Frequencies:
        return Frequencies(
            len(self._everybody),
            Counter(each.name for each in self._everybody),
            Counter(each.sound for each in self._everybody),
            Counter(each.area for each in self._everybody),
        )


def described(row: SignRow, near: frozenset[int] = frozenset(), number_given: bool = False) -> Described:
    """``row`` as it is compared."""
    name = names.comparable(row.name)
    return Described(name, _sound(name), row.sex, row.birth_date, row.area, near, number_given)


def mended(number: str) -> list[str]:
    """The resident numbers that become ``number`` by one slip: a digit, or two neighbours swapped."""
    if len(number) != 18 or not number[:17].isdigit() or number[17] not in "0123456789X":
        return []
    tried = {number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(17)}
    for at in range(18):
        tried |= {number[:at] + digit + number[at + 1 :] for digit in "0123456789"}
    tried.add(number[:17] + "X")
    return sorted(
        each
        for each in tried
        if each != number and each[:17].isdigit() and ric.calc_check_digit(each) == each[17]
    )


def _candidate(person: int, name: str, pinyin: str, sex: str, birth_date, area: str) -> Candidate:
    return Candidate(person, names.comparable(name), pinyin.partition(" ")[0], sex, birth_date, area[:6])


@lru_cache(maxsize=65536)
def _sound(name: str) -> str:
    return names.pinyin(name).partition(" ")[0]
