"""Why a verb of home visits refuses, each with a sentence in every language (``visit.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``visit.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"visit.{self.code}", in_language, **self.values)


class AlreadyCertified(Refused):
    code = "already_certified"


class TooManyRequests(Refused):
    """Several visits were asked for on the site in this cycle and none came about: a clerk takes the next."""

    code = "too_many_requests"


class VisitEnded(Refused):
    code = "visit_ended"


class NotServed(Refused):
    """The team does not go where the person lives, or goes out no more."""

    code = "not_served"


class SlotFull(Refused):
    code = "slot_full"


class SlotPast(Refused):
    code = "slot_past"


class NoAppointment(Refused):
    code = "no_appointment"


class AppointmentOver(NoAppointment):
    """What is told is of an appointment that stands no more: it was moved, or its outcome is told."""

    code = "appointment_over"


class NotYet(Refused):
    """The day of the appointment has not come."""

    code = "not_yet"


class TwoOfficersNeeded(Refused):
    """Two different officers, both of the area, make a visit."""

    code = "two_officers_needed"


class AwaitsSignature(Refused):
    """The person was met; the second officer has not signed it."""

    code = "awaits_signature"


class NotNamed(Refused):
    """Another officer was named as the second, or nobody waits for their signature."""

    code = "not_named"


class ToldAnew(Refused):
    """What is signed is not what was read: the first officer entered it anew meanwhile."""

    code = "told_anew"


class PhotographNeedsConsent(Refused):
    code = "photograph_needs_consent"


class UnusablePhotograph(Refused):
    code = "unusable_photograph"


class ReasonMissing(Refused):
    code = "reason_missing"


class NotFilledIn(Refused):
    """An outcome told without a network lacks something, or names an officer who may not."""

    code = "not_filled_in"


class NameTaken(Refused):
    """Another team of the area is called so."""

    code = "name_taken"
