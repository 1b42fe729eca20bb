"""Issuing forms: a number, to whom, and what stands on the paper."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse

from jianzai.audit.services import Actor, record
from jianzai.certification.errors import NoCycle, NotEntitled
from jianzai.certification.models import Obligation
from jianzai.certification.queries import current_cycle
from jianzai.clock import today
from jianzai.entitlement import Status
from jianzai.notices.transports.letter import nearest, stations
from jianzai.notices.wording import written_date
from jianzai.registry.models import Area, Beneficiary, ServicePoint, Staff
from jianzai.registry.services import identity_number
from jianzai.sentences import LANGUAGES, say

from ..errors import NoAddress, NoNumbersLeft, NothingToPost
from ..layouts import PRINTED
from ..models import Form, Numbering, Posting, Sheet
from ..payload import LAST_NUMBER, NOBODY, Kind, Payload, form_number, person_token
from ..printing import AddressPage, PaperForm, pdf

MOST_EMPTY = 50
"""Empty prints made at once."""

FORMS_A_POSTING = 300
"""Forms printed together at most: their file is made in seconds, within the request that asks for it."""

_POSTCODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@transaction.atomic
def issue(person: Beneficiary, kind: Kind, actor: Actor, staff: Staff | None = None) -> Form:
    """A form for ``person``; until it came back accepted it is the same one of its kind and year.

    Raises NoCycle, NotEntitled, NoNumbersLeft.
    """
    if person.died_on:
        raise NotEntitled()
    year = _year()
    # Locked, so that two requests at once give out one form.
    Numbering.objects.get_or_create(year=year)
    Numbering.objects.select_for_update().get(year=year)
    if known := Form.objects.filter(person=person, kind=kind, year=year, used=False).first():
        return known
    form = _numbered(kind, year, staff, person)
    record("mail.issued", actor, person=person, form=form.number, kind=str(kind))
    return form


@transaction.atomic
def issue_empty(kind: Kind, count: int, staff: Staff, actor: Actor) -> list[Form]:
    """``count`` (1 to MOST_EMPTY) empty prints, each with its number. Raises NoCycle, NoNumbersLeft."""
    if not 1 <= count <= MOST_EMPTY:
        raise ValueError(f"{count} empty prints")
    year = _year()
    Numbering.objects.get_or_create(year=year)
    forms = [_numbered(kind, year, staff) for _ in range(count)]
    record("mail.issued_empty", actor, area=staff.area_id, kind=str(kind), count=count)
    return forms


@transaction.atomic
def ask_to_post(person: Beneficiary, kind: Kind, staff: Staff, actor: Actor) -> Form:
    """Put a form for ``person`` among those that the office posts next. Again, it is the same one.

    Raises NoAddress where the roster has none, and what ``issue`` raises.
    """
    if not person.address.strip():
        raise NoAddress()
    form = issue(person, kind, actor, staff)
    if not form.to_post:
        form.to_post, form.posting = True, None
        form.save(update_fields=["to_post", "posting"])
    return form


@transaction.atomic
def ask_again(area: Area, staff: Staff, actor: Actor) -> int:
    """Put a form among those to be posted for everybody within ``area`` whose last certification was by one,
    of the same kind, and who is due now; at most FORMS_A_POSTING at once. How many are new.

    Raises NoCycle, NoNumbersLeft.
    """
    year = _year()
    due = Obligation.objects.filter(
        cycle__year=year,
        status__in=(Status.DUE, Status.PAUSED),
        person__area__code__startswith=area.prefix,
        person__died_on=None,
        person__sheets__state=Sheet.State.ACCEPTED,
        person__sheets__kind__in=PRINTED,
        person__sheets__attested_on__year=year - 1,
    ).exclude(person__address="")
    asked = Form.objects.filter(person=OuterRef("person"), year=year)
    due = due.exclude(Exists(asked)).exclude(Exists(Sheet.objects.filter(obligation=OuterRef("pk"))))
    people = list(due.select_related("person__area").order_by("person").distinct()[:FORMS_A_POSTING])
    for obligation in people:
        last = obligation.person.sheets.filter(state=Sheet.State.ACCEPTED, kind__in=PRINTED).last()
        ask_to_post(obligation.person, Kind(last.kind), staff, actor)
    return len(people)


@transaction.atomic
def post(area: Area, staff: Staff, actor: Actor) -> Posting:
    """Take the forms that wait to be posted within ``area``, at most FORMS_A_POSTING, to be printed together.

    Raises NothingToPost.
    """
    waiting = (
        Form.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(to_post=True, person__died_on=None, person__area__code__startswith=area.prefix)
        .order_by("person__area", "person__personal_number", "pk")
    )
    taken = [form.pk for form in waiting[:FORMS_A_POSTING]]
    if not taken:
        raise NothingToPost()
    posting = Posting.objects.create(area=area, made_on=today(), made_by=staff)
    Form.objects.filter(pk__in=taken).update(to_post=False, posting=posting)
    record("mail.posted", actor, area=area.code, posting=posting.pk, forms=len(taken))
    return posting


def posting_file(posting: Posting) -> bytes:
    """The forms of ``posting`` as one PDF, each behind its address, in the order of the post's round."""
    forms = posting.forms.select_related("person__area").order_by(
        "person__area", "person__personal_number", "pk"
    )
    points = stations()
    return pdf([_paper(form, {}, whole=True, points=points, by_post=True) for form in forms])


def form_file(form: Form, typed: Mapping[str, str], *, whole: bool, for_helper: bool = False) -> bytes:
    """``form`` as PDF. ``whole``: filled from the roster, else with name, identity number (both of which
    whoever signed in typed) and what is ``typed``, by the names of fields. A helper signed in with a number
    of their own: theirs comes ``for_helper`` without the person's, which would open what is the person's."""
    return pdf([_paper(form, typed, whole=whole, numbered=not for_helper, points=stations())])


def empty_file(forms: Sequence[Form], area: Area) -> bytes:
    """Empty prints as one PDF, to be sent back to the station that stands first in ``area``."""
    here = [point for point in stations() if point.area.code.startswith(area.prefix)]
    values = _back(here[0] if here else None, area)
    return pdf([PaperForm(_payload(form), values) for form in forms])


def typed_only(values: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Of ``values`` those that are filled in, of the fields ``names``."""
    return {name: values[name].strip() for name in names if values.get(name, "").strip()}


def _year() -> int:
    cycle = current_cycle()
    if cycle is None:
        raise NoCycle()
    return cycle.year


def _numbered(kind: Kind, year: int, staff: Staff | None, person: Beneficiary | None = None) -> Form:
    if not Numbering.objects.filter(year=year, last__lt=LAST_NUMBER).update(last=F("last") + 1):
        raise NoNumbersLeft()
    number = form_number(year, Numbering.objects.get(year=year).last)
    return Form.objects.create(
        number=number, kind=kind, year=year, person=person, issued_on=today(), issued_by=staff
    )


def _payload(form: Form) -> Payload:
    person = person_token(form.person.key) if form.person else NOBODY
    return Payload(form.number, Kind(form.kind), form.year, person)


def _paper(
    form: Form,
    typed: Mapping[str, str],
    *,
    whole: bool,
    points: Sequence[ServicePoint],
    numbered: bool = True,
    by_post: bool = False,
) -> PaperForm:
    person = form.person
    point = nearest(person, points)
    values = {"name": person.name, **_back(point, person.area)}
    if numbered:
        values["identity"] = identity_number(person)
    if whole:
        values |= _whole(person)
    return PaperForm(_payload(form), {**values, **typed}, _letter(form, point) if by_post else None)


def _whole(person: Beneficiary) -> dict[str, str]:
    """What the roster knows, under the names of the fields; the sheet is filled in in Chinese."""
    values = {
        "sex": say(f"mail.sex_{person.sex}", "zh"),
        "born": _month(person.birth_date),
        "birth_date": written_date(person.birth_date, "zh"),
        "personal_number": person.personal_number,
        "employer": person.employer,
        "retired_on": _month(person.retired_on) if person.retired_on else "",
        "phone": person.phone,
        "address": person.address,
    }
    return {name: value for name, value in values.items() if value}


def _month(day: date) -> str:
    return say("mail.month", "zh", year=day.year, month=day.month)


def _back(point: ServicePoint | None, area: Area) -> dict[str, str]:
    """Who pays, and where the form is sent."""
    return {
        "paying_agency": say("mail.paying_agency", "zh", area=area.name),
        "return_address": f"{point.name}　{point.address}　{point.phone}" if point else "",
    }


def _letter(form: Form, point: ServicePoint | None) -> AddressPage:
    person = form.person
    told = {
        "name": person.name,
        "year": form.year,
        "number": form.number,
        "url": settings.BASE_URL + reverse("mail:start"),
    }
    parts = [
        {
            "language": language,
            "title": say("mail.post_title", language),
            "paragraphs": [
                say(f"mail.{code}", language, **told)
                for code in ("post_salutation", "post_text", "post_status")
                if settings.BASE_URL or code != "post_status"
            ],
        }
        for language in LANGUAGES
    ]
    sender = f"{point.name} · {point.address}" if point else person.area.name
    return AddressPage(sender, _window(person), parts)


def _window(person: Beneficiary) -> list[str]:
    """The lines seen through the envelope's window: postcode, address, name."""
    address = " ".join(person.address.split())
    addressee = say("notices.letter_addressee", "zh", name=person.name)
    postcode = _POSTCODE.search(address)
    if postcode is None:
        return [address, addressee]
    rest = f"{address[: postcode.start()]}{address[postcode.end() :]}".strip(" ,，")
    return [postcode[0], rest, addressee]
