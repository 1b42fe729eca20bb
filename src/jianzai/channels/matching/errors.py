"""Why a verb of matching refuses, each with a sentence in every language (``matching.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``matching.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"matching.{self.code}", in_language, **self.values)


class CodeTaken(Refused):
    """Another source is called so, perhaps one of another area."""

    code = "code_taken"


class GroundMissing(Refused):
    """Records are taken for a purpose and on a legal ground, or not at all."""

    code = "ground_missing"


class SourceResting(Refused):
    """Nothing is taken from the source any more."""

    code = "source_resting"


class CaseClosed(Refused):
    code = "case_closed"


class FindingMissing(Refused):
    code = "finding_missing"


class NotThatCase(Refused):
    """The case asks something else."""

    code = "not_that_case"


class NothingToObject(Refused):
    """The person was not certified by other offices' records."""

    code = "nothing_to_object"
