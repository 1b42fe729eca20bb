"""What a clerk decides about a sheet: it certifies, it has to be mended, or it says something else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.certification.models import Certification, Obligation
from jianzai.certification.queries import policy_of, standing_of
from jianzai.certification.services import certify, lock_standing, record_event, required_obligation
from jianzai.clock import today
from jianzai.entitlement import HoldKind, HoldOpened
from jianzai.notices.kinds import Kind as NoticeKind
from jianzai.notices.services import notify, take_back
from jianzai.registry.models import Staff
from jianzai.vault import vault

from ..errors import (
    AgentTooOften,
    AttestedAfterDeath,
    AttestedLate,
    AuthorityTooOld,
    CertificateUsed,
    FindingsUnanswered,
    FormUnnumbered,
    FormUsed,
    IssuerNotAllowed,
    NotAccepted,
    NotReadYet,
    OutOfCycle,
    PaperTooOld,
    PersonMissing,
    ReasonMissing,
)
from ..issuers import is_issuer
from ..layouts import PRINTED
from ..models import REPORTED, Form, Sheet
from ..payload import Kind
from ..strength import ENOUGH, strength
from .holding import end, locked

MEND_WITHIN = timedelta(days=30)
"""So long somebody has to send a better form; the pause waits for it, once in a cycle."""

AUTHORITY_LASTS = timedelta(days=30)
"""So old a notarised authority may be when an agent uses it."""

AGENT_YEARS = 3
"""So many years in a row an agent may come; the next year it is the person."""

REASONS = (
    "no_seal",
    "no_signature",
    "no_tick",
    "no_date",
    "no_photo",
    "not_readable",
    "wrong_year",
    "wrong_person",
    "wrong_body",
    "agent_papers",
    "incomplete",
    "other",
)
"""What may be wrong with a form or a letter; sentences ``mail.mend_<reason>`` say how to mend it."""

NEWSPAPER_REASONS = (
    "no_newspaper",
    "day_unreadable",
    "newspaper_old",
    "face_unclear",
    "other_face",
    "copied",
    "other",
)
"""What may be wrong with a photograph with a newspaper, likewise."""

_WITH_AUTHORITY = (Kind.ABROAD, Kind.ABROAD_2013)


@dataclass(frozen=True, slots=True)
class Attestation:
    """What the paper says, as the clerk reads it.

    attester: who attests; empty on a newspaper. attested_on: the day of it, or of the newspaper.
    authority_on: the day on which an agent's authority was notarised, where one came.
    certificate_number: the issuer's own. corrected: fields that were read wrongly, by name.
    note: why it is accepted although something was found.
    """

    attested_on: date
    attester: str = ""
    by_agent: bool = False
    authority_on: date | None = None
    certificate_number: str = ""
    corrected: Mapping[str, str] = field(default_factory=dict)
    failed: Collection[str] = ()
    note: str = ""


@transaction.atomic
def accept(sheet: Sheet, attestation: Attestation, staff: Staff, actor: Actor) -> Sheet:
    """The paper is right: certify whose it is as of its day, by it or together with what was accepted before.

    Told again, it is the same row. ``certification`` is empty where the policy asks for more than this paper.
    Of somebody who died since it proves what the estate is owed; attested on a later day than that of the
    death, it is refused until the death is withdrawn, since one of both is a mistake.
    Raises PersonMissing, NotReadYet, SheetDecided, and what is wrong with the attestation.
    """
    if known := Sheet.objects.filter(pk=sheet.pk, state=Sheet.State.ACCEPTED).first():
        return known
    if sheet.person and not sheet.person.died_on:
        required_obligation(sheet.person)  # made where the year turned meanwhile, before anything is locked
    sheet, duties = locked(sheet)
    if sheet.person is None or not duties:
        raise PersonMissing()
    if sheet.state != Sheet.State.READ:
        raise NotReadYet()
    kind, on = Kind(sheet.kind), attestation.attested_on
    if sheet.person.died_on and on > sheet.person.died_on:
        raise AttestedAfterDeath(day=sheet.person.died_on)
    duty = _duty(sheet, duties, on)
    counts = strength(policy_of(duty.cycle), kind)
    _check(sheet, attestation, counts, duty)
    sheet.attested_on, sheet.by_agent, sheet.says = on, attestation.by_agent, "alive"
    sheet.certificate = _certificate(kind, attestation.certificate_number)
    sheet.strength = counts
    _correct(sheet, attestation.corrected)
    end(sheet, Sheet.State.ACCEPTED, actor, obligations=duties, staff=staff, note=attestation.note)
    if sheet.form:
        Form.objects.filter(pk=sheet.form_id).update(used=True, to_post=False)
    take_back(sheet.person, (NoticeKind.FORM_REJECTED,))
    sheet.certification = _certify(sheet, duty, duties, attestation, staff, actor)
    return sheet


def reasons_for(kind: Kind) -> tuple[str, ...]:
    """What a paper of ``kind`` may be sent back for."""
    return NEWSPAPER_REASONS if kind == Kind.NEWSPAPER else REASONS


@transaction.atomic
def reject(
    sheet: Sheet,
    reasons: Collection[str],
    note: str,
    staff: Staff,
    actor: Actor,
    *,
    failed: Collection[str] = (),
) -> Sheet:
    """The paper certifies nobody: whose it is gets a letter that says what to mend, and by when.

    reasons: of ``reasons_for`` its kind, at least one; "other" takes a note. Until the day in the letter the
    pause is held, once in a cycle, so that nobody keeps it away by sending paper. Told again, it is the same
    row.
    Raises ReasonMissing, SheetDecided.
    """
    chosen = tuple(reason for reason in reasons_for(Kind(sheet.kind)) if reason in reasons)
    if not chosen or ("other" in chosen and not note.strip()):
        raise ReasonMissing()
    if known := Sheet.objects.filter(pk=sheet.pk, state=Sheet.State.REJECTED).first():
        return known
    sheet, duties = locked(sheet)
    alive = sheet.person is not None and sheet.person.died_on is None
    sheet.mend_by = today() + MEND_WITHIN if alive else None
    end(
        sheet,
        Sheet.State.REJECTED,
        actor,
        obligations=duties,
        staff=staff,
        note=note,
        reasons=chosen,
    )
    latest = duties[-1] if duties else None
    if (
        latest
        and not latest.person.died_on
        and not standing_of(Obligation.objects.get(pk=latest.pk)).certified_on
    ):
        _wait_for_another(latest, actor)
        notify(
            sheet.person,
            NoticeKind.FORM_REJECTED,
            latest,
            occasion=sheet.case,
            **_called(sheet),
            by=sheet.mend_by.isoformat(),
            mend_says=[f"mail.mend_{reason}" for reason in chosen if reason != "other"],
            note=note.strip(),
        )
    return sheet


def _called(sheet: Sheet) -> dict[str, str]:
    """How a letter calls the paper: by the number of the form, where it is one of ours."""
    if sheet.kind == Kind.NEWSPAPER:
        return {"variant": "newspaper"}
    return {"variant": "numbered", "number": sheet.form.number} if sheet.form else {}


@transaction.atomic
def report(sheet: Sheet, says: Sheet.State, note: str, staff: Staff, actor: Actor) -> Sheet:
    """The paper says that the person is DEAD, MISSING or IMPRISONED: it certifies nobody and holds no more.

    Nothing is paused by it: a death takes its document (``benefits.services.record_death``), and until
    ``seen_to`` somebody has to look into the rest. Told again, it is the same row. Raises PersonMissing,
    ReasonMissing, SheetDecided.
    """
    if says not in REPORTED:
        raise ValueError(f"{says!r} is nothing that a paper reports")
    if not note.strip():
        raise ReasonMissing()
    if known := Sheet.objects.filter(pk=sheet.pk, state=says).first():
        return known
    sheet, duties = locked(sheet)
    if sheet.person is None:
        raise PersonMissing()
    sheet.says = says
    if sheet.person.died_on:  # on record already: there is nothing left to look into
        sheet.seen_to_on = today()
    end(sheet, says, actor, obligations=duties, staff=staff, note=note)
    return sheet


@transaction.atomic
def seen_to(sheet: Sheet, note: str, staff: Staff, actor: Actor) -> Sheet:
    """Somebody looked into what a paper reported. Again, it changes nothing. Raises ReasonMissing."""
    if not note.strip():
        raise ReasonMissing()
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("person").get(pk=sheet.pk)
    if sheet.state in REPORTED and sheet.seen_to_on is None:
        sheet.seen_to_on = today()
        sheet.note = f"{sheet.note} / {note.strip()}"[:500]
        sheet.save(update_fields=["seen_to_on", "note"])
        record("mail.seen_to", actor, person=sheet.person, sheet=sheet.pk, officer=staff.pk)
    return sheet


def agent_years(sheet: Sheet, before: int) -> int:
    """For how many years in a row, up to the one before ``before``, an agent came for whose paper it is."""
    years = set(
        Sheet.objects.filter(person=sheet.person, state=Sheet.State.ACCEPTED, by_agent=True).values_list(
            "attested_on__year", flat=True
        )
    )
    count = 0
    while before - 1 - count in years:
        count += 1
    return count


def _duty(sheet: Sheet, duties: list[Obligation], on: date) -> Obligation:
    """The duty that a paper of a day is evidence for: that of its year, also where it arrived in the next."""
    if on > sheet.received_on:
        raise AttestedLate()
    if sheet.form and sheet.form.year != on.year:
        raise OutOfCycle()
    if duty := _duty_of(on, duties):
        return duty
    raise OutOfCycle()


def _duty_of(day: date, duties: list[Obligation]) -> Obligation | None:
    return next((duty for duty in reversed(duties) if standing_of(duty).opens <= day), None)


def _check(sheet: Sheet, attestation: Attestation, counts: int, duty: Obligation) -> None:
    kind, on = Kind(sheet.kind), attestation.attested_on
    if not counts:
        raise NotAccepted()
    if sheet.form is None and kind in PRINTED and not attestation.note.strip():
        raise FormUnnumbered()
    if sheet.form and Sheet.objects.filter(form=sheet.form, state=Sheet.State.ACCEPTED).exists():
        raise FormUsed(number=sheet.form.number)
    if kind == Kind.NEWSPAPER:
        days = policy_of(duty.cycle).newspaper_days
        if (sheet.received_on - on).days > days:
            raise PaperTooOld(days=days)
    elif not attestation.attester.strip() or (
        not is_issuer(kind, attestation.attester) and not attestation.note.strip()
    ):
        raise IssuerNotAllowed()
    if attestation.failed and not attestation.note.strip():
        raise FindingsUnanswered()
    if attestation.by_agent:
        _check_agent(sheet, attestation)
    if certificate_used(kind, attestation.certificate_number):
        raise CertificateUsed()


def _check_agent(sheet: Sheet, attestation: Attestation) -> None:
    if Kind(sheet.kind) in _WITH_AUTHORITY:
        since = attestation.authority_on
        if since is None or not timedelta() <= attestation.attested_on - since <= AUTHORITY_LASTS:
            raise AuthorityTooOld(days=AUTHORITY_LASTS.days)
    if agent_years(sheet, attestation.attested_on.year) >= AGENT_YEARS:
        raise AgentTooOften(years=AGENT_YEARS)


def certificate_used(kind: Kind, number: str) -> bool:
    """Whether a certificate with this number of its issuer was accepted before."""
    known = _certificate(kind, number)
    return known is not None and Sheet.objects.filter(certificate=known, state=Sheet.State.ACCEPTED).exists()


def _certificate(kind: Kind, number: str) -> bytes | None:
    """What a certificate's own number is known by when it comes again."""
    number = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", number)).casefold()
    return vault().lookup(f"certificate of life:{kind}:{number}") if number else None


def _correct(sheet: Sheet, corrected: Mapping[str, str]) -> None:
    """Keep what the clerk read otherwise, marked as theirs."""
    read = sheet.read
    for name, text in corrected.items():
        read.setdefault("fields", {})[name] = {"text": text, "confidence": 1.0, "corrected": True}
    sheet.keep_reading(read)


def _certify(
    sheet: Sheet,
    duty: Obligation,
    duties: list[Obligation],
    attestation: Attestation,
    staff: Staff,
    actor: Actor,
) -> Certification | None:
    """Certify by what was accepted for this duty, as of the oldest day of it, where it is enough."""
    papers = [sheet]
    if sheet.strength < ENOUGH:
        accepted = Sheet.objects.filter(person=sheet.person, state=Sheet.State.ACCEPTED)
        papers = [
            each
            for each in accepted.order_by("attested_on", "pk")
            if _duty_of(each.attested_on, duties) == duty
        ]
        papers = list({each.kind: each for each in papers}.values())  # the latest of each kind
    if sum(paper.strength for paper in papers) < ENOUGH:
        return None
    evidence = {
        "sheets": [paper.pk for paper in papers],
        "form": sheet.form.number if sheet.form else "",
        "paper": sheet.kind,
        "attester": attestation.attester.strip(),
        "attested_on": attestation.attested_on.isoformat(),
        "by_agent": attestation.by_agent,
        "corrected": sorted(attestation.corrected),
        "failed": sorted(attestation.failed),
        "note": attestation.note.strip(),
    }
    certification = certify(
        lock_standing(duty)[0],
        "mail",
        actor,
        evidence=evidence,
        officer=staff,
        in_person=any(paper.kind != Kind.NEWSPAPER for paper in papers),
        on=min(paper.attested_on for paper in papers),
        for_estate=True,
    )
    Sheet.objects.filter(pk__in=[paper.pk for paper in papers]).update(certification=certification)
    return certification


def _wait_for_another(obligation: Obligation, actor: Actor) -> None:
    """Hold the pause until a better form can be here; once in a cycle."""
    case = f"mend:{obligation.pk}"
    if any(hold.case == case for hold in standing_of(Obligation.objects.get(pk=obligation.pk)).holds):
        return
    held = HoldOpened(on=today(), until=today() + MEND_WITHIN, kind=HoldKind.FORM, case=case)
    record_event(obligation, held, actor)
