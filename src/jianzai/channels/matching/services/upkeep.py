"""What is kept for a time goes when its time is over."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from jianzai.certification.signals import retention_due

from ..models import Case, Says, Sign, SignFile
from .files import WAITING

KEEP_FILE = timedelta(days=1)
"""So long a file that nobody takes over is kept; of one that was, its name, digest and counts stay."""


@receiver(retention_due, dispatch_uid="matching.retention")
@transaction.atomic
def forget(sender: object, as_of: date, **_: object) -> None:
    """Delete signs of life that count no more, but those found to be somebody else's, which keep their source
    from being believed again; and files that nobody took over."""
    expired = Sign.objects.filter(says=Says.ALIVE, settled=True, void=False, expires__lt=as_of)
    expired.exclude(case__state=Case.State.OPEN).delete()  # what is objected to waits for its answer
    left = SignFile.objects.exclude(state__in=WAITING).exclude(state=SignFile.State.IMPORTED)
    left.filter(made__lt=timezone.now() - KEEP_FILE).delete()
