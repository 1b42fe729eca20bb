"""Why a verb of this app refuses, each with a sentence in every language (``notices.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``notices.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"notices.{self.code}", in_language, **self.values)


class RunGivenUp(Refused):
    """The letters of ``run`` wait for the printer again: they were not posted from it."""

    code = "run_given_up"


class RunPosted(Refused):
    """``run`` was posted; its letters count as sent."""

    code = "run_posted"


class LetterNotPrinted(Refused):
    """The letter is in no print run: it waits for the printer, or was withdrawn."""

    code = "letter_not_printed"
