"""Why a verb of fingerprints refuses, each with a sentence in every language (``fingerprint.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``fingerprint.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"fingerprint.{self.code}", in_language, **self.values)


class WrongFile(Refused):
    code = "wrong_file"


class TooLarge(Refused):
    code = "too_large"


class TooSmall(Refused):
    code = "too_small"


class TooPoor(Refused):
    """Too few ridges could be read to know the finger again by."""

    code = "too_poor"


class NoConsent(Refused):
    code = "no_consent"


class EnoughFingers(Refused):
    """Two fingers are kept, and this is a third one."""

    code = "enough_fingers"


class NotEnrolled(Refused):
    code = "not_enrolled"
