"""One name in two spellings, names of offices, and how far a reading is from what was wanted."""

from __future__ import annotations

from jianzai.registry.names import folded, sound

_SHORTER = {
    "中华人民共和国": "中国",
    "总领事馆": "总领馆",
    "社会保险": "社保",
    "大使馆": "使馆",
}


def same_name(one: str, other: str) -> bool | None:
    """Whether two names are one; None where they sound the same, as a variant the table lacks does."""
    one, other = folded(one), folded(other)
    if one == other:
        return True
    if len(one) == len(other) and sound(one) == sound(other):
        return None
    return False


def folded_office(name: str) -> str:
    """The form of an office's name that is compared: the usual short words for the long ones."""
    name = "".join(sign for sign in folded(name) if sign.isalnum())
    for long, short in _SHORTER.items():
        name = name.replace(long, short)
    return name


def slips(wanted: str, text: str) -> int:
    """How many characters have to be put in, left out or changed for ``wanted`` to be a part of ``text``."""
    row = [0] * (len(text) + 1)  # it may begin anywhere
    for index, sign in enumerate(wanted, start=1):
        before, row[0] = row[0], index
        for place, other in enumerate(text, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (sign != other))
    return min(row)


def distance(one: str, other: str) -> int:
    """How many characters have to be put in, left out or changed to make one of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for index, sign in enumerate(one, start=1):
        before, row[0] = row[0], index
        for place, letter in enumerate(other, start=1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (sign != letter)),
            )
    return row[-1]
