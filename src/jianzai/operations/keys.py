"""The keys beside the database: whether they are the ones it was sealed with, and sealing it with a new one.

A rotation is a key ring with more than one generation. Whatever is still sealed with an older one is opened
and sealed anew, a few rows a transaction; when nothing is left and nobody can write any more of it, the older
ones leave the ring. A process killed anywhere in between leaves a ring and rows from which the next goes on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BinaryField, Count, Func, QuerySet
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.sealed import SealedField, sealed_columns
from jianzai.vault import CannotOpen, from_environment, generation, replace_keys, vault

from .models import KnownKey

_LOCK = 0x6A7A6B79  # "jzky": the advisory lock of a rotation
_AT_ONCE = 20  # rows a transaction; frames of a capture are up to 6 MB a row
_PAUSE = 0.2  # seconds until rows that others have locked, or transactions from before, are looked at again


class RotationUnderWay(RuntimeError):
    """Another process seals anew."""


class OneGeneration(RuntimeError):
    """The keys come from the environment and hold one generation: there is nothing to change to."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of it. ``retired``: generations nothing is sealed with any more, which left the ring.

    ``unused``: such that are in the environment, where whoever runs the site takes them out.
    ``unopened``: for each column the rows that no key of the ring opens, up to a hundred.
    """

    current: int
    sealed: int
    retired: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()
    unopened: dict[str, list[str]] = field(default_factory=dict)


def column_name(column: SealedField) -> str:
    """``table.column``, as docs/privacy.md writes it."""
    return f"{column.model._meta.db_table}.{column.column}"


def generations() -> dict[str, Counter[int | None]]:
    """How many values of each sealed column are of which generation; None: not sealed at all."""
    counted = {}
    for column in sealed_columns():
        found: Counter[int | None] = Counter()
        for head, values in _filled(column).order_by().values_list("head").annotate(Count("pk")):
            found[generation(head)] += values
        counted[column_name(column)] = found
    return counted


def lost_keys() -> list[str]:
    """Keys this database was sealed with that the ring does not have: by name, empty when all are there.

    Raises KeysMissing.
    """
    have = vault().fingerprints()
    known = KnownKey.objects.filter(retired=None).values_list("name", "fingerprint")
    if known:
        return [name for name, fingerprint in known if have.get(name) != bytes(fingerprint)]
    # A database that is new, or from before fingerprints were kept.
    return [_data(number) for number in vault().keys.data if not _opens_what_it_sealed(number)]


@transaction.atomic
def remember_keys() -> None:
    """Keep the fingerprints of keys that are new. Only after ``lost_keys`` found none."""
    known = set(KnownKey.objects.select_for_update().values_list("name", flat=True))
    fresh = {name: mark for name, mark in vault().fingerprints().items() if name not in known}
    KnownKey.objects.bulk_create(
        [KnownKey(name=name, fingerprint=mark) for name, mark in fresh.items()], ignore_conflicts=True
    )
    if known and fresh:
        record("operations.key_added", Actor.SYSTEM, keys=sorted(fresh))


def rotate(told: Callable[[int], None] = lambda sealed: None) -> Rotation:
    """Seal everything with a new generation, or go on where an earlier run was ended, and retire the old.

    ``told`` hears each time how many more values were sealed anew. Raises RotationUnderWay, OneGeneration,
    KeysMissing, and ValueError where generations are used up.
    """
    with _alone():
        _begin()
        return _finish(told)


def finish_rotation() -> Rotation | None:
    """Go on with a rotation that was left in the middle; None where there is none, or somebody is at it."""
    if len(vault().keys.data) == 1:
        return None
    try:
        with _alone():
            return _finish(lambda sealed: None)
    except RotationUnderWay:
        return None


def _begin() -> None:
    if len(vault().keys.data) > 1:
        return
    if from_environment():
        raise OneGeneration()
    remember_keys()
    replace_keys(settings.KEYS_FILE, vault().keys.with_next())


def _finish(told: Callable[[int], None]) -> Rotation:
    began = _now()
    remember_keys()
    current, sealed, unopened = vault().keys.current, 0, {}
    columns = sealed_columns()
    for column in columns:
        sealed += _seal_anew(column, current, unopened, told)
    # Who sealed with the older key before it was replaced may have written it only now.
    while _older_transactions(began):
        time.sleep(_PAUSE)
    for column in columns:
        sealed += _seal_anew(column, current, unopened, told)
    shown = {
        column_name(column): sorted(str(key) for key in keys)[:100]
        for column, keys in unopened.items()
        if keys
    }
    older = tuple(sorted(set(vault().keys.data) - {current}))
    if shown or not older:
        return Rotation(current, sealed, unopened=shown)
    _retire(older)
    if from_environment():
        return Rotation(current, sealed, unused=older)
    replace_keys(settings.KEYS_FILE, vault().keys.only_current())
    return Rotation(current, sealed, retired=older)


@transaction.atomic
def _retire(older: tuple[int, ...]) -> None:
    """Before they leave the ring: one that left it and was not retired would be missed as lost."""
    rows = KnownKey.objects.filter(name__in=[_data(number) for number in older], retired=None)
    if rows.update(retired=timezone.now()):
        record("operations.key_retired", Actor.SYSTEM, keys=[_data(number) for number in older])


def _seal_anew(
    column: SealedField,
    current: int,
    unopened: dict[SealedField, set[Any]],
    told: Callable[[int], None],
) -> int:
    """Seal every value of ``column`` with ``current``; how many there were. Waits for rows others change."""
    sealed, broken = 0, unopened.setdefault(column, set())
    while True:
        after = None
        while True:
            with transaction.atomic():
                keys = _locked(column, current, after)
                done = _seal(column, keys, broken)
            if not keys:
                break
            after, sealed = keys[-1], sealed + done
            told(done)
        if not _old(column, current).exclude(pk__in=broken).exists():
            return sealed
        time.sleep(_PAUSE)


def _locked(column: SealedField, current: int, after: Any) -> list[Any]:
    """Keys of the next rows to seal, locked; never waiting, so that no two can wait for each other."""
    rows = _old(column, current).select_for_update(skip_locked=True, no_key=True).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.values_list("pk", flat=True)[:_AT_ONCE])


def _seal(column: SealedField, keys: list[Any], broken: set[Any]) -> int:
    done = 0
    for key, bound, plaintext in _opened(column, keys, broken):
        anew = {column.name: vault().seal(plaintext, **bound)}
        done += column.model._base_manager.filter(pk=key).update(**anew)
    return done


def _opened(
    column: SealedField, keys: list[Any], broken: set[Any]
) -> Iterator[tuple[Any, dict[str, str], bytes]]:
    """The values of rows, each with what it is bound to; ``broken`` is told of those that do not open."""
    paths = [column.name, column.owner, *([column.sealed_model] if column.sealed_model else [])]
    for key, value, owner, *model in column.model._base_manager.filter(pk__in=keys).values_list("pk", *paths):
        bound = {"owner": str(owner), "purpose": column.purpose, "model": "".join(model)}
        try:
            yield key, bound, vault().open(value, **bound)
        except CannotOpen:
            broken.add(key)


def _filled(column: SealedField) -> QuerySet:
    """Rows with a value in ``column``; ``head`` is its first two bytes."""
    head = Func(column.name, template="substring(%(expressions)s from 1 for 2)", output_field=BinaryField())
    rows = column.model._base_manager.exclude(**{column.name: None}).exclude(**{column.name: b""})
    return rows.annotate(head=head)


def _old(column: SealedField, current: int) -> QuerySet:
    return _filled(column).exclude(head=_head(current))


def _head(number: int) -> bytes:
    return b"\x01" + bytes([number])


def _opens_what_it_sealed(number: int) -> bool:
    """Whether a data key opens a value of its generation in each column that has one."""
    broken: set[Any] = set()
    for column in sealed_columns():
        rows = _filled(column).filter(head=_head(number)).values_list("pk", flat=True)
        list(_opened(column, list(rows[:1]), broken))
    return not broken


def _data(number: int) -> str:
    return f"data {number}"


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise RotationUnderWay()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _older_transactions(moment) -> bool:
    """Whether a transaction of this database that began before ``moment`` is still under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND xact_start < %s)",
            [moment],
        )
        return cursor.fetchone()[0]
