"""Importing a roster 退休人员名册: the whole file or nothing of it.

The personal number identifies a person. A row adds somebody or brings somebody up to date; people who are
not in the file stay as they are. A dry run reads the file in the same way and says what would happen.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from jianzai.audit.services import Actor, record
from jianzai.clock import today
from jianzai.registry.errors import Refused
from jianzai.registry.models import Area, Beneficiary, RosterFile, Staff
from jianzai.registry.people import COLUMNS as KEPT_COLUMNS
from jianzai.registry.people import Particulars, identity_lookup
from jianzai.registry.roster_rows import COLUMNS, Problem, Row, read_header
from jianzai.registry.signals import replaced
from jianzai.registry.tables import read_table
from jianzai.sentences import say

_LOCK = 0x6A7A726F  # "jzro": one import at a time, so that what was checked still holds when it is written
_CHUNK = 2000
_OPTIONAL = {"phone", "address", "employer", "retired_on"}
_WRITTEN = [
    *KEPT_COLUMNS,
    "pinyin",
    "identity_sealed",
    "identity_lookup",
]


@dataclass(slots=True)
class RosterReport:
    """What a file holds, and what importing it did (or, after a dry run, would do).

    rows: people in the file. added + changed + unchanged make up the rows without problems.
    problems: every reason to refuse; with one of them nothing is written. imported_before: when the same
    file was imported, which then changes nothing. written: whether it was imported now.
    """

    sha256: str
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    imported_before: datetime | None = None
    written: bool = False

    def note(self, problems: list[Problem]) -> None:
        for problem in problems:
            (self.warnings if problem.warning else self.problems).append(problem)


def import_roster(
    name: str,
    content: bytes,
    staff: Staff | None,
    *,
    dry_run: bool,
    expected: str | None = None,
    actor: Actor | None = None,
) -> RosterReport:
    """Import a CSV or XLSX file, or only say what importing it would do.

    staff: who imports; rows outside their area are problems. None is the command line, for all areas.
    expected: the ``sha256`` of the dry run that was looked at. Raises Refused for another file, and for a
    file that cannot be read at all; bad rows are reported instead.
    """
    report = RosterReport(hashlib.sha256(content).hexdigest())
    if expected is not None and expected != report.sha256:
        raise Refused("file_not_the_one_checked", file=name)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        actor = actor or (Actor.staff(staff) if staff else Actor.SYSTEM)
        prefix = staff.area.prefix if staff else ""
        people, leave = _read(name, content, prefix, report)
        if earlier := RosterFile.objects.filter(sha256=report.sha256).first():
            report.imported_before = earlier.imported
            report.added, report.changed, report.unchanged = 0, 0, report.rows
            return report
        # A dry run writes too and takes it back, so that what it says is what the import will meet.
        writes = not report.problems
        others: list[Beneficiary] = []
        for people_to_write in _compare(people, leave, prefix, report, others):
            if writes:
                _write(people_to_write)
        if writes:
            for person in others:
                replaced.send(Beneficiary, person=person, actor=actor)
        if report.problems or dry_run:
            transaction.set_rollback(True)
            return report
        RosterFile.objects.create(
            sha256=report.sha256,
            name=name[:255],
            imported_by=staff,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
        )
        record(
            "registry.roster_imported",
            actor,
            area=staff.area_id if staff else "",
            sha256=report.sha256,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
        )
        report.written = True
    return report


def problem_table(problems: Iterable[Problem]) -> str:
    """Problems and warnings as CSV by row, in the reader's language: row, column, which of the two, why."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([say(f"registry.table_{heading}") for heading in ("row", "column", "kind", "what")])
    kinds = {
        warning: say(f"registry.table_{'warning' if warning else 'problem'}") for warning in (False, True)
    }
    for problem in sorted(problems, key=lambda problem: problem.row):
        writer.writerow([problem.row, problem.column, kinds[problem.warning], str(problem)])
    return file.getvalue()


def example() -> str:
    """A roster as CSV with every column and two invented people of the demo's areas."""
    rows = [
        {
            "personal_number": "4301020001",
            "name": "张三丰",
            "identity_number": "430102195203074511",
            "area_code": "430102001",
            "monthly_pension": "3218.50",
            "identity_kind": "居民身份证",
            "sex": "男",
            "birth_date": "1952-03-07",
            "phone": "0731-88880001",
            "address": "长沙市芙蓉区文艺路1号",
            "employer": "长沙某机械厂",
            "retired_on": "2012-03-31",
        },
        {
            "personal_number": "4301040002",
            "name": "阿依古丽·买买提",
            "identity_number": "430104195711206122",
            "area_code": "430104002",
            "monthly_pension": "2980",
        },
    ]
    file = io.StringIO()
    writer = csv.DictWriter(file, [column.key for column in COLUMNS], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _read(
    name: str, content: bytes, prefix: str, report: RosterReport
) -> tuple[dict[int, Particulars], set[str]]:
    """The particulars by row number, and the columns the file leaves out; problems go into the report."""
    table = read_table(name, content)
    keys, problems = read_header(next(table, (1, []))[1])
    report.note(problems)
    if report.problems:
        return {}, set()
    areas = set(Area.objects.values_list("code", flat=True))
    day = today()
    people: dict[int, Particulars] = {}
    seen: dict[tuple[str, str], int] = {}
    for number, cells in table:
        report.rows += 1
        row = Row(number, keys, cells, day)
        particulars = row.particulars(areas, prefix)
        report.note(row.problems)
        if particulars is None:
            continue
        twice = [
            Problem(number, column, f"registry.{column}_twice", {"row": seen[key]})
            for column, key in (
                ("personal_number", ("", particulars.personal_number)),
                ("identity_number", (particulars.identity_kind, particulars.identity_number)),
            )
            if seen.setdefault(key, number) != number
        ]
        report.note(twice)
        people[number] = particulars
    if not report.rows:
        report.note([Problem(1, "", "registry.file_empty")])
    return people, _OPTIONAL - set(keys)


def _compare(
    people: dict[int, Particulars],
    leave: set[str],
    prefix: str,
    report: RosterReport,
    others: list[Beneficiary],
) -> Iterator[list[Beneficiary]]:
    """Who is new or differs, as the file wants them, in chunks of rows; counts go into the report.

    ``others`` takes those who are somebody else from now on: another name and another document.
    """
    rows = iter(people.items())
    while chunk := list(islice(rows, _CHUNK)):
        new: list[Beneficiary] = []
        changed: list[Beneficiary] = []
        known = Beneficiary.objects.in_bulk(
            [particulars.personal_number for _, particulars in chunk], field_name="personal_number"
        )
        lookups = {number: identity_lookup(particulars.identity_number) for number, particulars in chunk}
        owners = {
            (kind, bytes(lookup)): personal_number
            for kind, lookup, personal_number in Beneficiary.objects.filter(
                identity_lookup__in=list(lookups.values())
            ).values_list("identity_kind", "identity_lookup", "personal_number")
        }
        for number, particulars in chunk:
            owner = owners.get((particulars.identity_kind, lookups[number]))
            if owner not in (None, particulars.personal_number):
                report.note([Problem(number, "identity_number", "registry.identity_taken")])
                continue
            person = known.get(particulars.personal_number)
            if person is None:
                person = Beneficiary()
                particulars.apply(person)
                new.append(person)
            elif not person.area_id.startswith(prefix):
                report.note([Problem(number, "personal_number", "registry.person_foreign")])
            elif _is_another(person, particulars, lookups[number]):
                report.note([Problem(number, "personal_number", "registry.person_replaced", warning=True)])
                particulars.apply(person, leave)
                changed.append(person)
                others.append(person)
            elif particulars.apply(person, leave):
                changed.append(person)
            else:
                report.unchanged += 1
        report.added += len(new)
        report.changed += len(changed)
        yield new + changed


def _is_another(person: Beneficiary, particulars: Particulars, lookup: bytes) -> bool:
    return person.name != particulars.name and bytes(person.identity_lookup) != lookup


def _write(people: list[Beneficiary]) -> None:
    """Add the new and bring the known up to date: an insert that meets its personal number becomes an update.

    The rows go through COPY: an INSERT of them costs more in its placeholders than in its rows.
    """
    now = timezone.now()
    fields = [field for field in Beneficiary._meta.concrete_fields if not field.primary_key]
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in fields)
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(column))
        for column in _WRITTEN
        # Written again, it would lock out whatever refers to the person until the import ends.
        if column != "personal_number"
    )

    def statement(text: str) -> sql.Composed:
        return sql.SQL(text).format(columns=columns, changes=changes)

    with connection.cursor() as cursor:
        cursor.execute(
            statement(
                "CREATE TEMPORARY TABLE roster_rows AS SELECT {columns} FROM registry_beneficiary LIMIT 0"
            )
        )
        with cursor.copy(statement("COPY roster_rows ({columns}) FROM STDIN")) as copy:
            for person in people:
                person.created = person.created or now
                copy.write_row([_plain(getattr(person, field.attname)) for field in fields])
        cursor.execute(
            statement(
                "INSERT INTO registry_beneficiary ({columns}) SELECT {columns} FROM roster_rows "
                "ON CONFLICT (personal_number) DO UPDATE SET {changes}"
            )
        )
        cursor.execute("DROP TABLE roster_rows")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value  # choices are texts to the database
