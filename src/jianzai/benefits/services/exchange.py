"""What goes to the payer and comes back: order files, and the acknowledgement of each order.

An order file is CSV (RFC 4180, UTF-8, CRLF) with a row an order between a header row and two rows that
guard it:

    record,file_sequence,order_sequence,kind,personal_number,name,effective_month,
        monthly_fen,arrears_fen,instalments,overpaid_fen,replaces
    order,12,345,pause,430102000017,张丰,2026-11,312050,0,1,0,
    total,12,1,,,,,312050,0,,0,
    checksum,12,<sha256 of every byte before this line, in hex>

``order_sequence`` goes on from the file before without a gap, so a lost file or row shows. ``total`` counts
the orders and sums the columns of fen. An acknowledgement is CSV with the columns ``order_sequence,result,
reason``; result is ``accepted`` or ``rejected``, and a rejection says why.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from jianzai.audit.services import Actor, record
from jianzai.entitlement import Month

from .. import ledger
from ..models import Death, Order, OrderFile, Pause
from .common import lock_benefit, lock_obligations, next_number
from .orders import latest_order

FILE_COUNTER = "order_file"
COLUMNS = (
    "record",
    "file_sequence",
    "order_sequence",
    "kind",
    "personal_number",
    "name",
    "effective_month",
    "monthly_fen",
    "arrears_fen",
    "instalments",
    "overpaid_fen",
    "replaces",
)
_SUMS = ("monthly_fen", "arrears_fen", "overpaid_fen")
_ACKNOWLEDGEMENT_COLUMNS = ("order_sequence", "result", "reason")
_RESULTS = {"accepted": Order.State.ACCEPTED, "rejected": Order.State.REJECTED}
_LARGEST = 32 * 1024 * 1024
_LONGEST_REASON = Order._meta.get_field("rejection").max_length


def export_orders(actor: Actor) -> OrderFile | None:
    """Put every queued order into the next file; None when there is none.

    First takes the arrears out of orders still waiting here where the payer said that it never stopped.
    """
    overtaken = Pause.objects.filter(
        Exists(Order.objects.filter(pause=OuterRef("pk"), kind=Order.Kind.PAUSE, state=Order.State.REJECTED)),
        Exists(
            Order.objects.filter(
                pause=OuterRef("pk"),
                kind__in=(Order.Kind.RESUME, Order.Kind.ARREARS, Order.Kind.END),
                state=Order.State.QUEUED,
            )
        ),
    )
    for pause in overtaken.select_related("person"):
        _settle_never_stopped(pause, actor)
    return _export(actor)


@transaction.atomic
def _settle_never_stopped(pause: Pause, actor: Actor) -> None:
    """The waiting resumption of ``pause`` orders no arrears and settles the order that the payer rejected.

    Nor does a waiting order that makes the pause good, or that pays an estate what it withheld: nothing was.
    """
    lock_obligations(pause.person)
    lock_benefit(pause.person)
    pause = Pause.objects.select_for_update().get(pk=pause.pk)
    refused, *waiting = (
        latest_order(pause, kind)
        for kind in (Order.Kind.PAUSE, Order.Kind.RESUME, Order.Kind.ARREARS, Order.Kind.END)
    )
    if refused.state != Order.State.REJECTED:
        return
    resumed, arrears, ended = (
        each if each and each.state == Order.State.QUEUED else None for each in waiting
    )
    if ended:
        _settle_death(pause, ended)
    for order in (arrears, ended):
        if order and order.arrears_fen:
            order.arrears_fen, order.instalments = 0, 1
            order.save(update_fields=["arrears_fen", "instalments"])
            record(
                "benefits.never_stopped",
                actor,
                person=pause.person,
                order=order.sequence,
                refused=refused.sequence,
            )
    if resumed is None:
        return
    pause.resumed_month = pause.granted_from = pause.effective_month
    pause.arrears_fen = 0
    pause.save(update_fields=["resumed_month", "granted_from", "arrears_fen"])
    resumed.effective_month, resumed.arrears_fen, resumed.instalments = pause.effective_month, 0, 1
    if resumed.replaces is None:
        resumed.replaces = refused
        refused.state = Order.State.CORRECTED
        refused.save(update_fields=["state"])
    resumed.save(update_fields=["effective_month", "arrears_fen", "instalments", "replaces"])
    record(
        "benefits.never_stopped", actor, person=pause.person, order=resumed.sequence, refused=refused.sequence
    )


def _settle_death(pause: Pause, estate: Order) -> None:
    """The payer paid until the death's own order: what it paid too much is counted again, and told with
    ``estate``, which waits, as far as that order did not tell it.
    """
    death = Death.objects.select_for_update(of=("self",)).filter(person=pause.person, withdrawn__isnull=True)
    told = pause.person.orders.filter(kind=Order.Kind.END, pause__isnull=True, replaced_by__isnull=True)
    if (death := death.first()) is None or (told := told.order_by("sequence").last()) is None:
        return
    overpaid = ledger.overpaid(pause.person, death.died_on, Month.parse(told.effective_month))
    death.ended_month = estate.effective_month = told.effective_month
    death.overpaid_months, death.overpaid_fen = len(overpaid.months), overpaid.total_fen
    death.save(update_fields=["ended_month", "overpaid_months", "overpaid_fen"])
    estate.overpaid_fen = max(0, overpaid.total_fen - told.overpaid_fen)
    estate.save(update_fields=["effective_month", "overpaid_fen"])
    pause.arrears_fen = 0
    pause.save(update_fields=["arrears_fen"])


@transaction.atomic
def _export(actor: Actor) -> OrderFile | None:
    """The file stays in the database, to be written out again after a crash: an order is in one file."""
    sequence = next_number(FILE_COUNTER)  # also keeps a second export waiting
    orders = list(
        Order.objects.select_for_update(of=("self",))
        .filter(state=Order.State.QUEUED)
        .select_related("person", "replaces")
        .order_by("sequence")
    )
    if not orders:
        transaction.set_rollback(True)  # gives the number back
        return None
    body = _body(sequence, orders)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    file = OrderFile.objects.create(
        sequence=sequence,
        orders=len(orders),
        total_fen=sum(order.arrears_fen for order in orders),
        sha256=sha256,
        content=body + _line("checksum", sequence, sha256),
    )
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(state=Order.State.EXPORTED, file=file)
    record(
        "benefits.orders_exported",
        actor,
        file=sequence,
        first=orders[0].sequence,
        last=orders[-1].sequence,
        sha256=sha256,
    )
    return file


def _body(sequence: int, orders: list[Order]) -> str:
    lines = [_line(*COLUMNS)]
    for order in orders:
        lines.append(
            _line(
                "order",
                sequence,
                order.sequence,
                order.kind,
                order.person.personal_number,
                order.person.name,
                order.effective_month,
                order.monthly_fen,
                order.arrears_fen,
                order.instalments,
                order.overpaid_fen,
                order.replaces.sequence if order.replaces else "",
            )
        )
    sums = {column: sum(getattr(order, column) for order in orders) for column in _SUMS}
    values = {"record": "total", "file_sequence": sequence, "order_sequence": len(orders), **sums}
    lines.append(_line(*(values.get(column, "") for column in COLUMNS)))
    return "".join(lines)


def _line(*values: object) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row of a file (the header is row 1), as a sentence ``benefits.<code>``."""

    row: int
    column: str
    code: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AcknowledgementReport:
    """What an acknowledgement did. With problems nothing was written; every bad row is named."""

    accepted: int = 0
    rejected: int = 0
    unchanged: int = 0  # said the same before
    problems: tuple[Problem, ...] = ()


@transaction.atomic
def read_acknowledgement(content: bytes, actor: Actor) -> AcknowledgementReport:
    """Take over what the payer says of exported orders: the whole file, or nothing when a row is wrong.

    ``content`` is UTF-8 or GB 18030. The same file again changes nothing.
    """
    rows, problems = _parse(content)
    sequences = [row.sequence for row in rows]
    orders = {
        order.sequence: order
        for order in Order.objects.select_for_update().filter(sequence__in=sequences).order_by("id")
    }
    problems += [problem for row in rows for problem in _against(row, orders.get(row.sequence))]
    if problems:
        return AcknowledgementReport(problems=tuple(sorted(problems, key=lambda problem: problem.row)))
    changed = [
        (row, orders[row.sequence]) for row in rows if orders[row.sequence].state == Order.State.EXPORTED
    ]
    for row, order in changed:
        order.state, order.rejection = row.state, row.reason
    Order.objects.bulk_update((order for _, order in changed), ["state", "rejection"], batch_size=2000)
    waiting = Order.objects.filter(state=Order.State.EXPORTED).values("file")
    answered = OrderFile.objects.filter(acknowledged__isnull=True).exclude(pk__in=waiting)
    answered.update(acknowledged=timezone.now())
    rejected = sum(row.state == Order.State.REJECTED for row, _ in changed)
    report = AcknowledgementReport(len(changed) - rejected, rejected, len(rows) - len(changed))
    if changed:
        record(
            "benefits.orders_acknowledged",
            actor,
            accepted=report.accepted,
            rejected=report.rejected,
            sha256=hashlib.sha256(content).hexdigest(),
        )
    return report


@dataclass(frozen=True, slots=True)
class _Row:
    row: int
    sequence: int
    state: Order.State
    reason: str


def _parse(content: bytes) -> tuple[list[_Row], list[Problem]]:
    if len(content) > _LARGEST:
        return [], [Problem(1, "", "file_too_large", {"mebibytes": _LARGEST // 2**20})]
    try:
        table = list(csv.reader(io.StringIO(_decode(content), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return [], [Problem(1, "", "file_unreadable")]
    header = [name.strip() for name in table[0]] if table else []
    if missing := [name for name in _ACKNOWLEDGEMENT_COLUMNS if name not in header]:
        return [], [Problem(1, name, "column_missing", {"column": name}) for name in missing]
    rows, problems, seen = [], [], {}
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        found = _problems(number, len(cells) - len(header), values, seen)
        problems += found
        if not found:
            sequence = int(values["order_sequence"])
            rows.append(_Row(number, sequence, _RESULTS[values["result"].lower()], values["reason"]))
            seen[sequence] = number
    if not rows and not problems:
        problems.append(Problem(1, "", "file_empty"))
    return rows, problems


def _problems(number: int, extra: int, values: dict[str, str], seen: dict[int, int]) -> list[Problem]:
    if extra:
        return [Problem(number, "", "cells_wrong")]
    text, result, reason = (values[name] for name in _ACKNOWLEDGEMENT_COLUMNS)
    problems = []
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < 2**31):
        problems.append(Problem(number, "order_sequence", "sequence_wrong", {"value": text[:40]}))
    elif (first := seen.get(int(text))) is not None:
        problems.append(Problem(number, "order_sequence", "sequence_twice", {"value": text, "first": first}))
    if result.lower() not in _RESULTS:
        problems.append(Problem(number, "result", "result_wrong", {"value": result[:40]}))
    elif (result.lower() == "rejected") != bool(reason):
        problems.append(Problem(number, "reason", "reason_wrong"))
    if len(reason) > _LONGEST_REASON or "\0" in reason:
        problems.append(Problem(number, "reason", "reason_too_long", {"longest": _LONGEST_REASON}))
    return problems


def _against(row: _Row, order: Order | None) -> list[Problem]:
    """What contradicts ``row`` in what we know of its order."""
    if order is None or order.state == Order.State.QUEUED:
        return [Problem(row.row, "order_sequence", "sequence_unknown", {"value": row.sequence})]
    known = Order.State.REJECTED if order.state == Order.State.CORRECTED else order.state
    if known != Order.State.EXPORTED and known != row.state:
        return [Problem(row.row, "result", "result_contradicts", {"value": row.sequence})]
    return []


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
