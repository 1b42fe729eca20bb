"""Why a verb of this app refuses, each with a sentence in every language (``benefits.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``benefits.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"benefits.{self.code}", in_language, **self.values)


class NotAllowed(Refused):
    """The member of staff has not this right in this area."""

    code = "not_allowed"


class NobodyToPause(Refused):
    code = "nobody_to_pause"


class FutureDate(Refused):
    """Only the demo may sweep as of a day that has not come."""

    code = "future_date"


class SecondPersonNeeded(Refused):
    """Whoever proposed a batch does not release it."""

    code = "second_person_needed"


class ReleaseByTwoNeeded(Refused):
    """The policy lets no batch be released by the calendar alone."""

    code = "release_by_two_needed"


class SweepClosed(Refused):
    """The batch is not in the state this act needs; ``state`` is the one it is in."""

    code = "sweep_closed"


class OrderNotRejected(Refused):
    code = "order_not_rejected"


class OrderOvertaken(Refused):
    """What the order asked for is no longer wanted: the pause ended meanwhile."""

    code = "order_overtaken"


class BadCorrection(Refused):
    """``field`` cannot be changed, or not to this value."""

    code = "bad_correction"


class MonthClosed(Refused):
    """``month`` is before ``earliest``, the first payroll that is still open."""

    code = "month_closed"


class DocumentMissing(Refused):
    code = "document_missing"


class ReasonMissing(Refused):
    code = "reason_missing"


class ImpossibleDeathDate(Refused):
    code = "impossible_death_date"


class ImpossibleDocumentDate(Refused):
    """The document is of ``document_on``: before the death it proves, on ``died_on``, or after today."""

    code = "impossible_document_date"


class DespiteCertification(Refused):
    """They certified ``on`` a day after this date of death: whoever may record it all the same says so."""

    code = "despite_certification"


class CertifiedSince(Refused):
    """Certified on ``on``, after the day of the death: one of both is wrong, and a supervisor decides."""

    code = "certified_since"


class OtherDeathDate(Refused):
    """A death on another day is on record: ``died_on``."""

    code = "other_death_date"


class DeathWithdrawn(Refused):
    code = "death_withdrawn"
