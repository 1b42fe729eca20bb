"""What pages read of other offices' records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from jianzai.certification.models import Certification
from jianzai.certification.queries import current_obligation
from jianzai.clock import today
from jianzai.notices.wording import written_date
from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff
from jianzai.sentences import language, say

from .models import HINTS, Case, Sign, SignFile, Source


@dataclass(frozen=True, slots=True)
class Record:
    """One record that certified somebody: of which kind of office, and of which day."""

    kind: str
    on: date


def certified_by(person: Beneficiary) -> Certification | None:
    """The certification of the person's latest cycle, where other offices' records made it."""
    obligation = current_obligation(person)
    if obligation is None:
        return None
    return Certification.objects.filter(obligation=obligation, channel="matching").first()


def records(certification: Certification) -> list[Record]:
    """The records that ``certification`` rests on, the newest first."""
    return [Record(each["kind"], date.fromisoformat(each["on"])) for each in certification.evidence["signs"]]


def objection_to(certification: Certification) -> Case | None:
    """What the person objected to ``certification``."""
    return Case.objects.filter(kind=Case.Kind.OBJECTION, certification=certification).first()


def open_hint(person: Beneficiary) -> Case | None:
    """A record that makes it needful to see the person."""
    return person.match_cases.filter(state=Case.State.OPEN, kind__in=HINTS).first()


def under_way(person: Beneficiary) -> str | None:
    """For the person's own page. Whoever knows name and number reads it: it says nothing of the records."""
    if open_hint(person):
        return say("matching.under_way_hint")
    certification = certified_by(person)
    if certification is None:
        return None
    if objection := objection_to(certification):
        return say(f"matching.objection_{objection.state}")
    return say("matching.under_way_certified", day=written_date(certification.on, language()))


def records_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person; None where there is nothing to say."""
    cases = list(person.match_cases.order_by("-id")[:10])
    signs = list(person.signs.select_related("source")[:10])
    certification = certified_by(person)
    if not cases and not signs and not certification:
        return None
    objection = objection_to(certification) if certification else None
    told = {"cases": cases, "signs": signs, "today": today()}
    used = {each["sign"] for each in certification.evidence["signs"]} if certification else set()
    return told | {"certification": certification, "objection": objection, "used": used}


def cases_within(staff: Staff) -> QuerySet[Case]:
    """The cases of people in the area of ``staff``."""
    rows = within(staff, Case.objects.all(), field="person__area")
    rows = rows.select_related("person__area", "closed_by", "certification")
    return rows.prefetch_related("signs__source", "signs__person")


def open_cases(staff: Staff) -> QuerySet[Case]:
    """Those that wait for an answer: deaths first, then the oldest."""
    deaths = ExpressionWrapper(Q(kind=Case.Kind.DEAD), output_field=BooleanField())
    return cases_within(staff).filter(state=Case.State.OPEN).order_by(deaths.desc(), "opened_on", "id")


def closed_cases(staff: Staff) -> QuerySet[Case]:
    """Those that were answered, the latest first."""
    return cases_within(staff).exclude(state=Case.State.OPEN).order_by("-closed_on", "-id")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A record that a file brought, and the certification that rests on it."""

    sign: Sign
    certification: Certification | None


def records_in(staff: Staff, file: SignFile, *, exact: bool) -> list[FileRecord]:
    """What ``file`` brought of people in the area of ``staff``, the ``exact`` ones or the probable ones."""
    rows = within(staff, Sign.objects.filter(file=file, exact=exact), field="person__area")
    signs = list(rows.select_related("person__area", "case").order_by("person__personal_number", "id"))
    people = {sign.person_id for sign in signs}
    made = Certification.objects.filter(channel="matching", person__in=people)
    by_sign = {used["sign"]: each for each in made for used in each.evidence["signs"]}
    return [FileRecord(sign, by_sign.get(sign.pk)) for sign in signs]


def sources_within(staff: Staff) -> QuerySet[Source]:
    """The sources of the area of ``staff`` and below."""
    return within(staff, Source.objects.select_related("area"))


def files_within(staff: Staff) -> QuerySet[SignFile]:
    """Their files, without what is in them."""
    rows = within(staff, SignFile.objects.all(), field="source__area")
    return rows.select_related("source", "staff").defer("content", "table")
