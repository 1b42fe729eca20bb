"""What senders and offices do about forms by post, in one line each."""

from __future__ import annotations

from datetime import date

import pypdfium2
from django.db import transaction

from jianzai.audit.services import Actor
from jianzai.channels.mail import services
from jianzai.channels.mail.models import Form, Sheet
from jianzai.channels.mail.payload import Kind
from jianzai.channels.mail.reader import unread
from jianzai.clock import today
from jianzai.demo.papers import returned

ATTESTER = "深圳市福田区莲花街道办事处"
WRITTEN = {
    "attester": ATTESTER,
    "handler": "赵敏",
    "attested_on": "2026年8月20日",
    "signed_on": "2026年8月19日",
}


def text_of(content: bytes) -> str:
    """All text of a PDF."""
    with pypdfium2.PdfDocument(content) as document:
        return "".join(document[number].get_textpage().get_text_bounded() for number in range(len(document)))


def issued(person, kind: Kind = Kind.ELSEWHERE) -> Form:
    return services.issue(person, kind, Actor.SYSTEM)


def scan(form: Form, written: dict[str, str] | None = None, **how) -> bytes:
    """The form, filled in, stamped and scanned."""
    paper = services.form_file(form, {}, whole=True)
    return returned(paper, Kind(form.kind), WRITTEN if written is None else written, **how)


def arrived(content: bytes, staff, **how) -> list[Sheet]:
    how = {"received_on": today(), "staff": staff, "custodian": "芙蓉区档案柜 3", **how}
    return services.receive(content, services.Arrival(**how), Actor.SYSTEM).sheets


@transaction.atomic
def waiting(person, staff, kind: Kind = Kind.ELSEWHERE, *, read: bool = True) -> Sheet:
    """A sheet of ``person`` that arrived today; read, but by no machine."""
    form = issued(person, kind)
    sheet = Sheet.objects.create(
        kind=kind,
        form=form,
        area=person.area,
        received_on=today(),
        received_by=staff,
        custodian="芙蓉区档案柜 3",
    )
    services.attach(sheet, person, Actor.SYSTEM)
    if read:
        read_by_hand(sheet)
    return sheet


@transaction.atomic
def paper(person, staff, kind: Kind) -> Sheet:
    """A letter, or a photograph with a newspaper, that arrived today and was looked at."""
    sheet = Sheet.objects.create(
        kind=kind, area=person.area, received_on=today(), received_by=staff, custodian="柜 3"
    )
    services.attach(sheet, person, Actor.SYSTEM)
    read_by_hand(sheet)
    return sheet


def read_by_hand(sheet: Sheet, says: str = "alive") -> None:
    """As the worker leaves a sheet on which it could read nothing but a tick."""
    sheet.state, sheet.says = Sheet.State.READ, says
    sheet.keep_reading(EMPTY_READING)
    sheet.save()


EMPTY_READING = unread() | {"straight": True}


def attestation(on: date | None = None, **more) -> services.Attestation:
    return services.Attestation(attested_on=on or today(), attester=ATTESTER, **more)
