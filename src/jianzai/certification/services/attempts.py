"""How often someone may try at home before a pause and before a clerk is the better way.

NIST SP 800-63B (draft 4), 3.2.3: at most five consecutive failures, then a delay of at least 30 seconds, then
a hard cap and another method.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jianzai.registry.models import Beneficiary

from ..errors import TooManyAttempts
from ..models import Attempt

BEFORE_DELAY = 5
DELAY = timedelta(seconds=30)
CAP = 10
WITHIN = timedelta(hours=24)


def refuse_too_many(person: Beneficiary) -> None:
    """Raise TooManyAttempts, with when to try again, after too many failures in a row within a day."""
    since = timezone.now() - WITHIN
    failures: list[Attempt] = []
    for attempt in Attempt.objects.filter(person=person, at__gte=since)[: CAP + 1]:
        if attempt.live and attempt.decision == "same":
            break
        failures.append(attempt)
    if len(failures) >= CAP:
        raise TooManyAttempts(failures[-1].at + WITHIN)
    if len(failures) >= BEFORE_DELAY and timezone.now() < failures[0].at + DELAY:
        raise TooManyAttempts(failures[0].at + DELAY)
