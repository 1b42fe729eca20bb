"""Every clerk's address of forms by post, for ``tests/channels/test_access.py``."""

from __future__ import annotations

from jianzai.audit.services import Actor
from jianzai.channels.mail import services
from jianzai.channels.mail.models import SheetPage, seal_page
from jianzai.channels.mail.payload import Kind
from jianzai.registry.access import Permission as May
from jianzai.registry.models import Staff
from tests.channels.mail.office import waiting
from tests.people import make_staff
from tests.registry.access_matrix import Route

M = "/console/mail"
ROUTES = {
    "sheets": Route(f"{M}/", May.REVIEW),
    "arrive": Route(f"{M}/arrive", May.REVIEW),
    "arrive-for": Route(f"{M}/arrive/{{person}}", May.REVIEW),
    "print": Route(f"{M}/print/{{person}}", May.SEND_NOTICES, "post", {"kind": "elsewhere"}),
    "to-post": Route(f"{M}/to-post/{{person}}", May.SEND_NOTICES, "post", {"kind": "elsewhere"}),
    "posting": Route(f"{M}/posting", May.SEND_NOTICES),
    "again": Route(f"{M}/posting/again", May.SEND_NOTICES, "post"),
    "post": Route(f"{M}/posting/print", May.SEND_NOTICES, "post"),
    "posting-file": Route(f"{M}/posting/{{posting}}.pdf", May.SEND_NOTICES),
    "empty": Route(f"{M}/empty", May.SEND_NOTICES, "post", {"kind": "hmt", "count": 1}),
    "sheet": Route(f"{M}/{{sheet}}", May.REVIEW),
    "page": Route(f"{M}/{{sheet}}/pages/1", May.REVIEW),
    "turn": Route(f"{M}/{{sheet}}/pages/1/turn", May.REVIEW, "post", {"turn": "left"}),
    "being-read": Route(f"{M}/{{sheet}}/being-read", May.REVIEW),
    "accept": Route(f"{M}/{{sheet}}/accept", May.REVIEW, "post"),
    "reject": Route(f"{M}/{{sheet}}/reject", May.REVIEW, "post"),
    "report": Route(f"{M}/{{sheet}}/report", May.REVIEW, "post"),
    "find": Route(f"{M}/{{sheet}}/find", May.REVIEW),
    "seen-to": Route(f"{M}/{{sheet}}/seen-to", May.REVIEW, "post"),
}
TESTED_ELSEWHERE = {}


def rows(person) -> dict:
    """A paper of theirs that waits, and a posting of their area."""
    taker = Staff.objects.filter(area=person.area, role="clerk").first() or make_staff(area=person.area_id)
    sheet = waiting(person, taker)
    SheetPage.objects.create(sheet=sheet, number=1, content=seal_page(sheet, b"\xff\xd8"))
    person.address = "示范路 1 号（虚构） 410000"
    person.save(update_fields=["address"])
    services.ask_to_post(person, Kind.HMT, taker, Actor.SYSTEM)
    posting = services.post(person.area, taker, Actor.SYSTEM)
    return {"sheet": sheet.pk, "posting": posting.pk}
