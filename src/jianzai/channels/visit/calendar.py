"""An appointment for the calendar of a telephone (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from jianzai.sentences import say

from .models import Appointment

_OCTETS = 75  # of a line before it is folded (section 3.1)


def ics(appointment: Appointment) -> bytes:
    """``appointment`` as a calendar file, in the language of the request. Nothing in it names the person."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//jianzai//home visit//ZH",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:visit-{appointment.visit_id}@{host}",
        f"SEQUENCE:{appointment.pk}",  # a later appointment takes the place of an earlier one
        f"DTSTAMP:{_instant(timezone.now())}",
        f"DTSTART:{_instant(appointment.period.lower)}",
        f"DTEND:{_instant(appointment.period.upper)}",
        f"SUMMARY:{_text(say('visit.calendar_title'))}",
        f"DESCRIPTION:{_text(say('visit.calendar_text'))}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        f"DESCRIPTION:{_text(say('visit.calendar_title'))}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


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
