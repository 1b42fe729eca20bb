"""The two clocks of an office: instants for the record, civil dates for the policy.

Instants are Django's ``timezone.now()`` in UTC. Policy dates are civil dates in
the scheme's time zone; every rule takes its date from ``today()``. In demo mode
the civil date can be moved, so that a visitor sees a year pass; instants never
move, so captures and their time limits stay real.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """The civil date that policy goes by."""
    if settings.DEMO and settings.DEMO_DATE_FILE.is_file():
        return date.fromisoformat(settings.DEMO_DATE_FILE.read_text().strip())
    return timezone.localdate()


def move_to(day: date | None) -> None:
    """Move the demo's civil date to ``day``, back to the real one with None; elsewhere RuntimeError."""
    if not settings.DEMO:
        raise RuntimeError("only the demo's date can be moved")
    if day is None:
        settings.DEMO_DATE_FILE.unlink(missing_ok=True)
    else:
        settings.DEMO_DATE_FILE.write_text(day.isoformat())
