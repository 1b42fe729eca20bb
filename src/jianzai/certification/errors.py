"""Why a verb of this app refuses, each with a sentence in every language (``certification.toml``)."""

from __future__ import annotations

from jianzai.sentences import say


class Refused(Exception):
    """Base: ``code`` names the sentence, ``values`` fill it in."""

    code = "refused"

    def __init__(self, **values: object):
        self.values = values
        super().__init__(self.code)

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"certification.{self.code}", in_language, **self.values)


class NoCycle(Refused):
    code = "no_cycle"


class CycleTooEarly(Refused):
    code = "cycle_too_early"


class CycleTooLate(Refused):
    code = "cycle_too_late"


class NoReference(Refused):
    code = "no_reference"


class ReferencePending(NoReference):
    code = "reference_pending"


class SelfModellingOff(Refused):
    code = "self_modelling_off"


class ConsentMissing(Refused):
    code = "consent_missing"


class TooManyAttempts(Refused):
    """``until`` is an aware datetime; None: not at home any more this cycle, go to a clerk."""

    code = "too_many_attempts"

    def __init__(self, until=None):
        self.until = until
        super().__init__()


class SessionClosed(Refused):
    code = "session_closed"


class BadBatch(Refused):
    code = "bad_batch"


class OutOfSequence(BadBatch):
    """``expected`` is the number the server waits for."""

    code = "out_of_sequence"

    def __init__(self, expected: int):
        self.expected = expected
        super().__init__(expected=expected)


class PicturesGone(Refused):
    """What was kept for the review was deleted on its day, so there is nothing to decide by."""

    code = "pictures_gone"


class CaseChanged(Refused):
    code = "case_changed"


class CaseClosed(Refused):
    code = "case_closed"


class NeedsSupervisor(Refused):
    code = "needs_supervisor"


class FindingMissing(Refused):
    code = "finding_missing"


class NotEntitled(Refused):
    """The person's entitlement has ended."""

    code = "not_entitled"


class DiedBefore(NotEntitled):
    """By the record the person died ``died_on``, before the day of what a clerk looked at."""

    code = "died_before"


class UnusableVideo(Refused):
    code = "unusable_video"
