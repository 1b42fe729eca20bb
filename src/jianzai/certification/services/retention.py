"""What is kept only for a time goes when its time is over; run hourly by the worker."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..models import Attempt, Batch, CaptureSession, ReferenceFace
from ..signals import retention_due

ABANDONED_AFTER = timedelta(minutes=30)
SECOND_CLIP_WITHIN = timedelta(hours=2)


@transaction.atomic
def enforce_retention(as_of: date) -> dict[str, int]:
    """Delete what outlived its purpose and say how much: frames and embeddings of captures that are over or
    were left open, frames kept for reviews until ``as_of`` at the latest, and what references grew by where
    they may no longer. Ways to certify are told, and delete what they keep.

    Only the embeddings of a modelling's first clip, once made, wait on for the second.
    """
    now = timezone.now()
    left = CaptureSession.objects.filter(state=CaptureSession.State.OPEN, opened__lt=now - ABANDONED_AFTER)
    abandoned = left.update(state=CaptureSession.State.ABANDONED, closed=now)
    over = Batch.objects.exclude(session__state=CaptureSession.State.OPEN)
    frames = over.filter(frames__isnull=False).update(frames=None)
    waiting = CaptureSession.objects.filter(
        purpose=CaptureSession.Purpose.ENROL,
        clip=1,
        state=CaptureSession.State.DECIDED,
        closed__gte=now - SECOND_CLIP_WITHIN,
    )
    embeddings = over.filter(embeddings__isnull=False).exclude(session__in=waiting).update(embeddings=None)
    reviews = Attempt.objects.filter(kept_frames__isnull=False, keep_until__lt=as_of).update(
        kept_frames=None, keep_until=None
    )
    if not settings.REFERENCES_GROW:
        ReferenceFace.objects.filter(grown__isnull=False).update(grown=None, grown_from=[])
    retention_due.send(None, as_of=as_of)
    return {"abandoned": abandoned, "frames": frames, "embeddings": embeddings, "reviews": reviews}
