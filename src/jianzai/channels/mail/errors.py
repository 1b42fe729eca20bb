"""Why a verb of forms by post refuses, each with a sentence in every language (``mail.toml``)."""

from __future__ import annotations

from jianzai.certification import errors
from jianzai.sentences import say


class Refused(errors.Refused):
    """Base: ``code`` names the sentence ``mail.<code>``, ``values`` fill it in."""

    def sentence(self, in_language: str | None = None) -> str:
        """What went wrong and what to do next, for whoever reads it."""
        return say(f"mail.{self.code}", in_language, **self.values)


class NoNumbersLeft(Refused):
    """A million forms were issued in one year."""

    code = "no_numbers_left"


class NothingToPost(Refused):
    code = "nothing_to_post"


class NoAddress(Refused):
    """The roster has no address to post a form to."""

    code = "no_address"


class WrongFile(Refused):
    """Not a PDF, TIFF, JPEG or PNG, or a broken one."""

    code = "wrong_file"


class FileTooLarge(Refused):
    code = "file_too_large"


class TooManyPages(Refused):
    code = "too_many_pages"


class TooManyPixels(Refused):
    """A picture that would be larger than any scanner's or telephone's."""

    code = "too_many_pixels"


class DayImpossible(Refused):
    """A day of arrival in the future, or longer ago than the post takes."""

    code = "day_impossible"


class SheetDecided(Refused):
    code = "sheet_decided"


class NotReadYet(Refused):
    """The worker has not read it so far."""

    code = "not_read_yet"


class PersonMissing(Refused):
    """Nobody was found whose paper it is."""

    code = "person_missing"


class FormOfAnother(Refused):
    """The form was issued to somebody else."""

    code = "form_of_another"


class FormUsed(Refused):
    """Another sheet of the same form was accepted before, or waits."""

    code = "form_used"


class FormUnnumbered(Refused):
    """Laid out like a form of ours, without a number that we gave out; the clerk said nothing about it."""

    code = "form_unnumbered"


class CertificateUsed(Refused):
    """The issuer's own number stands on a paper that was accepted before."""

    code = "certificate_used"


class OutOfCycle(Refused):
    """Attested before the cycle opened, or in another year than the form's."""

    code = "out_of_cycle"


class AttestedLate(Refused):
    """Attested after it arrived: one of the days is wrong."""

    code = "attested_late"


class AuthorityTooOld(Refused):
    code = "authority_too_old"


class AgentTooOften(Refused):
    """An agent came in each of the three years before; this year the person has to."""

    code = "agent_too_often"


class IssuerNotAllowed(Refused):
    """The list of issuers has nobody of this name for this form, and the clerk said nothing about it."""

    code = "issuer_not_allowed"


class FindingsUnanswered(Refused):
    """Something was found wrong, and the clerk did not say why it is accepted all the same."""

    code = "findings_unanswered"


class NotAccepted(Refused):
    """The policy takes no papers of this kind."""

    code = "not_accepted"


class PaperTooOld(Refused):
    """The newspaper is older than the policy allows."""

    code = "paper_too_old"


class ReasonMissing(Refused):
    code = "reason_missing"


class AttestedAfterDeath(Refused):
    """The paper says alive on a later day than ``day``, on which the person died by the record."""

    code = "attested_after_death"
