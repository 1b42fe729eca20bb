"""A printed letter: Chinese with English below, in big type, for an envelope with a window."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import typst
from django.conf import settings
from django.utils import timezone

from jianzai.registry.models import Area, Beneficiary, ServicePoint
from jianzai.sentences import LANGUAGES, say

from ..kinds import Kind
from ..models import Notice
from ..wording import words, written_date

KINDS = frozenset({Kind.REMINDER, Kind.IN_PERSON, Kind.PAUSED, Kind.RESUMED, Kind.UNDONE})

_TEMPLATE = Path(__file__).with_name("letter.typ")
_POSTCODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def reaches(person: Beneficiary) -> bool:
    """Whoever has an address in the roster."""
    return bool(person.address.strip())


def render(notices: Sequence[Notice], language: str = "zh") -> bytes:
    """One PDF with a page for each notice, in their order; ``language`` stands above the other.

    Raises ValueError without notices.
    """
    if not notices:
        raise ValueError("no letter to print")
    letters = [
        _letter(notice, (language, *(each for each in LANGUAGES if each != language))) for notice in notices
    ]
    return _compiler().compile(format="pdf", sys_inputs={"letters": json.dumps(letters, ensure_ascii=False)})


@cache
def _compiler() -> typst.Compiler:
    fonts = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Compiler(str(_TEMPLATE), font_paths=[str(fonts)], ignore_system_fonts=True)


def _letter(notice: Notice, languages: Sequence[str]) -> dict[str, object]:
    person, point = notice.person, service_point(notice.person)
    return {
        "sender": _sender(point, person),
        "address": _address(person),
        "number": say("notices.letter_number", languages[0], number=notice.pk),
        "texts": [_text(notice, point, language) for language in languages],
    }


def _text(notice: Notice, point: ServicePoint | None, language: str) -> dict[str, object]:
    """Title, salutation, paragraphs and close of one language."""
    paragraphs = [line for line in words(notice, "letter", language).splitlines() if line.strip()]
    if notice.kind in (Kind.REMINDER, Kind.PAUSED, Kind.IN_PERSON):
        paragraphs.append(_where(notice.kind, point, language))
    elif point:
        paragraphs.append(say("notices.letter_questions", language, name=point.name, phone=point.phone))
    return {
        "language": language,
        "title": words(notice, "title", language),
        "salutation": say("notices.letter_salutation", language, name=notice.person.name),
        "paragraphs": paragraphs,
        "close": say("notices.letter_close", language),
        "date": written_date(timezone.localdate(notice.made), language),
    }


def _where(kind: str, point: ServicePoint | None, language: str) -> str:
    """How to certify: at home where that still helps, and where to go."""
    parts = []
    if kind != Kind.IN_PERSON and settings.BASE_URL:
        parts.append(say("notices.letter_at_home", language, address=settings.BASE_URL))
    if point:
        values = {"name": point.name, "address": point.address, "hours": point.hours, "phone": point.phone}
        parts.append(say("notices.letter_at_point", language, **values))
    else:
        parts.append(say("notices.letter_at_any_point", language))
    parts.append(say("notices.letter_visit", language))
    return (" " if language == "en" else "").join(parts)


def service_point(person: Beneficiary) -> ServicePoint | None:
    """The station nearest to the person by area: in the smallest area around them that has one."""
    stations = (
        ServicePoint.objects.filter(kind=ServicePoint.Kind.STATION).select_related("area").order_by("id")
    )
    around = [station for station in stations if person.area_id.startswith(station.area.prefix)]
    return max(around, key=lambda station: len(station.area.prefix), default=None)


def _sender(point: ServicePoint | None, person: Beneficiary) -> str:
    """Who writes, in the line above the address."""
    if point:
        return f"{point.name} · {point.address}"
    return Area.objects.get(pk=person.area_id).name


def _address(person: Beneficiary) -> list[str]:
    """The lines seen through the window: postcode, address, name."""
    address = " ".join(person.address.split())
    postcode = _POSTCODE.search(address)
    if postcode is None:
        return [address, say("notices.letter_addressee", "zh", name=person.name)]
    rest = f"{address[: postcode.start()]}{address[postcode.end() :]}".strip(" ,，")
    return [postcode[0], rest, say("notices.letter_addressee", "zh", name=person.name)]
