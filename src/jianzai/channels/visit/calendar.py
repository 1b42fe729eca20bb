"""Appointments for the calendar of a telephone (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from jianzai.sentences import say

from .models import Appointment

_OCTETS = 75  # of a line before it is folded (section 3.1)


def ics(appointment: Appointment) -> bytes:
    """``appointment`` as a calendar file, in the language of the request. Nothing in it names the person."""
    words = say("visit.calendar_title"), say("visit.calendar_text")
    return _file(_event(appointment, "visit", *words, before="-P1D"))


def team_ics(appointments: Sequence[Appointment]) -> bytes:
    """What a team does on a day, for its calendar. It says where by area alone and names nobody: whose it is
    stands on the page that each entry names, after signing in."""
    lines = []
    for each in appointments:
        title = say("visit.calendar_team_title", area=each.visit.person.area.name)
        page = f"{settings.BASE_URL}{reverse('visit-desk:visit', args=[each.visit_id])}"
        lines += _event(each, "team-visit", title, say("visit.calendar_team_text", page=page), before="-PT1H")
    return _file(lines)


def _file(events: Sequence[str]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//jianzai//home visit//ZH", "METHOD:PUBLISH"]
    return b"".join(_folded(line) for line in (*lines, *events, "END:VCALENDAR"))


def _event(appointment: Appointment, of: str, title: str, text: str, *, before: str) -> list[str]:
    """The lines of an appointment, with an alarm so long ``before``."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return [
        "BEGIN:VEVENT",
        f"UID:{of}-{appointment.visit_id}@{host}",
        f"SEQUENCE:{appointment.pk}",  # a later appointment takes the place of an earlier one
        f"DTSTAMP:{_instant(timezone.now())}",
        f"DTSTART:{_instant(appointment.period.lower)}",
        f"DTEND:{_instant(appointment.period.upper)}",
        f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(text)}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"TRIGGER:{before}",
        f"DESCRIPTION:{_text(title)}",
        "END:VALARM",
        "END:VEVENT",
    ]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _folded(line: str) -> bytes:
    """At most 75 octets a line and no character torn apart; a line that goes on begins with a space."""
    folded, length = "", 0
    for character in line:
        size = len(character.encode())
        if length + size > _OCTETS:
            folded, length = f"{folded}\r\n ", 1
        folded, length = folded + character, length + size
    return f"{folded}\r\n".encode()
