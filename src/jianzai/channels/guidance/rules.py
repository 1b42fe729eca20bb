"""Which way to certify suits whom: at most four questions, each with the answers it takes.

The ways and papers are those of the Changsha rules of 2013 and of the forms used since (for people abroad
from 1 July 2015 on); no question is asked whose answer would change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """Where the questions lead. Sentences of each are ``guidance.<way>_...``."""

    FACE = "face"  # at home, with a camera
    STATION = "station"
    FINGERPRINT = "fingerprint"  # at a counter that has a reader, where the office has them at all
    VISIT = "visit"
    MAINLAND = "mainland"  # 协查表
    HONG_KONG = "hong_kong"  # 生存证明书, as for the next two
    MACAO = "macao"
    TAIWAN = "taiwan"
    MISSION = "mission"  # abroad, 健在确认表 by an embassy or consulate
    NOTARY = "notary"  # abroad, where there is no mission


@dataclass(frozen=True, slots=True)
class Guide:
    """How many ``steps`` and ``papers`` a way has, and the ``app`` with the page on which it begins.

    ``optional``: not every office has it. Its guide has an address of its own, is there while some way's
    offer leads to it, and says above the steps that one need not take this way.
    """

    steps: int
    papers: int
    app: str
    optional: bool = False


GUIDES = {
    Way.FACE: Guide(4, 1, "online"),
    Way.STATION: Guide(3, 1, "station"),
    Way.FINGERPRINT: Guide(4, 1, "station", optional=True),
    Way.VISIT: Guide(4, 1, "visit"),
    Way.MAINLAND: Guide(4, 3, "mail"),
    Way.HONG_KONG: Guide(4, 3, "mail"),
    Way.MACAO: Guide(4, 3, "mail"),
    Way.TAIWAN: Guide(4, 3, "mail"),
    Way.MISSION: Guide(4, 3, "mail"),
    Way.NOTARY: Guide(4, 2, "mail"),
}

FIRST = "camera"
QUESTIONS: dict[str, dict[str, str | Way]] = {
    "camera": {"yes": Way.FACE, "no": "where"},
    "where": {"here": "out", "mainland": Way.MAINLAND, "region": "region", "abroad": "mission"},
    "out": {"yes": Way.STATION, "finger": Way.FINGERPRINT, "no": Way.VISIT},
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


def answers_to(question: str, closed: Collection[Way] = ()) -> dict[str, str | Way]:
    """What may be answered to ``question`` while the ways ``closed`` cannot be had."""
    return {answer: reached for answer, reached in QUESTIONS[question].items() if reached not in closed}


def follow(answers: Mapping[str, str], closed: Collection[Way] = ()) -> Standing:
    """Where ``answers`` lead from the first question on; what does not belong there is passed over.

    No answer leads to a way that is ``closed``.
    """
    answered: list[tuple[str, str]] = []
    question = FIRST
    while (answer := answers.get(question)) in (open_answers := answers_to(question, closed)):
        answered.append((question, answer))
        reached = open_answers[answer]
        if isinstance(reached, Way):
            return Standing(tuple(answered), None, reached)
        question = reached
    return Standing(tuple(answered), question, None)
