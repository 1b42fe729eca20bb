"""What pages read of employers' lists and samples."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from jianzai.certification.models import Obligation
from jianzai.certification.queries import current_cycle
from jianzai.entitlement import Status
from jianzai.notices.wording import written_date
from jianzai.registry.access import own_retirees, within
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.names import comparable, normalised, pinyin
from jianzai.registry.people import identity_number
from jianzai.registry.queries import search
from jianzai.registry.tables import read_table
from jianzai.sentences import language, say

from .cards.fields import FIELDS, ReadField, day_in, written
from .cards.rules import Check
from .errors import ColumnMissing, TooManyOnAList
from .models import CardReading, Mandate, Sample, SeenList, SeenPerson
from .services.lists import MOST_ON_A_LIST
from .services.samples import answer_to

_NUMBER, _NAME = {"personal_number", "个人编号", "个人社保编号", "社保编号"}, {"name", "姓名"}
_CANDIDATES = 12


def lists_of(staff: Staff) -> QuerySet[SeenList]:
    """The lists of the employer of ``staff``, within their area."""
    rows = within(staff, SeenList.objects.filter(employer=staff.employer)) if staff.employer else None
    return (
        SeenList.objects.none()
        if rows is None
        else rows.select_related("first__user", "second__user", "area")
    )


def lists_with_counts(staff: Staff) -> QuerySet[SeenList]:
    """The same, each with how many people are on it and how many of them still have to be seen again."""
    return lists_of(staff).annotate(
        count=Count("people", distinct=True),
        sampled=Count("people", filter=Q(people__sample__state__in=["asked", "unanswered"]), distinct=True),
    )


def to_list(staff: Staff) -> QuerySet[Beneficiary]:
    """Who retired from the employer of ``staff`` and can be listed: alive, not certified, on no list."""
    certified = Obligation.objects.filter(
        person=OuterRef("pk"), cycle=current_cycle(), status__in=[Status.CERTIFIED, Status.RESUMED]
    )
    waiting = SeenPerson.objects.filter(person=OuterRef("pk"), waiting=True)
    people = own_retirees(staff).filter(~Exists(certified), ~Exists(waiting), died_on=None)
    return people.order_by("pinyin", "personal_number")


def offered(staff: Staff, ticked: Collection[UUID], text: str) -> list[Beneficiary]:
    """Who of ``to_list`` is shown: who is ticked already, and then whom ``text`` finds by name or number,
    without a text everybody; of these at most MOST_ON_A_LIST."""
    everybody = to_list(staff)
    chosen = list(everybody.filter(key__in=ticked))
    others = everybody.filter(pk__in=search(staff, text).values("pk")) if text else everybody
    return [*chosen, *others.exclude(pk__in=[person.pk for person in chosen])[:MOST_ON_A_LIST]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table that ticks nobody: its number, what stands there, and why, ``station.line_<why>``."""

    row: int
    text: str
    why: str


def people_in(staff: Staff, name: str, content: bytes) -> tuple[list[Beneficiary], list[Line]]:
    """Whom a table with personal numbers (and names, where it has them) lists and who can be listed, and
    every other line of it.

    Raises registry's Refused for a file that cannot be read, ColumnMissing, TooManyOnAList.
    """
    typed = _typed(name, content)
    numbers = [number for number, _ in typed.values()]
    own = {each.personal_number: each for each in own_retirees(staff).filter(personal_number__in=numbers)}
    listable = {person.pk: person for person in to_list(staff).filter(personal_number__in=numbers)}
    waiting = set(
        SeenPerson.objects.filter(person__in=own.values(), waiting=True).values_list("person", flat=True)
    )
    named, others = set(), []
    for row, (number, called) in typed.items():
        person = own.get(number)
        if person is None:
            why = "unknown"
        elif called and comparable(called) != comparable(person.name):
            why = "other_name"
        elif person.pk in listable:
            named.add(person.pk)
            continue
        elif person.died_on:
            why = "died"
        else:
            why = "waiting" if person.pk in waiting else "certified"
        others.append(Line(row, f"{number} {called}".strip(), why))
    return [person for pk, person in listable.items() if pk in named], others


def _typed(name: str, content: bytes) -> dict[int, tuple[str, str]]:
    """Personal number and name on every line of a table, by its row."""
    rows = read_table(name, content)
    header = [cell.strip().lower() for cell in next(rows, (0, []))[1]]
    number_at = next((place for place, cell in enumerate(header) if cell in _NUMBER), None)
    name_at = next((place for place, cell in enumerate(header) if cell in _NAME), None)
    if number_at is None:
        raise ColumnMissing()
    typed = {}
    for row, cells in rows:
        cells += [""] * (len(header) - len(cells))
        typed[row] = cells[number_at], "" if name_at is None else cells[name_at]
        if len(typed) > MOST_ON_A_LIST:
            raise TooManyOnAList(most=MOST_ON_A_LIST)
    return typed


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on a list as its page shows them, with the sample if they were drawn and who still owes it."""

    person: Beneficiary
    certified: bool
    other_way: bool
    struck: bool
    sample: Sample | None
    owed: bool


def entries_of(seen_list: SeenList) -> list[Entry]:
    """Who is on ``seen_list``, what it brought them and who of them is sampled."""
    rows = seen_list.people.select_related("person", "certification", "sample").order_by(
        "person__pinyin", "id"
    )
    return [
        Entry(
            row.person,
            row.certification is not None,
            row.certification is not None and row.certification.evidence.get("list") != seen_list.pk,
            row.struck,
            sample := getattr(row, "sample", None),
            sample is not None and is_owed(sample),
        )
        for row in rows
    ]


def is_owed(sample: Sample) -> bool:
    """Whether the person has still to be seen; a face of this moment counts before the worker noted it."""
    waits = sample.state in (Sample.State.ASKED, Sample.State.UNANSWERED)
    return waits and answer_to(sample) is None


def asked_of(person: Beneficiary) -> str | None:
    """For the person's own page: by when they are asked to show their face or come, after they were drawn."""
    sample = person.samples.filter(state=Sample.State.ASKED).first()
    if sample is None or not is_owed(sample):
        return None
    return say("station.sample_asks", day=written_date(sample.answer_by, language()))


def panel_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person: the lists they stand on and whether they were drawn."""
    seen = list(
        person.seen_by_employer.select_related("seen_list", "sample", "certification").order_by("-id")[:10]
    )
    owed = [one.sample for one in seen if hasattr(one, "sample") and is_owed(one.sample)]
    return {"seen": seen, "owed": owed} if seen else None


def mandates_of(person: Beneficiary) -> QuerySet[Mandate]:
    """Who acts or acted for ``person``, the latest first."""
    return Mandate.objects.filter(person=person).select_related("before")


def helpers_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person: who acts for them, and whether somebody may be named."""
    mandates = list(mandates_of(person)[:10])
    if person.died_on and not mandates:
        return None
    return {"mandates": mandates, "may_name": person.died_on is None}


def who_helps(person: Beneficiary) -> str | None:
    """For the person's own page: who acts for them, no more of the name than they recognise."""
    acting = [mandate.masked_name for mandate in mandates_of(person).filter(ended_on=None)]
    return say("station.help_acting", names=say("station.and").join(acting)) if acting else None


def cards_within(staff: Staff) -> QuerySet[CardReading]:
    """Cards of people in the area of ``staff``, and those of nobody yet that they read themselves."""
    readings = CardReading.objects.select_related("person__area", "staff", "decided_by")
    return within(staff, readings, field="person__area") | readings.filter(person=None, staff=staff)


def who_it_may_be(staff: Staff, reading: CardReading) -> list[Beneficiary]:
    """Who in the area of ``staff`` was born on the card's day, or is called or sounds as it says."""
    read = {field: value.text for field, value in reading.read.items()}
    name, born = comparable(read.get("name", "")), day_in(read.get("birth_date", ""))
    likely = Q(pk__in=[])
    if name:
        likely |= Q(name=normalised(name)) | Q(pinyin=pinyin(name))
    if born:
        likely |= Q(birth_date=born, name__startswith=name[:1])
    found = within(staff, Beneficiary.objects.select_related("area")).filter(likely, died_on=None)
    return list(found.order_by("personal_number")[:_CANDIDATES])


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One field of a card as the clerk sees it: what was read, what the register has, what the checks say."""

    field: str
    read: ReadField | None
    register: str
    checks: list[Check]

    @property
    def text(self) -> str:
        """What was read, as the card writes it."""
        return written(self.field, self.read.text) if self.read else ""


def sheet_of(reading: CardReading, checks: list[Check]) -> list[SheetRow]:
    """Every field of an open reading with a person; of the register's number the last four characters."""
    person, read = reading.person, reading.read
    known = {
        "name": person.name,
        "sex": written("sex", person.sex),
        "birth_date": person.birth_date.isoformat(),
        "number": f"…{identity_number(person)[-4:]}",
    }
    return [
        SheetRow(field, read.get(field), known.get(field, ""), [one for one in checks if one.field == field])
        for field in FIELDS
    ]


def cards_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person: the cards that were read, and how they were decided."""
    cards = list(person.cards.select_related("decided_by")[:5])
    if person.died_on and not cards:
        return None
    return {"cards": cards, "may_read": person.died_on is None}
