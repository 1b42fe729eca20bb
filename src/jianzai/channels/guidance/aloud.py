"""What a guide says when it is read aloud: its title and note, the steps in order, and what to bring."""

from __future__ import annotations

from collections.abc import Collection

from jianzai.channels.online.offers import offers
from jianzai.sentences import say

from .rules import GUIDES, QUESTIONS, Way, answers_to


def steps(way: Way, in_language: str | None = None) -> list[str]:
    """What to do, in order."""
    return [say(f"guidance.{way}_step_{number}", in_language) for number in range(1, GUIDES[way].steps + 1)]


def papers(way: Way, in_language: str | None = None) -> list[str]:
    """What to bring or send."""
    return [say(f"guidance.{way}_paper_{number}", in_language) for number in range(1, GUIDES[way].papers + 1)]


def note(way: Way, in_language: str | None = None) -> str:
    """What to know before the steps; empty where there is nothing."""
    return say(f"guidance.{way}_note", in_language) if GUIDES[way].optional else ""


def spoken_way(way: Way, in_language: str | None = None) -> str:
    """The whole guide to ``way`` as it is read aloud."""
    bring = say("guidance.papers", in_language)
    title = say(f"guidance.{way}_title", in_language)
    parts = [title, note(way, in_language), *steps(way, in_language), bring, *papers(way, in_language)]
    return "\n".join(part if part[-1] in "。.？?" else f"{part}。" for part in parts if part)


def spoken_question(question: str, in_language: str | None = None, closed: Collection[Way] = ()) -> str:
    """A question with its answers as it is read aloud, without those that lead to ``closed`` ways."""
    answers = [say(f"guidance.{question}_{answer}", in_language) for answer in answers_to(question, closed)]
    return "\n".join([say(f"guidance.ask_{question}", in_language), *(f"{answer}。" for answer in answers)])


def closed_ways() -> frozenset[Way]:
    """The ways that nobody offers at present."""
    offered = {offer.view for offer in offers()}
    return frozenset(
        way for way, guide in GUIDES.items() if guide.optional and f"guidance:{way}" not in offered
    )


def spoken_guides(in_language: str) -> dict[str, str]:
    """Everything that is read aloud here, by the key of its recorded clip."""
    shut = closed_ways()
    said = {f"guide_to_{way}": spoken_way(way, in_language) for way in Way if way not in shut}
    return said | {
        f"guide_asks_{question}": spoken_question(question, in_language, shut) for question in QUESTIONS
    }
