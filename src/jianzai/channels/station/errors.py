"""Why a verb of stations and former employers refuses, each with a sentence (``station.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``station.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"station.{self.code}", in_language, **self.values)


class NobodyToList(Refused):
    """Whoever was chosen is certified already, stands on another list, or died."""

    code = "nobody_to_list"


class TooManyOnAList(Refused):
    code = "too_many_on_a_list"


class NotYourRetirees(Refused):
    """Somebody chosen did not retire from this employer, or lives elsewhere."""

    code = "not_your_retirees"


class NobodyInFile(Refused):
    """No line of a file is somebody who can be listed."""

    code = "nobody_in_file"


class EverybodyStruckOut(Refused):
    """The second signer struck out everybody: that is taking the list back."""

    code = "everybody_struck_out"


class ColumnMissing(Refused):
    code = "column_missing"


class ListEnded(Refused):
    code = "list_ended"


class SecondSignerNeeded(Refused):
    """The same person cannot sign twice."""

    code = "second_signer_needed"


class FirstSignerGone(Refused):
    """The account that sent the list was disabled meanwhile."""

    code = "first_signer_gone"


class SampleEnded(Refused):
    code = "sample_ended"


class HelperIsThePerson(Refused):
    """Nobody needs to be asked to act for themselves."""

    code = "helper_is_the_person"


class HelperHasEnough(Refused):
    """The helper acts for as many people as the policy lets anybody."""

    code = "helper_has_enough"


class PhotographUnreadable(Refused):
    """A photograph is no JPEG, or shows not the side of a card that it should."""

    code = "photograph_unreadable"


class HandOverUnreadable(Refused):
    """What the reader's service handed over is not what ``docs/operations.md`` describes."""

    code = "handover_unreadable"


class CardUnreadable(Refused):
    """No picture, or one on which no card can be read."""

    code = "card_unreadable"


class CardOver(Refused):
    """The reading was decided, or its day is over."""

    code = "card_over"


class CardChanged(Refused):
    """What was read was corrected meanwhile: the questions are others."""

    code = "card_changed"
