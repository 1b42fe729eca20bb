"""What is right and wrong with a sheet, as it is known now: whose it is, and what a clerk corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jianzai.certification.queries import standing_of
from jianzai.registry.models import Beneficiary
from jianzai.registry.services import identity_number

from .issuers import issuers
from .layouts import PRINTED
from .models import Sheet
from .payload import Kind, person_token
from .reader import reading_of
from .reading import Expected, Finding, Rules, check_sheet
from .services import AGENT_YEARS, AUTHORITY_LASTS, agent_years, certificate_used

_CORRECTED = 1.0  # confidence of what a clerk typed
_REASONS = {
    "no_seal": {"seal"},
    "no_signature": {"signature"},
    "no_tick": {"one_box"},
    "no_date": {"signed_on", "appeared_on", "attested_on"},
    "no_photo": {"photo"},
    "wrong_year": {"year"},
    "wrong_person": {"code", "form", "name", "identity", "personal_number"},
    "wrong_body": {"attester"},
    "agent_papers": {"authority", "agent_years"},
    "incomplete": {"certificate_number"},
}


def findings(sheet: Sheet, corrected: Mapping[str, str]) -> list[Finding]:
    """What every rule says of ``sheet`` with ``corrected`` fields, by name.

    Nothing before it is read, for a paper that is no form of ours, and while nobody knows whose it is.
    """
    if not sheet.reading or sheet.person is None or sheet.kind not in PRINTED:
        return []
    read = sheet.read
    for name, text in corrected.items():
        field = read["fields"].get(name)
        if field:
            field |= {"text": text, "confidence": _CORRECTED}
    return check_sheet(reading_of(read), _expected(sheet, sheet.person, read), _rules(sheet))


def found_wrong(found: Iterable[Finding]) -> list[str]:
    """What a paper of which this was found would be sent back for, of ``services.reasons_for`` forms."""
    broken = {finding.rule for finding in found if finding.ok is False}
    return [reason for reason, rules in _REASONS.items() if broken & rules]


def _stands(name: str, read: dict) -> bool:
    return bool(read["fields"].get(name, {}).get("text"))


def _expected(sheet: Sheet, person: Beneficiary, read: dict) -> Expected:
    kind = Kind(sheet.kind)
    number = read["fields"].get("certificate_number", {}).get("text", "")
    year = sheet.form.year if sheet.form else sheet.received_on.year
    return Expected(
        name=person.name,
        identity=identity_number(person),
        token=person_token(person.key),
        form_number=sheet.form.number if sheet.form else None,
        # A form from the site leaves it to be written by hand, and few know theirs.
        personal_number=person.personal_number if _stands("personal_number", read) else None,
        attesters=issuers(kind),
        used_numbers=frozenset({number} if certificate_used(kind, number) else ()),
        agent_years=agent_years(sheet, year),
    )


def _rules(sheet: Sheet) -> Rules:
    obligation = sheet.obligation
    if obligation and sheet.form and sheet.form.year < obligation.cycle.year:  # it arrived after New Year
        earlier = sheet.person.obligations.filter(cycle__year=sheet.form.year).select_related("cycle").first()
        obligation = earlier if earlier and not standing_of(earlier).certified_on else obligation
    year = obligation.cycle.year if obligation else sheet.received_on.year
    opens = standing_of(obligation).opens if obligation else sheet.received_on.replace(month=1, day=1)
    return Rules(
        year=year,
        opens=opens,
        today=sheet.received_on,
        authority_days=AUTHORITY_LASTS.days,
        agent_years=AGENT_YEARS,
    )
