"""The sheet of a day 上门日程表: what a team takes along, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.utils import timezone

from jianzai.certification.typesetting import typeset
from jianzai.clock import today
from jianzai.notices.wording import written_date
from jianzai.sentences import say

from .models import Appointment, Team

_TEMPLATE = Path(__file__).with_name("sheet.typ")
_WORDS = ("address", "phone", "reason", "document", "outcome", "signatures")


def pdf(team: Team, day: date, appointments: Sequence[Appointment], language: str) -> bytes:
    """The visits of ``team`` on ``day`` in their order, each with room for what was found."""
    return typeset(
        _TEMPLATE,
        sheet={
            "title": say("visit.sheet_title", language, team=team.name, day=written_date(day, language)),
            "how": say("visit.sheet_how", language),
            "closed": say("visit.sheet_closed", language),
            "words": {name: say(f"visit.sheet_{name}", language) for name in _WORDS},
            "outcomes": [
                say(f"visit.sheet_outcome_{name}", language)
                for name in ("met", "nobody", "moved", "missing", "dead")
            ],
            "visits": [row(appointment, language) for appointment in appointments],
        },
    )


def row(appointment: Appointment, language: str) -> dict[str, str]:
    """What the team has to know of one visit, in words."""
    visit = appointment.visit
    person, contact = visit.person, visit.seen_to
    begins, ends = (timezone.localtime(at) for at in (appointment.period.lower, appointment.period.upper))
    return {
        "time": f"{begins:%H:%M}–{ends:%H:%M}",
        "name": person.name,
        "facts": say(
            "visit.sheet_facts",
            language,
            number=person.personal_number,
            sex=say(f"console.sex_{person.sex}", language),
            age=_age(person.birth_date, today()),
            area=person.area.name,
        ),
        "address": contact.address if contact else "",
        "phone": contact.phone if contact else "",
        "asked": say(f"visit.asked_{visit.relation}", language),
        "reason": say(f"visit.reason_{visit.reason}", language),
    }


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
