"""Scans on their way in: checked and kept sealed as they arrive, read by the worker, found by a clerk."""

from __future__ import annotations

import base64
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.queries import find_person as find_registered
from jianzai.worker import hand_over

from ..errors import DayImpossible, FormOfAnother, NotAccepted, NotReadYet, Refused, SheetDecided, WrongFile
from ..faces import likeness
from ..models import WAITING, Form, Sheet, SheetPage, seal_page
from ..payload import Kind, Payload, PayloadError, open_payload
from ..reader import read_pages, says, theirs, turned, unread
from ..scans import Page, pages_of
from ..strength import strength_of
from .holding import attach, duties_of, end, locked, overtaken_before_read

_log = logging.getLogger(__name__)

OLDEST_ARRIVAL = timedelta(days=60)
"""A paper entered later than so long after it came was not entered in order."""

WITHOUT_A_CODE = (Kind.LETTER, Kind.NEWSPAPER)
_HERE = (*WAITING, Sheet.State.ACCEPTED)
_TASK = "jianzai.channels.mail.tasks.read_sheet"
_COMPARE = "jianzai.channels.mail.tasks.compare_face"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How papers came in: when, who took them, and where they lie.

    person: whose they are, where the clerk knows; kind: what they are, where it is no form of ours.
    apart: each page of a file is a form of its own, as a feeding scanner makes them.
    """

    received_on: date
    staff: Staff
    custodian: str
    person: Beneficiary | None = None
    kind: Kind | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the sheets made of it, and numbers of forms that are here already."""

    sheets: list[Sheet]
    known: list[str]


def receive(content: bytes, arrival: Arrival, actor: Actor) -> Taken:
    """Take in one file, see ``take_in``. Raises what that gives back as a refusal too."""
    (taken,) = take_in([decode(content)], arrival, actor)
    if isinstance(taken, Refused):
        raise taken
    return taken


def decode(content: bytes) -> list[Page] | Refused:
    """The pages of one file, or WrongFile, FileTooLarge, TooManyPages, TooManyPixels.

    It takes seconds, up to two minutes: nothing is to be locked meanwhile.
    """
    try:
        return pages_of(content)
    except Refused as refusal:
        return refusal


@transaction.atomic
def take_in(files: Sequence[list[Page] | Refused], arrival: Arrival, actor: Actor) -> list[Taken | Refused]:
    """Take in files as they were decoded, each whole or not at all: what became of each, in their order.

    Pages with the code of one form are one sheet; so is a file without any. The pause of whoever is known is
    held from the day of arrival on. A form that waits here already is not taken again, nor one that was
    accepted. A file may be refused as NotAccepted or FormOfAnother. Raises DayImpossible.
    """
    if not today() - OLDEST_ARRIVAL <= arrival.received_on <= today():
        raise DayImpossible(days=OLDEST_ARRIVAL.days)
    _lock(files, arrival)
    return [_taken(file, arrival, actor) for file in files]


def _lock(files: Sequence[list[Page] | Refused], arrival: Arrival) -> None:
    """Lock the obligations of everybody whose papers come, in the order of people, and then the forms, in
    theirs: two uploads at once may bring the same ones in any order, and empty prints are nobody's."""
    codes = {page.code for file in files if not isinstance(file, Refused) for page in file}
    forms = [form for code in codes if (form := _form(code))]
    people = {arrival.person} if arrival.person else {form.person for form in forms}
    _lock_duties(people)
    _lock_forms(forms)


def _lock_duties(people: Collection[Beneficiary | None]) -> None:
    for person in sorted(filter(None, people), key=lambda each: each.pk):
        duties_of(person)


def _lock_forms(forms: Collection[Form]) -> None:
    """Whether a sheet of a form is here is asked, and one is kept, under the lock of the form. It comes after
    those of people's obligations, and nothing is waited for while it is held."""
    locked = Form.objects.select_for_update(of=("self",)).filter(pk__in={form.pk for form in forms})
    list(locked.order_by("pk").values_list("pk"))


def _taken(file: list[Page] | Refused, arrival: Arrival, actor: Actor) -> Taken | Refused:
    if isinstance(file, Refused):
        return file
    try:
        with transaction.atomic():
            return _take(file, arrival, actor)
    except Refused as refusal:
        return refusal


def _take(pages: Sequence[Page], arrival: Arrival, actor: Actor) -> Taken:
    if arrival.kind in WITHOUT_A_CODE and not strength_of(arrival.kind):
        raise NotAccepted()
    taken = Taken([], [])
    for code, together in _sheets(pages, arrival.apart and arrival.kind is None):
        form = _form(code) if arrival.kind not in WITHOUT_A_CODE else None
        if form and Sheet.objects.filter(form=form, state__in=_HERE).exists():
            taken.known.append(form.number)
            continue
        taken.sheets.append(_keep(together, form, arrival, actor))
    return taken


def _sheets(pages: Sequence[Page], apart: bool) -> list[tuple[str | None, list[bytes]]]:
    """Pages that belong together, with their code: both copies of a form are one sheet."""
    sheets: list[tuple[str | None, list[bytes]]] = []
    for page in pages:
        same = sheets and (sheets[-1][0] == page.code or page.code is None or sheets[-1][0] is None)
        if sheets and same and not (apart and (page.code is None or sheets[-1][0] is None)):
            code, together = sheets[-1]
            sheets[-1] = (code or page.code, [*together, page.picture])
        else:
            sheets.append((page.code, [page.picture]))
    return sheets


def _form(code: str | None) -> Form | None:
    """The form that ``code`` is of, where this office signed and issued it."""
    payload = _opened(code)
    if payload is None:
        return None
    return Form.objects.select_related("person__area").filter(number=payload.number).first()


def _opened(code: str | None) -> Payload | None:
    try:
        return open_payload(code) if code else None
    except PayloadError:
        return None


def _keep(pages: Sequence[bytes], form: Form | None, arrival: Arrival, actor: Actor) -> Sheet:
    person = arrival.person or (form.person if form else None)
    if form and form.person and form.person != person:
        raise FormOfAnother()
    sheet = Sheet.objects.create(
        kind=arrival.kind or (form.kind if form else Kind.ELSEWHERE),
        form=form,
        area=arrival.staff.area,
        received_on=arrival.received_on,
        received_by=arrival.staff,
        custodian=arrival.custodian.strip(),
    )
    SheetPage.objects.bulk_create(
        SheetPage(sheet=sheet, number=number, content=seal_page(sheet, jpeg))
        for number, jpeg in enumerate(pages, start=1)
    )
    if person:
        attach(sheet, person, actor)
    record(
        "mail.received",
        actor,
        **({"person": person} if person else {"area": sheet.area_id}),
        sheet=sheet.pk,
        kind=sheet.kind,
        form=form.number if form else "",
        pages=len(pages),
    )
    hand_over(_TASK, sheet=sheet.pk)
    return sheet


def read_sheet(number: int) -> None:
    """Read a sheet that arrived; one that was read, or decided meanwhile, is left alone."""
    sheet = Sheet.objects.select_related("form__person", "person").filter(pk=number).first()
    if sheet is None or sheet.state != Sheet.State.RECEIVED:
        return
    pictures = [page.picture for page in sheet.pages.all()]
    try:
        read, upright = read_pages(pictures)
    except Exception:  # a fault of ours keeps no paper from being decided: a clerk looks at it
        _log.exception("sheet %s cannot be read", number)
        read, upright = unread(), pictures
    with transaction.atomic():
        _write(sheet, read, upright)
    compare_face(number)


def compare_face(number: int) -> None:
    """Compare the photograph on a sheet that waits with its person's reference, where there are both."""
    sheet = Sheet.objects.select_related("person").filter(pk=number, state=Sheet.State.READ).first()
    if sheet is None or sheet.person is None:
        return
    picture = _photograph(sheet)
    found = likeness(sheet.person, picture) if picture else None
    if found is None:
        return
    with transaction.atomic(), suppress(SheetDecided):
        sheet, _ = locked(sheet)
        sheet.keep_reading({**sheet.read, "likeness": found})
        sheet.save(update_fields=["reading"])


@transaction.atomic
def turn_page(page: SheetPage, quarters: int, actor: Actor) -> None:
    """Turn what clerks see of ``page`` clockwise by ``quarters`` (1 to 3) of a circle; what came stays as it
    was. A face on it is compared anew. Raises NotReadYet, SheetDecided, WrongFile."""
    sheet, _ = locked(page.sheet)
    if sheet.state != Sheet.State.READ:
        raise NotReadYet()
    page = sheet.pages.get(pk=page.pk)
    picture = turned(page.shown, quarters)
    if picture is None:
        raise WrongFile()
    page.upright = seal_page(sheet, picture)
    page.save(update_fields=["upright"])
    about = {"person": sheet.person} if sheet.person else {"area": sheet.area_id}
    record("mail.page_turned", actor, **about, sheet=sheet.pk, page=page.number, quarters=quarters)
    if sheet.person:
        hand_over(_COMPARE, sheet=sheet.pk)


def _photograph(sheet: Sheet) -> bytes | None:
    """What was cut out of the form's box; of a photograph with a newspaper the whole page."""
    if sheet.kind == Kind.NEWSPAPER:
        return sheet.pages.first().shown
    cut = sheet.read["photo_picture"]
    return base64.b64decode(cut) if cut else None


def read_left() -> None:
    """Read every sheet that a process left in the middle. One that fails keeps none waiting."""
    for number in Sheet.objects.filter(state=Sheet.State.RECEIVED).values_list("pk", flat=True):
        try:
            read_sheet(number)
        except Exception:
            _log.exception("sheet %s is not read", number)


def _write(sheet: Sheet, read: dict, upright: Sequence[bytes]) -> None:
    try:
        sheet, duties = locked(sheet)
    except SheetDecided:
        return
    if sheet.state != Sheet.State.RECEIVED:
        return
    if sheet.form is None and sheet.kind not in WITHOUT_A_CODE:
        form = _form_read(read)
        if form and _is_free(form, sheet, read):
            sheet.form = form
        sheet.kind = form.kind if form else read["kind"] or sheet.kind
    sheet.says = says(read)
    sheet.state = Sheet.State.READ
    sheet.keep_reading(read)
    sheet.save()
    for page, jpeg in zip(sheet.pages.all(), upright, strict=True):
        page.upright = seal_page(sheet, jpeg)
        page.save(update_fields=["upright"])
    if sheet.person is None and (person := _whose(sheet, read)):
        attach(sheet, person, Actor.SYSTEM)
        duties = duties_of(person)
    if overtaken_before_read(sheet, duties):
        end(sheet, Sheet.State.OVERTAKEN, Actor.SYSTEM, obligations=duties)


def _is_free(form: Form, sheet: Sheet, read: dict) -> bool:
    """Whether no sheet of ``form`` is here; it is locked, behind the obligations of whose it may be."""
    if sheet.person is None:
        _lock_duties({form.person, _named(read)})
    _lock_forms([form])
    return not Sheet.objects.filter(form=form, state__in=_HERE).exists()


def _form_read(read: dict) -> Form | None:
    """The form whose code was only found by looking longer, or whose printed number was read.

    A number that was read is believed only where the name or the identity number on the sheet agrees: one
    digit misread, and its check digit too, is another person's form.
    """
    forms = Form.objects.select_related("person__area")
    if payload := _opened(read["code"]):
        return forms.filter(number=payload.number).first()
    form = forms.filter(number=read["number"]).first() if read["number"] else None
    return form if form and (form.person is None or theirs(read, form.person)) else None


def _whose(sheet: Sheet, read: dict) -> Beneficiary | None:
    """Whom the form was issued to; on an empty print, whose name and identity number stand on it. Of a paper
    without a number that we gave out it is a clerk who says, see ``queries.proposals``."""
    if sheet.form is None:
        return None
    return sheet.form.person or _named(read)


def _named(read: dict) -> Beneficiary | None:
    """Whose name and identity number both stand on the paper."""
    name, number = (_text(read, field) for field in ("name", "identity"))
    return find_registered(name, number) if name and number else None


def _text(read: dict, field: str) -> str:
    return read["fields"].get(field, {}).get("text", "")


@transaction.atomic
def find_person(sheet: Sheet, person: Beneficiary, staff: Staff, actor: Actor) -> Sheet:
    """A clerk found whose paper it is. The same person again changes nothing.

    Raises FormOfAnother where the form was issued to somebody else, SheetDecided.
    """
    sheet, _ = locked(sheet)
    if sheet.person_id == person.pk:
        return sheet
    if sheet.person or (sheet.form and sheet.form.person_id not in (None, person.pk)):
        raise FormOfAnother()
    attach(sheet, person, actor)
    hand_over(_COMPARE, sheet=sheet.pk)
    record("mail.person_found", actor, person=person, sheet=sheet.pk, officer=staff.pk)
    return sheet
