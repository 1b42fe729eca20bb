"""Who may attest on which form: ``issuers.toml``, a list that is kept by hand with its sources."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from .payload import Kind
from .reading.names import folded_office

_SAME_LIST = {Kind.ABROAD_2013: "abroad", Kind.ABROAD: "abroad", Kind.LETTER: "elsewhere"}


@cache
def issuers(kind: Kind) -> tuple[str, ...]:
    """Names, or parts of names, of the bodies that may attest on a form; none for a newspaper."""
    table = tomllib.loads(Path(__file__).with_name("issuers.toml").read_text(encoding="utf-8"))
    entries = table.get(_SAME_LIST.get(kind, str(kind)), [])
    return tuple(dict.fromkeys(name for entry in entries for name in entry["names"]))


@cache
def suggestions(kind: Kind) -> tuple[str, ...]:
    """Whole names that a clerk is offered while typing: bodies and, abroad, the missions."""
    table = tomllib.loads(Path(__file__).with_name("issuers.toml").read_text(encoding="utf-8"))
    found = []
    for entry in table.get(_SAME_LIST.get(kind, str(kind)), []):
        missions = [line.partition(": ") for line in entry.get("missions", [])]
        found += [
            f"中国驻{country}大使馆" if place == 0 else f"中国驻{city}总领事馆"
            for country, _, cities in missions
            for place, city in enumerate(cities.split())
        ]
        if not missions:
            found += entry["names"]
    return tuple(found)


def is_issuer(kind: Kind, name: str) -> bool:
    """Whether somebody on the list for ``kind`` stands in ``name``."""
    folded = folded_office(name)
    return any(folded_office(known) in folded for known in issuers(kind))
