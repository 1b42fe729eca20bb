"""Why a device is refused, each with a sentence (``offline.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``offline.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"offline.{self.code}", in_language, **self.values)


class KeyOver(Refused):
    """The key was destroyed: what it sealed can no longer be read, here or on the device."""

    code = "key_over"


class NotYourKey(Refused):
    """Another clerk's key, or nobody's."""

    code = "not_your_key"


class NotThisKey(Refused):
    """Not sealed with the key it names, for the number and form it names, or not what a device writes."""

    code = "not_this_key"


class NumberTaken(Refused):
    """Another item came in under this receipt number."""

    code = "number_taken"
