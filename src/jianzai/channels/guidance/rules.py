"""Which way to certify suits whom: at most four questions, each with the answers it takes.

The ways and papers are those of the Changsha rules of 2013 and of the forms used since (for people abroad
from 1 July 2015 on); no question is asked whose answer would change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """Where the questions lead. Sentences of each are ``guidance.<way>_...``."""

    FACE = "face"  # at home, with a camera
    STATION = "station"
    VISIT = "visit"
    MAINLAND = "mainland"  # 协查表
    HONG_KONG = "hong_kong"  # 生存证明书, as for the next two
    MACAO = "macao"
    TAIWAN = "taiwan"
    MISSION = "mission"  # abroad, 健在确认表 by an embassy or consulate
    NOTARY = "notary"  # abroad, where there is no mission


@dataclass(frozen=True, slots=True)
class Guide:
    """How many ``steps`` and ``papers`` a way has, and the ``app`` with the page on which it begins."""

    steps: int
    papers: int
    app: str


GUIDES = {
    Way.FACE: Guide(4, 1, "online"),
    Way.STATION: Guide(3, 1, "station"),
    Way.VISIT: Guide(4, 1, "visit"),
    Way.MAINLAND: Guide(4, 3, "mail"),
    Way.HONG_KONG: Guide(4, 3, "mail"),
    Way.MACAO: Guide(4, 3, "mail"),
    Way.TAIWAN: Guide(4, 3, "mail"),
    Way.MISSION: Guide(4, 3, "mail"),
    Way.NOTARY: Guide(4, 3, "mail"),
}

FIRST = "camera"
QUESTIONS: dict[str, dict[str, str | Way]] = {
    "camera": {"yes": Way.FACE, "no": "where"},
    "where": {"here": "out", "mainland": Way.MAINLAND, "region": "region", "abroad": "mission"},
    "out": {"yes": Way.STATION, "no": Way.VISIT},
    "region": {"hong_kong": Way.HONG_KONG, "macao": Way.MACAO, "taiwan": Way.TAIWAN},
    "mission": {"yes": Way.MISSION, "no": Way.NOTARY},
}
"""What each answer leads to: the next question, or the way."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody came: what they answered, in order, then the next question or the way for them."""

    answered: tuple[tuple[str, str], ...]
    question: str | None
    way: Way | None


def follow(answers: Mapping[str, str]) -> Standing:
    """Where ``answers`` lead from the first question on; what does not belong there is passed over."""
    answered: list[tuple[str, str]] = []
    question = FIRST
    while (answer := answers.get(question)) in QUESTIONS[question]:
        answered.append((question, answer))
        reached = QUESTIONS[question][answer]
        if isinstance(reached, Way):
            return Standing(tuple(answered), None, reached)
        question = reached
    return Standing(tuple(answered), question, None)
