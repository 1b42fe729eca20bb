"""Captures that share a picture to the last pixel, which no two cameras take: it was recorded.

Backgrounds as such cannot be compared: pictures go with the decision, and of their background nothing is
measured. The demonstration's replays are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from jianzai.certification.models import Attempt

from ..models import SamePicture

COMPARED = timedelta(days=7)
"""So old at most are the captures that are compared with each other."""


@transaction.atomic
def compare_pictures() -> int:
    """Note anew which attempts of the last days share a picture, among all people; how many they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT array_agg(DISTINCT attempt.id)
            FROM certification_capturesession session
            JOIN certification_attempt attempt ON attempt.session_id = session.id
            JOIN certification_batch batch ON batch.session_id = session.id,
            jsonb_array_elements(batch.observations -> 'frames') AS frame
            WHERE session.opened >= %s AND NOT session.replay
            GROUP BY frame ->> 'digest' HAVING count(DISTINCT attempt.id) > 1
            """,
            [timezone.now() - COMPARED],
        )
        shared = [set(together) for (together,) in cursor.fetchall()]
    SamePicture.objects.all().delete()
    rows = [
        SamePicture(attempt=attempt, together=min(group))
        for group in joined(shared)
        for attempt in Attempt.objects.filter(pk__in=group)
    ]
    return len(SamePicture.objects.bulk_create(rows))


def joined(groups: Iterable[set[int]]) -> list[set[int]]:
    """Groups that share a member are one."""
    together: list[set[int]] = []
    for group in groups:
        apart = [one for one in together if not one & group]
        together = [*apart, group.union(*(one for one in together if one & group))]
    return together
