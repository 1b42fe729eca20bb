"""Why a verb of received things refuses, each with a sentence (``counter.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``counter.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"counter.{self.code}", in_language, **self.values)


class NotFilledIn(Refused):
    """A name, a number or the document that was seen is missing."""

    code = "not_filled_in"


class MetAfterDeath(Refused):
    """They were met on a later day than ``day``, on which the person died by the record."""

    code = "met_after_death"


class Settled(Refused):
    code = "settled_already"


class AnotherClerkNeeded(Refused):
    """Who received it does not decide about it."""

    code = "another_clerk_needed"


class PersonMissing(Refused):
    """It is not known yet whom it is about."""

    code = "person_missing"


class FindingMissing(Refused):
    code = "finding_missing"
