"""Files of other offices on their way: received and kept sealed, read, looked at, taken over.

The worker reads and takes over, each in one transaction with what is kept of it: never half a file. Then what
follows for each person is seen to one by one (``signs.settle_left``).
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import OperationalError, transaction

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.registry.errors import Refused
from jianzai.registry.models import Staff
from jianzai.registry.roster_rows import Problem
from jianzai.vault import vault
from jianzai.worker import hand_over

from ..errors import SourceResting
from ..linking import Match, Roll
from ..models import FILE, HINTS, Details, Says, Sign, SignFile, Source, record_digest, seal_details
from ..rows import SignRow, as_table, read_rows
from .signs import settle_left

_State = SignFile.State
WAITING = (_State.READING, _State.IMPORTING)
"""What the worker has to do something for."""

_SHOWN = 300
_AT_ONCE = 5000
_TASK = "jianzai.channels.matching.tasks.carry_out_file"


@dataclass(slots=True)
class Report:
    """What a file holds.

    rows: records. exact, probable: those that are somebody's; of life, probable ones are left out.
    nobody: the rest, which is forgotten. stale: older than they may be. known: came before.
    """

    rows: int = 0
    exact: int = 0
    probable: int = 0
    nobody: int = 0
    stale: int = 0
    known: int = 0
    problems: list[Problem] = field(default_factory=list)


@transaction.atomic
def receive(source: Source, name: str, content: bytes, staff: Staff | None, actor: Actor) -> SignFile:
    """Keep a file that was brought; the worker reads it. Raises SourceResting."""
    return _keep(source, name, content, staff, actor, source.columns, _State.READING)


@transaction.atomic
def receive_records(source: Source, records: Sequence[Mapping[str, str]], actor: Actor) -> SignFile:
    """Keep records that came through the API with our columns; the worker takes them over at once.

    The same records again are the same row. Raises SourceResting.
    """
    content = as_table(records)
    digest = hashlib.sha256(content).hexdigest()
    under_way = SignFile.objects.filter(source=source, sha256=digest, state__in=(*WAITING, _State.IMPORTED))
    if known := under_way.first():
        return known
    return _keep(source, "API", content, None, actor, {}, _State.IMPORTING)


@transaction.atomic
def ask_for_import(file: SignFile, actor: Actor) -> None:
    """The dry run was looked at: the worker takes the file over. Again, or with problems in it, nothing."""
    asked = SignFile.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk=file.pk, state=_State.READ
    )
    file = asked.first()
    if file is None or not importable(file):
        return
    file.state, file.sent_by = _State.IMPORTING, actor.name
    file.save(update_fields=["state", "sent_by"])
    hand_over(_TASK, file=str(file.pk))


def importable(file: SignFile) -> bool:
    """Whether the file was read and may be taken over."""
    return file.state == _State.READ and not (file.report["problem_count"] or file.report["before"])


def import_now(source: Source, name: str, content: bytes, actor: Actor, *, dry_run: bool) -> Report:
    """Read a file and take it over at once, or only say what that would do; for the command line.

    A file with bad rows, or taken over before, changes nothing. Raises registry's Refused, SourceResting.
    """
    if not source.active:
        raise SourceResting()
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        locked = Source.objects.select_for_update().get(pk=source.pk)
        report, signs = _look(locked, name, content, locked.columns)
        if dry_run or report.problems or _before(locked, digest):
            return report
        file = SignFile.objects.create(
            source=locked,
            sent_by=actor.name,
            name=name[:255],
            sha256=digest,
            content=b"",
            state=_State.IMPORTED,
        )
        _write(file, report, signs, actor)
    settle_left()
    return report


def carry_out(key: uuid.UUID | str) -> None:
    """Do what a file waits for: its dry run, or taking it over. What another process works on is left to it.

    A fault of ours closes the file, instead of being met again every minute, and is raised.
    """
    try:
        with transaction.atomic():
            files = SignFile.objects.select_for_update(skip_locked=True, of=("self",))
            waiting = files.select_related("source__area").filter(pk=key, state__in=WAITING)
            if file := waiting.first():
                _read_or_import(file)
    except OperationalError:  # the database is not there: once more, when it is
        raise
    except Exception:
        SignFile.objects.filter(pk=key, state__in=WAITING).update(
            state=_State.REFUSED, refusal={"code": "console.roster_fault", "values": {}}, content=b""
        )
        raise


def finish_files() -> None:
    """Carry on with every file that a process left in the middle."""
    for key in SignFile.objects.filter(state__in=WAITING).order_by("made").values_list("pk", flat=True):
        carry_out(key)


def problems_of(file: SignFile) -> list[Problem]:
    """Every bad row of the file."""
    rows = json.loads(zlib.decompress(file.table)) if file.table else []
    return [Problem(**row) for row in rows]


def _keep(
    source: Source,
    name: str,
    content: bytes,
    staff: Staff | None,
    actor: Actor,
    columns: dict[str, str],
    state: SignFile.State,
) -> SignFile:
    if not source.active:
        raise SourceResting()
    key = uuid.uuid4()
    file = SignFile.objects.create(
        id=key,
        source=source,
        staff=staff,
        sent_by=actor.name,
        name=name[:255],
        sha256=hashlib.sha256(content).hexdigest(),
        columns=columns,
        content=vault().seal(content, owner=str(key), purpose=FILE),
        state=state,
    )
    hand_over(_TASK, file=str(key))
    return file


def _read_or_import(file: SignFile) -> None:
    reading = file.state == _State.READING
    source = Source.objects.select_for_update(of=("self",)).select_related("area").get(pk=file.source_id)
    content = vault().open(file.content, owner=str(file.pk), purpose=FILE)
    try:
        report, signs = _look(source, file.name, content, file.columns)
    except Refused as refused:
        file.state, file.content = _State.REFUSED, b""
        file.refusal = {"code": refused.code, "values": _plain(refused.values)}
    else:
        before = _before(source, file.sha256)
        file.report, file.table = _told(report, before), _packed(report.problems)
        if reading:
            file.state = _State.READ
        elif before or report.problems:  # what stands in the way came after the dry run
            file.state = _State.READ if file.staff_id else _State.REFUSED
        else:
            file.state, file.content = _State.IMPORTED, b""
            _write(file, report, signs, Actor(file.sent_by))
    file.save()


def _look(
    source: Source, name: str, content: bytes, columns: Mapping[str, str]
) -> tuple[Report, list[tuple[Match, bytes]]]:
    """What is in a file, and what of it is new and somebody's, each with its digest. Writes nothing."""
    report, rows = Report(), []
    oldest = today() - timedelta(days=source.fresh_days)
    for row in read_rows(name, content, columns, today()):
        report.rows += 1
        if isinstance(row, Problem):
            report.problems.append(row)
        elif source.says == Says.ALIVE and row.on < oldest:
            report.stale += 1
        else:
            rows.append(row)
    if not report.rows:
        report.problems.append(Problem(1, "", "registry.file_empty"))
    matches = list(Roll(source.area.prefix).match(rows))
    report.nobody = len(rows) - len(matches)
    report.exact = sum(match.exact for match in matches)
    report.probable = len(matches) - report.exact
    kept = [match for match in matches if source.says in HINTS or match.exact]
    new = {_digest(source, match.row): match for match in kept}
    digests = list(new)
    for start in range(0, len(digests), _AT_ONCE):
        known = Sign.objects.filter(source=source, digest__in=digests[start : start + _AT_ONCE])
        for digest in known.values_list("digest", flat=True):
            del new[bytes(digest)]
    report.known = len(kept) - len(new)
    return report, [(match, digest) for digest, match in new.items()]


def _digest(source: Source, row: SignRow) -> bytes:
    return record_digest(source.code, row.number, row.name, row.sex, row.birth_date, row.area, row.on)


def _write(file: SignFile, report: Report, signs: list[tuple[Match, bytes]], actor: Actor) -> None:
    source, roll = file.source, Roll(file.source.area.prefix)
    for start in range(0, len(signs), _AT_ONCE):
        chunk = signs[start : start + _AT_ONCE]
        keys = roll.keys(match.person for match, _ in chunk) if source.says in HINTS else {}
        Sign.objects.bulk_create(
            [
                Sign(
                    source=source,
                    file=file,
                    person_id=match.person,
                    says=source.says,
                    on=match.row.on,
                    expires=match.row.on + timedelta(days=source.fresh_days),
                    exact=match.exact,
                    agreement=match.levels,
                    bits=match.bits,
                    digest=digest,
                    details=_details(match.row, keys[match.person]) if source.says != Says.ALIVE else None,
                )
                for match, digest in chunk
            ]
        )
    record(
        "matching.file_imported",
        actor,
        area=source.area_id,
        source=source.code,
        sha256=file.sha256,
        rows=report.rows,
        exact=report.exact,
        probable=report.probable,
        new=len(signs),
    )


def _details(row: SignRow, owner: uuid.UUID) -> bytes:
    born = row.birth_date.isoformat() if row.birth_date else ""
    return seal_details(owner, Details(row.name, row.sex, born, row.area, row.number[-4:]))


def _before(source: Source, digest: str) -> bool:
    return SignFile.objects.filter(source=source, sha256=digest, state=_State.IMPORTED).exists()


def _told(report: Report, before: bool) -> dict:
    """The report as JSON values; of problems as many as a page shows, with their number."""
    return {
        "before": before,
        **{name: getattr(report, name) for name in ("rows", "exact", "probable", "nobody", "stale", "known")},
        "problem_count": len(report.problems),
        "problems": [_row(each) for each in report.problems[:_SHOWN]],
    }


def _packed(problems: list[Problem]) -> bytes:
    return zlib.compress(json.dumps([_row(each) for each in problems]).encode())


def _row(problem: Problem) -> dict:
    values = _plain(problem.values)
    return {"row": problem.row, "column": problem.column, "code": problem.code, "values": values}


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}
