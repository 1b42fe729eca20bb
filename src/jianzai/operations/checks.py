"""``jianzai check``: what is there, what is not, and the mend of each thing that is not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from jianzai import worker
from jianzai.certification.models import Pack
from jianzai.certification.queries import current_cycle
from jianzai.clock import today
from jianzai.faces.models import available_packs, models_dir, packs, refusals, why_not
from jianzai.notices.services import LOOKED_BACK, stuck_texts
from jianzai.operations.database import changeable_evidence
from jianzai.operations.keys import lost_keys
from jianzai.operations.production import production_faults
from jianzai.sentences import LANGUAGES
from jianzai.vault import KeysMissing, vault
from jianzai.web.speech import outdated

DISK_NEEDED = 2 * 1024**3  # bytes: a day of kept frames of a mid-sized office, and the database's log
_NAMED = 5  # text messages that were given up, so many by their number
CLOCK_TOLERANCE = 2.0  # seconds between this machine's clock and the database's


class State(StrEnum):
    GOOD = "good"
    NOTE = "note"  # works without; worth knowing
    FAULT = "fault"  # the site cannot do its work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``code`` is its sentence in operations.toml, ``<code>_mend`` the way out."""

    state: State
    code: str
    values: dict[str, object] = field(default_factory=dict)


def findings() -> Iterator[Finding]:
    """Everything looked at, in the order a person would mend it. Never raises."""
    yield from _weights()
    yield _keys()
    yield _disk()
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding(State.FAULT, "check_database_gone", {"why": str(error).strip().splitlines()[0]})
    else:
        yield Finding(State.GOOD, "check_database", {"version": connection.pg_version // 10000})
        yield from _inside_database()
    yield _https()
    yield _component("check_fonts", "manimgx_fonts_cjk")
    yield _speech()


def _weights() -> Iterator[Finding]:
    had = available_packs()
    if not had:
        yield Finding(State.FAULT, "check_weights_gone", {"folder": models_dir()})
        return
    yield Finding(State.GOOD, "check_weights", {"packs": ", ".join(had), "folder": models_dir()})
    best = next(iter(packs()))
    if best not in had:
        yield Finding(State.NOTE, "check_better_pack", {"pack": best})
    for why in refusals():
        yield Finding(State.NOTE, "check_pack_refused", {"why": why})


def _keys() -> Finding:
    try:
        ring = vault().keys
    except KeysMissing as error:
        return Finding(State.FAULT, "check_keys_gone", {"why": error})
    return Finding(State.GOOD, "check_keys_demo" if ring.demo else "check_keys", {"number": len(ring.data)})


def _disk() -> Finding:
    home = settings.HOME if settings.HOME.exists() else settings.HOME.parent
    free = shutil.disk_usage(home).free
    values = {
        "free": f"{free / 1024**3:.1f}",
        "needed": f"{DISK_NEEDED / 1024**3:.0f}",
        "folder": settings.HOME,
    }
    if free < DISK_NEEDED:
        return Finding(State.FAULT, "check_disk_full", values)
    return Finding(State.GOOD, "check_disk", values)


def _inside_database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    if pending := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding(State.FAULT, "check_migrations_pending", {"number": len(pending)})
        return
    yield Finding(State.GOOD, "check_migrations")
    yield from _keys_of_database()
    yield _role()
    yield _clock()
    yield _pack_in_use()
    yield _worker()
    yield _cycle()
    yield from _texts()
    if settings.PRODUCTION:
        yield from (Finding(State.FAULT, code) for code in production_faults())


def _keys_of_database() -> Iterator[Finding]:
    try:
        lost, older = lost_keys(), len(vault().keys.data) - 1
    except KeysMissing:  # told before
        return
    if lost:
        yield Finding(State.FAULT, "check_keys_lost", {"keys": ", ".join(lost)})
    elif older:
        yield Finding(State.NOTE, "check_keys_rotating", {"number": older})
    else:
        yield Finding(State.GOOD, "check_keys_open")


def _role() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        if changeable := changeable_evidence(cursor):
            return Finding(State.FAULT, "check_role_too_strong", {"role": role, "table": changeable[0]})
    return Finding(State.GOOD, "check_role", {"role": role})


def _clock() -> Finding:
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
        here = before + (timezone.now() - before) / 2
    values = {
        "seconds": f"{abs((there - here).total_seconds()):.1f}",
        "zone": settings.TIME_ZONE,
        "today": today().isoformat(),
    }
    if abs((there - here).total_seconds()) > CLOCK_TOLERANCE:
        return Finding(State.FAULT, "check_clock_apart", values)
    moved = settings.DEMO and settings.DEMO_DATE_FILE.is_file()
    return Finding(State.GOOD, "check_clock_moved" if moved else "check_clock", values)


def _pack_in_use() -> Finding:
    used = list(Pack.objects.order_by("-current").values_list("name", flat=True))
    if not used:
        return Finding(State.NOTE, "check_pack_not_chosen")
    if missing := sorted(set(used) - set(available_packs())):
        return Finding(
            State.FAULT, "check_pack_gone", {"pack": ", ".join(missing), "why": why_not(missing[0])}
        )
    return Finding(State.GOOD, "check_pack", {"pack": used[0]})


def _worker() -> Finding:
    if worker.alive():
        return Finding(State.GOOD, "check_worker")
    return Finding(State.NOTE, "check_worker_gone")


def _cycle() -> Finding:
    latest, year = current_cycle(), today().year
    if latest is None or latest.year < year:
        return Finding(State.NOTE, "check_cycle_gone", {"year": year})
    values = {"year": latest.year, "people": latest.obligations.count(), "deadline": latest.deadline}
    return Finding(State.GOOD, "check_cycle", values)


def _texts() -> Iterator[Finding]:
    waiting, given_up = stuck_texts()
    if waiting:
        yield Finding(State.NOTE, "check_texts_waiting", {"number": waiting})
    if given_up:
        numbers = ", ".join(f"notice-{number}" for number in given_up[:_NAMED])
        values = {"number": len(given_up), "days": LOOKED_BACK.days, "numbers": numbers}
        yield Finding(State.NOTE, "check_texts_given_up", values)
    if settings.SMS_GATEWAY and not waiting and not given_up:
        yield Finding(State.GOOD, "check_texts")


def _https() -> Finding:
    if settings.HTTPS:
        return Finding(State.GOOD, "check_https", {"address": settings.BASE_URL})
    if settings.DEMO:
        return Finding(State.NOTE, "check_https_demo", {"address": settings.BASE_URL})
    return Finding(State.FAULT, "check_https_gone", {"address": settings.BASE_URL or "-"})


def _speech() -> Finding:
    if missing := sum(len(outdated(settings.HOME / "speech", language)) for language in LANGUAGES):
        return Finding(State.NOTE, "check_speech_gone", {"number": missing})
    return Finding(State.GOOD, "check_speech")


def _component(code: str, package: str) -> Finding:
    there = find_spec(package) is not None
    return Finding(State.GOOD, code) if there else Finding(State.FAULT, f"{code}_gone", {"package": package})
