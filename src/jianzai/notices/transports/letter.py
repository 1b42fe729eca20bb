"""A printed letter: Chinese with English below, in big type, for an envelope with a window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.conf import settings

from jianzai.certification.typesetting import typeset
from jianzai.registry.models import Beneficiary, ServicePoint
from jianzai.registry.service_points import open_points
from jianzai.sentences import LANGUAGES, say

from ..kinds import TO_FAMILY, Kind
from ..models import Notice
from ..wording import words, written_date

KINDS = frozenset(
    {
        Kind.REMINDER,
        Kind.IN_PERSON,
        Kind.RECEIVED_REFUSED,
        Kind.PAUSED,
        Kind.RESUMED,
        Kind.UNDONE,
        Kind.MADE_GOOD,
        *TO_FAMILY,
        Kind.SAMPLE_ASKED,
        Kind.FORM_REJECTED,
        Kind.HELPER_NAMED,
    }
)

_HOW = {
    Kind.REMINDER: "letter_how",
    Kind.PAUSED: "letter_how",
    Kind.IN_PERSON: "letter_how_in_person",
    Kind.RECEIVED_REFUSED: "letter_how_in_person",
}
"""What a letter says of how to certify, for those who have to."""

_TEMPLATE = Path(__file__).with_name("letter.typ")
_POSTCODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def reaches(person: Beneficiary, phone: str = "") -> bool:
    """Whoever has an address in the roster."""
    return bool(person.address.strip())


def render(notices: Sequence[Notice], language: str = "zh") -> bytes:
    """One PDF with a page for each notice, in their order; ``language`` stands above the other.

    Raises ValueError without notices.
    """
    if not notices:
        raise ValueError("no letter to print")
    languages = (language, *(each for each in LANGUAGES if each != language))
    points = stations()
    letters = [_letter(notice, languages, nearest(notice.person, points)) for notice in notices]
    return typeset(_TEMPLATE, letters=letters)


def _letter(notice: Notice, languages: Sequence[str], point: ServicePoint | None) -> dict[str, object]:
    person = notice.person
    return {
        "sender": _sender(point, person),
        "address": _address(notice),
        "head": [_head(notice, each) for each in languages],
        "texts": [_text(notice, language) for language in languages],
        "contact": _contact(notice.kind, point, languages),
    }


def _text(notice: Notice, language: str) -> dict[str, object]:
    """Title, salutation, paragraphs and close of one language."""
    paragraphs = [line for line in words(notice, "letter", language).splitlines() if line.strip()]
    if how := _HOW.get(Kind(notice.kind)):
        paragraphs.append(say(f"notices.{how}", language))
    if notice.body.get("model_anew"):
        paragraphs.append(say("notices.letter_model_anew", language))
    return {
        "language": language,
        "title": words(notice, "title", language),
        "salutation": say(_to("letter_salutation", notice.kind), language, name=notice.person.name),
        "paragraphs": paragraphs,
        "close": say("notices.letter_close", language),
    }


def _to(code: str, kind: str) -> str:
    """The code of a sentence that names the reader: the person, or their family."""
    return f"notices.{code}_family" if Kind(kind) in TO_FAMILY else f"notices.{code}"


def _head(notice: Notice, language: str) -> str:
    """Date and number, in the corner."""
    day = written_date(date.fromisoformat(notice.body["dated"]), language)
    return say("notices.letter_head", language, date=day, number=notice.pk)


def _contact(kind: str, point: ServicePoint | None, languages: Sequence[str]) -> list[tuple[str, str]]:
    """Where to certify or to ask, once for both languages: what it is, and its address."""
    lines = []
    how = _HOW.get(Kind(kind))
    if how == "letter_how" and settings.BASE_URL:
        lines.append(("letter_at_home", settings.BASE_URL))
    if point and how:
        where = f"{point.name}\n{point.address}\n{point.hours}　{point.phone}"
        lines.append(("letter_at_point", where))
    elif point:
        lines.append(("letter_questions", f"{point.name}　{point.phone}"))
    return [(" ".join(say(f"notices.{code}", each) for each in languages), text) for code, text in lines]


def stations() -> list[ServicePoint]:
    """Every station that is open, with its area."""
    found = open_points().filter(kind=ServicePoint.Kind.STATION)
    return list(found.select_related("area").order_by("id"))


def nearest(person: Beneficiary, stations: Sequence[ServicePoint]) -> ServicePoint | None:
    """The station nearest to the person by area: in the smallest area around them that has one."""
    around = [station for station in stations if person.area_id.startswith(station.area.prefix)]
    return max(around, key=lambda station: len(station.area.prefix), default=None)


def _sender(point: ServicePoint | None, person: Beneficiary) -> str:
    """Who writes, in the line above the address."""
    if point:
        return f"{point.name} · {point.address}"
    return person.area.name


def _address(notice: Notice) -> list[str]:
    """The lines seen through the window: postcode, address, name."""
    address = " ".join(notice.person.address.split())
    addressee = say(_to("letter_addressee", notice.kind), "zh", name=notice.person.name)
    postcode = _POSTCODE.search(address)
    if postcode is None:
        return [address, addressee]
    rest = f"{address[: postcode.start()]}{address[postcode.end() :]}".strip(" ,，")
    return [postcode[0], rest, addressee]
