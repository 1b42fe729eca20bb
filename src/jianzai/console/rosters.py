"""Roster files on their way 名册: received and kept sealed, read, looked at, imported.

Reading and importing a city's roster takes minutes, so the worker does both, each in one transaction with
what is kept of it: a process that dies in the middle has done nothing, and the next one does it whole.
"""

from __future__ import annotations

import json
import uuid
import zlib

from django.db import OperationalError, transaction

from jianzai.audit.services import Actor
from jianzai.registry.errors import Refused
from jianzai.registry.models import Staff
from jianzai.registry.roster import RosterReport, import_roster, problem_table
from jianzai.registry.roster_rows import Problem
from jianzai.sentences import say
from jianzai.vault import vault
from jianzai.worker import hand_over

from .models import ROSTER, RosterUpload

_State = RosterUpload.State
WAITING = (_State.READING, _State.IMPORTING)
"""What the worker has to do something for."""

_SHOWN = 300
_COUNTS = ("rows", "added", "changed", "unchanged")
_TASK = "jianzai.console.tasks.carry_out_roster"


@transaction.atomic
def receive(name: str, content: bytes, staff: Staff) -> RosterUpload:
    """Keep a file that ``staff`` brought; the worker reads it."""
    key = uuid.uuid4()
    upload = RosterUpload.objects.create(
        id=key,
        staff=staff,
        name=name[:255],
        content=vault().seal(content, owner=str(key), purpose=ROSTER),
    )
    hand_over(_TASK, upload=str(key))
    return upload


@transaction.atomic
def ask_for_import(upload: RosterUpload, actor: Actor) -> None:
    """The dry run was looked at: the worker imports the file. Again, or with problems in it, nothing."""
    asked = RosterUpload.objects.select_for_update(skip_locked=True).filter(pk=upload.pk, state=_State.READ)
    upload = asked.first()
    if upload is None or not importable(upload):
        return
    upload.state, upload.address = _State.IMPORTING, actor.address
    upload.save(update_fields=["state", "address"])
    hand_over(_TASK, upload=str(upload.pk))


def importable(upload: RosterUpload) -> bool:
    """Whether the file was read and may be imported."""
    return upload.state == _State.READ and not (upload.report["problem_count"] or upload.report["before"])


def carry_out(key: uuid.UUID | str) -> None:
    """Do what an upload waits for: its dry run, or its import. What another process works on is left to it.

    A fault of ours closes the file, instead of being met again every minute, and is raised.
    """
    try:
        with transaction.atomic():
            uploads = RosterUpload.objects.select_for_update(skip_locked=True, of=("self",))
            waiting = uploads.select_related("staff__area", "staff__user").filter(pk=key, state__in=WAITING)
            if upload := waiting.first():
                _read_or_import(upload)
    except OperationalError:  # the database is not there: once more, when it is
        raise
    except Exception:
        RosterUpload.objects.filter(pk=key, state__in=WAITING).update(
            state=_State.REFUSED, refusal={"code": "console.roster_fault", "values": {}}, content=b""
        )
        raise


def finish_rosters() -> None:
    """Carry on with every file that a process left in the middle."""
    for key in RosterUpload.objects.filter(state__in=WAITING).order_by("made").values_list("pk", flat=True):
        carry_out(key)


def sentences(rows: list[dict]) -> list[tuple[int, str, str]]:
    """The problems or warnings of a report for people: row, column, what is wrong with it."""
    return [(row["row"], row["column"], say(row["code"], **row["values"])) for row in rows]


def table(upload: RosterUpload) -> str:
    """Every problem and warning of the file as CSV, in the reader's language."""
    rows = json.loads(zlib.decompress(upload.table)) if upload.table else []
    return problem_table(Problem(**row) for row in rows)


def _read_or_import(upload: RosterUpload) -> None:
    reading = upload.state == _State.READING
    try:
        report = import_roster(
            upload.name,
            vault().open(upload.content, owner=str(upload.pk), purpose=ROSTER),
            upload.staff,
            dry_run=reading,
            expected=None if reading else upload.report["sha256"],
            actor=Actor.staff(upload.staff, upload.address),
        )
    except Refused as refused:
        upload.state, upload.content = _State.REFUSED, b""
        upload.refusal = {"code": refused.code, "values": _plain_values(refused.values)}
    else:
        upload.report = _plain(report)
        upload.table = _packed([*report.problems, *report.warnings])
        if reading or report.problems:  # what stands in the way of the import now came after the dry run
            upload.state = _State.READ
        else:
            upload.state, upload.content = _State.IMPORTED, b""
    upload.save()


def _plain(report: RosterReport) -> dict:
    """The report as JSON values; of problems and warnings as many as a page shows, with their number."""
    return {
        "sha256": report.sha256,
        "before": report.imported_before is not None,
        **{name: getattr(report, name) for name in _COUNTS},
        "problem_count": len(report.problems),
        "warning_count": len(report.warnings),
        "problems": [_row(each) for each in report.problems[:_SHOWN]],
        "warnings": [_row(each) for each in report.warnings[:_SHOWN]],
    }


def _packed(problems: list[Problem]) -> bytes:
    """All of them, small: a city's roster in another unit is 300,000 times the same sentence."""
    rows = [_row(each) | {"warning": each.warning} for each in problems]
    return zlib.compress(json.dumps(rows).encode())


def _row(problem: Problem) -> dict:
    return {
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "values": _plain_values(problem.values),
    }


def _plain_values(values: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}
