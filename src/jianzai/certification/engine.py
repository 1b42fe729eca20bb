"""The face engine of this process, and the strangers it normalises scores with."""

from __future__ import annotations

import threading
from datetime import date
from functools import cache

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction

from jianzai.clock import today
from jianzai.faces import FaceEngine, best_pack
from jianzai.faces.models import path_of, usable

from .models import Pack, ReferenceFace
from .sealing import open_reference

COHORT_LARGEST = 3000

at_work = threading.Lock()
"""Held while a batch is observed. A process has one core, so that batches observed at the same time would all
be as late as the last of them; one after another they are half as late on average."""

_lock = threading.Lock()
_cohorts: dict[str, tuple[date, np.ndarray, list[int]]] = {}


@cache
def engine(pack: str) -> FaceEngine:
    """The engine of ``pack``, built at first use in each process, on one thread."""
    return FaceEngine(pack, threads=1)


def current_pack() -> str:
    """The pack new references are made with: the best to be had at the first start, kept until switched.

    Raises jianzai.faces.models.ModelMissing when no pack can be had.
    """
    if name := Pack.objects.filter(current=True).values_list("name", flat=True).first():
        return name
    try:
        with transaction.atomic():
            chosen = usable(settings.PACK).name if settings.PACK else best_pack()
            return Pack.objects.create(name=chosen, current=True).name
    except IntegrityError:  # another process chose at the same moment
        return Pack.objects.get(current=True).name


def switch_pack(name: str) -> None:
    """Make ``name`` the current pack; references of the old one stay verifiable with it."""
    for file in usable(name).files:
        path_of(file)  # an engine that was built before says nothing of what is there now
    engine(name)
    with transaction.atomic():
        Pack.objects.select_for_update().filter(current=True).update(current=False)
        Pack.objects.update_or_create(name=name, defaults={"current": True})


def cohort(pack: str, *compared: int) -> np.ndarray | None:
    """Embeddings (n, d) of up to 3,000 other people's active references; None where there are none.

    Drawn anew each day in each process; the people ``compared`` (ids) are never in it.
    """
    with _lock:
        drawn = _cohorts.get(pack)
        if drawn is None or drawn[0] != today():
            drawn = _cohorts[pack] = _draw(pack)
    _, embeddings, people = drawn
    others = np.array([other not in compared for other in people], bool)
    return embeddings[others] if others.any() else None


def forget_cohorts() -> None:
    """Draw the cohorts anew at their next use: after a withdrawal nobody's template may stay in memory."""
    with _lock:
        _cohorts.clear()


def _draw(pack: str) -> tuple[date, np.ndarray, list[int]]:
    rows = list(
        ReferenceFace.objects.filter(pack=pack, state=ReferenceFace.State.ACTIVE, person__face_refusal=None)
        .select_related("person")
        .order_by("?")[:COHORT_LARGEST]
    )
    embeddings = [open_reference(row).embeddings[0] for row in rows]
    return (
        today(),
        np.stack(embeddings) if rows else np.empty((0, 0), np.float32),
        [row.person_id for row in rows],
    )
