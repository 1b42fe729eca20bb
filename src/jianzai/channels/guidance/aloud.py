"""What a guide says when it is read aloud: its title, the steps in order, and what to bring."""

from __future__ import annotations

from jianzai.sentences import say

from .rules import GUIDES, QUESTIONS, Way


def steps(way: Way, in_language: str | None = None) -> list[str]:
    """What to do, in order."""
    return [say(f"guidance.{way}_step_{number}", in_language) for number in range(1, GUIDES[way].steps + 1)]


def papers(way: Way, in_language: str | None = None) -> list[str]:
    """What to bring or send."""
    return [say(f"guidance.{way}_paper_{number}", in_language) for number in range(1, GUIDES[way].papers + 1)]


def spoken_way(way: Way, in_language: str | None = None) -> str:
    """The whole guide to ``way`` as it is read aloud."""
    bring = say("guidance.papers", in_language)
    title = say(f"guidance.{way}_title", in_language)
    parts = [title, *steps(way, in_language), bring, *papers(way, in_language)]
    return "\n".join(part if part[-1] in "。.？?" else f"{part}。" for part in parts)


def spoken_question(question: str, in_language: str | None = None) -> str:
    """A question with its answers as it is read aloud."""
    answers = [say(f"guidance.{question}_{answer}", in_language) for answer in QUESTIONS[question]]
    return "\n".join([say(f"guidance.ask_{question}", in_language), *(f"{answer}。" for answer in answers)])


def spoken_guides(in_language: str) -> dict[str, str]:
    """Everything that is read aloud here, by the key of its recorded clip."""
    said = {f"guide_to_{way}": spoken_way(way, in_language) for way in Way}
    return said | {f"guide_asks_{question}": spoken_question(question, in_language) for question in QUESTIONS}
