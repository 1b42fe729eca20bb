"""How often someone may try at home before a pause and before a clerk is the better way.

NIST SP 800-63B (draft 4), 3.2.3: at most five consecutive failures, then a delay of at least 30 seconds, then
a hard cap and another method.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jianzai.registry.models import Beneficiary

from ..errors import TooManyAttempts
from ..models import Attempt, CaptureSession

BEFORE_DELAY = 5
DELAY = timedelta(seconds=30)
CAP = 10
WITHIN = timedelta(hours=24)


def refuse_too_many(person: Beneficiary) -> None:
    """Raise TooManyAttempts, with when to try again, after too many failures in a row within a day.

    A capture that ends after it said what to do, and before anything was decided, is a failure too: else
    whoever has recordings of two actions would open captures until they are asked for those.
    """
    now = timezone.now()
    recent = Attempt.objects.filter(person=person, at__gte=now - WITHIN)
    matched = recent.filter(live=True, decision="same").first()
    since = matched.at if matched else now - WITHIN
    failures = list(recent.filter(at__gt=since).values_list("at", flat=True)[:CAP])
    alone = person.sessions.filter(purpose=CaptureSession.Purpose.VERIFY, staff=None)
    left = alone.filter(opened__gt=since, attempt=None)
    failures += [session.opened for session in left.order_by("-opened") if _was_asked(session)]
    failures.sort(reverse=True)
    if len(failures) >= CAP:
        raise TooManyAttempts(failures[CAP - 1] + WITHIN)
    if len(failures) >= BEFORE_DELAY and now < failures[0] + DELAY:
        raise TooManyAttempts(failures[0] + DELAY)


def _was_asked(session: CaptureSession) -> bool:
    """Whether whoever opened ``session`` learnt what to do: of a whole video at once, else by a prompt."""
    return session.channel == "api" or any(
        prompt["issued"] is not None for prompt in session.challenge["prompts"]
    )
