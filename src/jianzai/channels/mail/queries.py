"""What pages read of forms by post: what waits, what a person has, what was found about a sheet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from jianzai.certification.queries import current_cycle, current_obligation, standing_of
from jianzai.clock import today
from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.names import normalised
from jianzai.registry.people import identity_lookup
from jianzai.sentences import say

from .layouts import PRINTED
from .models import REPORTED, WAITING, Form, Posting, Sheet
from .reading import same_name
from .services import sheet_status

_MOST_PROPOSED = 5  # people of one name


def sheets_within(staff: Staff) -> QuerySet[Sheet]:
    """The papers that belong to the area of ``staff``: of its people, and what it took in of nobody known."""
    theirs = within(staff, Sheet.objects.all(), field="person__area")
    rows = theirs | within(staff, Sheet.objects.filter(person=None))
    return rows.select_related("person__area", "form", "area", "received_by", "decided_by", "certification")


def to_decide(staff: Staff) -> QuerySet[Sheet]:
    """What waits to be decided, the oldest first."""
    return sheets_within(staff).filter(state__in=WAITING).order_by("received_on", "pk")


def to_see_to(staff: Staff) -> QuerySet[Sheet]:
    """Papers that say that somebody is dead, missing or in prison, and nobody looked into so far."""
    return sheets_within(staff).filter(state__in=REPORTED, seen_to_on=None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody whose paper it may be: whether the identity number read on it is theirs, and whether the name
    is; None where that was not read, or where the name is another that sounds the same."""

    person: Beneficiary
    number: bool | None
    name: bool | None


def proposals(sheet: Sheet, staff: Staff) -> list[Proposal]:
    """Of nobody's ``sheet``: who in the area of ``staff`` has the name or the number that was read on it.

    The likeliest first. A name is whole and written alike, or nobody is proposed by it.
    """
    fields = sheet.read.get("fields", {})
    name, number = (fields.get(field, {}).get("text", "") for field in ("name", "identity"))
    people = within(staff, Beneficiary.objects.select_related("area"))
    by_number = list(people.filter(identity_lookup=identity_lookup(number))) if number else []
    by_name = people.filter(name=normalised(name)).order_by("personal_number") if name else []
    found = {person.pk: person for person in [*by_number, *by_name[:_MOST_PROPOSED]]}.values()
    return [
        Proposal(
            person,
            number=person in by_number if number else None,
            name=same_name(person.name, name) if name else None,
        )
        for person in found
    ]


def next_sheet(staff: Staff, after: Sheet) -> Sheet | None:
    """The next one to decide that was read, in the order of the queue and round again."""
    waiting = to_decide(staff).filter(state=Sheet.State.READ).exclude(pk=after.pk)
    later = waiting.filter(received_on__gte=after.received_on, pk__gt=after.pk).first()
    return later or waiting.first()


def forms_to_post(staff: Staff) -> QuerySet[Form]:
    """Forms that wait to be printed and posted to people in the area of ``staff``."""
    rows = Form.objects.filter(to_post=True, person__died_on=None).select_related("person__area")
    return within(staff, rows, field="person__area").order_by("person__area", "person__personal_number")


def postings(staff: Staff) -> QuerySet[Posting]:
    """The latest forms printed together in the area of ``staff``."""
    return within(staff, Posting.objects.select_related("area", "made_by")).order_by("-pk")


def under_way(person: Beneficiary) -> str | None:
    """For the person's own page: a form has arrived, or has to be sent again."""
    last = person.sheets.order_by("-pk").first()
    if last is None:
        return None
    obligation = current_obligation(person)
    if last.waiting:
        return say("mail.under_way")
    waits = obligation and not standing_of(obligation).certified_on
    if last.state == Sheet.State.REJECTED and waits and last.mend_by and last.mend_by >= today():
        return say("mail.under_way_again", day=last.mend_by.isoformat())
    return None


def papers_of(person: Beneficiary) -> dict | None:
    """For the clerk's page of the person; None where there is nothing to say or to do."""
    sheets = list(person.sheets.select_related("form").order_by("-pk")[:10])
    forms = list(person.forms.order_by("-pk")[:5])
    if not sheets and not forms and (person.died_on or current_cycle() is None):
        return None
    rows = [(sheet, sheet_status(sheet)) for sheet in sheets]
    return {"sheets": rows, "forms": forms, "kinds": PRINTED, "alive": person.died_on is None}
