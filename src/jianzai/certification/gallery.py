"""Whose face is it: every reference in use, opened, in the memory of a process that searches, for a while."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from jianzai.faces import comparison, similarity
from jianzai.faces.drawn import drawn_cohort
from jianzai.faces.models import ModelMissing, OperatingPoint, Pack, packs, why_not
from jianzai.faces.search import Gallery, noteworthy, spread
from jianzai.vault import CannotOpen

from .engine import cohort
from .models import ReferenceFace
from .sealing import open_templates

AGE = timedelta(minutes=10)
"""How long templates stay in memory after they were read; a withdrawn one no longer than that."""

_SHORTLIST = 50  # candidates by plain score whose normalised scores are then ranked
_LATE = timedelta(minutes=1)  # a row may be seen so long after the time it bears
_AT_ONCE = 2000
_FIRST_LOOK = 0.8  # of the threshold: who reaches it by a rough score is measured exactly
_IN_USE = {
    "state__in": (ReferenceFace.State.ACTIVE, ReferenceFace.State.PENDING),
    "person__face_refusal": None,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose face it could be."""

    reference: ReferenceFace  # with its person
    score: float  # normalised where there is a cohort
    similarity: int  # 0-100; 60 at the threshold for two people
    noteworthy: bool  # so high that among this many people one stranger in ten searches reaches it


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people of the register who look alike."""

    one: ReferenceFace  # both with their people
    other: ReferenceFace
    score: float
    similarity: int


@dataclass(frozen=True, slots=True)
class _Loaded:
    """References as they were read: those of a full reading, and those that came since."""

    read: datetime
    until: datetime  # what was made by then is in
    gallery: Gallery
    later: np.ndarray  # (m, d) float32
    references: tuple[UUID, ...]
    people: np.ndarray  # (n + m,) ids


_log = logging.getLogger(__name__)
_lock = threading.Lock()
_loaded: dict[str, _Loaded] = {}


def candidates(
    pack: str,
    embeddings: np.ndarray,
    *,
    besides: int | None = None,
    count: int = 10,
    noteworthy_only: bool = False,
) -> list[Candidate]:
    """Who of all people with a reference of ``pack`` could be the face of ``embeddings`` (n, d), best first.

    ``besides`` (a person's id) is left out. The 50 best by plain score are found exactly; of these the
    ``count`` best by normalised score are returned. Raises ModelMissing for a pack that is there no more.
    """
    loaded = _current(pack)
    everybody = len(loaded.people)
    rows, about, point = _shortlist(pack, loaded, embeddings, besides)
    if noteworthy_only:
        rows = rows[about >= _FIRST_LOOK * noteworthy(point.same, everybody)]
    wanted = [loaded.references[row] for row in rows[: 2 * count]]
    known = ReferenceFace.objects.filter(pk__in=wanted, **_IN_USE).select_related("person__area")
    found = [_candidate(row, embeddings, besides, everybody) for row in known] if wanted else []
    found.sort(key=lambda one: -one.score)
    by_person: dict[int, Candidate] = {}
    for one in found:
        if one.noteworthy or not noteworthy_only:
            by_person.setdefault(one.reference.person_id, one)
    return list(by_person.values())[:count]


def duplicates(pack: str) -> Iterator[tuple[int, int, list[Pair]]]:
    """Every two people whose references of ``pack`` are noteworthily alike.

    About 2,000 references at a time: how many are done, of how many, and the pairs found, the likest first.
    Raises ModelMissing for a pack that is there no more.
    """
    strangers, point = _strangers(pack)
    loaded = _current(pack)
    gallery = Gallery([*_blocks(loaded.gallery), loaded.later])
    least = noteworthy(point.same, len(gallery))
    raw, spreads = _measured(pack).raw, []
    if strangers is not None:
        spreads = [spread(block, strangers, raw.same) for block in _blocks(gallery)]
    mean, deviation = (np.concatenate(part) for part in zip(*spreads, strict=True)) if spreads else (0, 1)
    done = 0
    for one, other, plain in gallery.pairs(raw.uncertain):
        done = min(done + _AT_ONCE, len(gallery))
        about = plain
        if spreads:
            about = sum((plain - mean[side]) / deviation[side] for side in (one, other)) / 2
        chosen = (about >= _FIRST_LOOK * least) & (loaded.people[one] != loaded.people[other])
        pairs = [
            _pair(pack, loaded.references[a], loaded.references[b], len(gallery))
            for a, b in zip(one[chosen].tolist(), other[chosen].tolist(), strict=True)
        ]
        found = [pair for pair in pairs if pair and pair.score >= least]
        yield done, len(gallery), sorted(found, key=lambda pair: -pair.score)


def _shortlist(
    pack: str, loaded: _Loaded, embeddings: np.ndarray, besides: int | None
) -> tuple[np.ndarray, np.ndarray, OperatingPoint]:
    """Rows with their rough normalised scores, best first; the threshold for two people."""
    probe = embeddings.mean(axis=0)
    rows, scores = (part[0] for part in loaded.gallery.nearest(probe, _SHORTLIST))
    vectors = loaded.gallery.vectors(rows)
    if len(loaded.later):
        rows = np.concatenate([rows, len(loaded.gallery) + np.arange(len(loaded.later))])
        scores = np.concatenate([scores, loaded.later @ probe])
        vectors = np.concatenate([vectors, loaded.later]) if len(vectors) else loaded.later
    chosen = np.argsort(-scores, kind="stable")[: 2 * _SHORTLIST]
    chosen = chosen[loaded.people[rows[chosen]] != (besides or 0)][:_SHORTLIST]
    rows, about = rows[chosen], scores[chosen]
    strangers, point = _strangers(pack)
    if strangers is not None and len(rows):
        apart = _measured(pack).raw.same
        mean, deviation = spread(np.concatenate([probe[None], vectors[chosen]]), strangers, apart)
        about = ((about - mean[0]) / deviation[0] + (about - mean[1:]) / deviation[1:]) / 2
    order = np.argsort(-about, kind="stable")
    return rows[order], about[order], point


def forget_galleries() -> None:
    """Read all references anew at the next search."""
    with _lock:
        _loaded.clear()


def _current(pack: str) -> _Loaded:
    """All references in use, read anew where the last reading is too old, those that came since included."""
    with _lock:
        loaded, now = _loaded.get(pack), timezone.now()
        if loaded is None or loaded.read < now - AGE:
            _loaded.pop(pack, None)
            loaded = _read(pack, now)
            # Nobody may search again for days: the templates go all the same.
            timer = threading.Timer(AGE.total_seconds(), _forget, [pack, loaded.read])
            timer.daemon = True
            timer.start()
        else:
            loaded = _with_later(pack, loaded, now)
        _loaded[pack] = loaded
        return loaded


def _forget(pack: str, read: datetime) -> None:
    with _lock:
        if pack in _loaded and _loaded[pack].read == read:
            del _loaded[pack]


def _read(pack: str, now: datetime) -> _Loaded:
    references: list[UUID] = []
    people: list[int] = []

    def blocks() -> Iterator[np.ndarray]:
        part: list[np.ndarray] = []
        for key, person, vector in _vectors(pack, ReferenceFace.objects.all()):
            references.append(key)
            people.append(person)
            part.append(vector)
            if len(part) == _AT_ONCE:
                yield np.stack(part)
                part = []
        if part:
            yield np.stack(part)

    gallery = Gallery(blocks())
    nobody = np.empty((0, gallery.dimension), np.float32)
    return _Loaded(now, now, gallery, nobody, tuple(references), np.array(people, np.int64))


def _with_later(pack: str, loaded: _Loaded, now: datetime) -> _Loaded:
    fresh = ReferenceFace.objects.filter(made__gte=loaded.until - _LATE)
    known = set(loaded.references)
    rows = [row for row in _vectors(pack, fresh) if row[0] not in known]
    if not rows:
        return replace(loaded, until=now)
    keys, people, vectors = zip(*rows, strict=True)
    later = np.stack(vectors)
    return replace(
        loaded,
        until=now,
        later=np.concatenate([loaded.later, later]) if len(loaded.later) else later,
        references=loaded.references + keys,
        people=np.concatenate([loaded.people, np.array(people, np.int64)]),
    )


def _vectors(pack: str, rows: QuerySet[ReferenceFace]) -> Iterator[tuple[UUID, int, np.ndarray]]:
    found = rows.filter(pack=pack, **_IN_USE).order_by()
    for key, person, owner, sealed in found.values_list(
        "pk", "person_id", "person__key", "templates"
    ).iterator(_AT_ONCE):
        try:
            vector = open_templates(owner, pack, sealed).mean(axis=0)
        except CannotOpen:  # one row that was meddled with stops no search
            _log.exception("reference left out of the search")
            continue
        yield key, person, vector


def _blocks(gallery: Gallery) -> Iterator[np.ndarray]:
    for start in range(0, len(gallery), _AT_ONCE):
        yield gallery.vectors(np.arange(start, min(start + _AT_ONCE, len(gallery))))


def _strangers(pack: str, *compared: int) -> tuple[np.ndarray | None, OperatingPoint]:
    """Whom scores are measured against, as verifying does; the threshold that goes with them."""
    chosen, people = _measured(pack), cohort(pack, *compared)
    if people is not None and len(people) >= comparison.SMALLEST_COHORT:
        return people, chosen.normalised
    if chosen.drawn:
        return drawn_cohort(pack), chosen.drawn
    return None, chosen.raw


def _measured(pack: str) -> Pack:
    """The pack by its name. Raises ModelMissing, saying what to do, where it is there no more."""
    if found := packs().get(pack):
        return found
    raise ModelMissing(why_not(pack))


def _pair(pack: str, one: UUID, other: UUID, everybody: int) -> Pair | None:
    rows = ReferenceFace.objects.filter(pk__in=(one, other), **_IN_USE)
    rows = {row.pk: row for row in rows.select_related("person__area")}
    if len(rows) < 2:
        return None
    embeddings = open_templates(rows[one].person.key, pack, rows[one].templates)
    found = _candidate(rows[other], embeddings, rows[one].person_id, everybody)
    return Pair(rows[one], rows[other], found.score, found.similarity)


def _candidate(row: ReferenceFace, embeddings: np.ndarray, person: int | None, everybody: int) -> Candidate:
    theirs = open_templates(row.person.key, row.pack, row.templates)
    strangers, point = _strangers(row.pack, row.person_id, *([person] if person else []))
    score = float(embeddings.mean(axis=0) @ theirs.mean(axis=0))
    if strangers is not None:
        score = comparison.normalise(score, theirs, embeddings, strangers)
    return Candidate(row, score, similarity(score, point.same), score >= noteworthy(point.same, everybody))
