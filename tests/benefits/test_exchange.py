"""Order files to the payer, acknowledgements back, rejected orders corrected and sent again."""

import csv
import hashlib
import io
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from jianzai.audit.services import Actor
from jianzai.benefits import services
from jianzai.benefits.cli import orders as orders_command
from jianzai.benefits.cli import sweep as sweep_command
from jianzai.benefits.errors import BadCorrection, MonthClosed, NotAllowed, OrderNotRejected, OrderOvertaken
from jianzai.benefits.models import Order, OrderFile, Pause
from jianzai.benefits.queries import may_exchange, paid_twice_fen, rejected_orders
from jianzai.benefits.services.exchange import _parse
from jianzai.sentences import sentences
from tests.people import OTHER_DISTRICT, make_staff

from . import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def swept(overdue, supervisor, second):
    office.confirm(office.propose(supervisor), second)
    return overdue


def export() -> OrderFile | None:
    return services.export_orders(Actor.SYSTEM)


def rows(file: OrderFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content)))


def correct(order: Order, staff, **changes) -> Order:
    return services.correct_order(order, changes, staff, Actor.staff(staff))


class TestExport:
    def test_one_file_of_orders_totals_and_checksum(self, swept, on_day):
        on_day(date(2026, 11, 5))
        office.certified(swept[0])
        file = export()
        assert (file.sequence, file.orders, file.total_fen) == (1, 5, 300_000)
        *orders, total, checksum = rows(file)
        assert [row["order_sequence"] for row in orders] == ["1", "2", "3", "4", "5"]
        first, last = orders[0], orders[-1]
        assert (first["record"], first["kind"], first["effective_month"]) == ("order", "pause", "2026-10")
        assert (first["personal_number"], first["name"]) == (swept[0].personal_number, swept[0].name)
        assert (last["kind"], last["arrears_fen"], last["instalments"]) == ("resume", "300000", "1")
        assert (total["record"], total["order_sequence"]) == ("total", "5")
        assert (total["monthly_fen"], total["arrears_fen"]) == (str(5 * 300_000), "300000")
        body, _, last_line = file.content.removesuffix("\r\n").rpartition("\r\n")
        assert hashlib.sha256(f"{body}\r\n".encode()).hexdigest() == checksum["order_sequence"] == file.sha256
        assert last_line.startswith("checksum,1,")

    def test_each_order_once_and_numbers_without_a_gap(self, swept, on_day):
        assert (export().sequence, export()) == (1, None)
        for number, person in enumerate(swept, start=2):
            office.certified(person)
            assert (export().sequence, export()) == (number, None)
        assert list(Order.objects.values_list("sequence", flat=True)) == list(range(1, 9))

    def test_a_failed_act_takes_no_number(self, swept, supervisor):
        def broken(**_):
            raise RuntimeError

        from jianzai.benefits.signals import resumed

        resumed.connect(broken)
        with pytest.raises(RuntimeError):
            office.certified(swept[0])
        resumed.disconnect(broken)
        office.certified(swept[1])
        assert Order.objects.last().sequence == 5

    def test_the_folder_gets_every_file_that_waits(self, swept, tmp_path):
        run = CliRunner().invoke(orders_command, ["export", "--out", str(tmp_path)])
        assert run.exit_code == 0, run.output
        path = tmp_path / "orders-000001.csv"
        content = path.read_bytes()
        path.unlink()  # as if the process had died before it wrote
        run = CliRunner().invoke(orders_command, ["export", "--out", str(tmp_path)])
        assert "no order is waiting" in run.output
        assert path.read_bytes() == content

    def test_only_staff_of_every_area_handle_files(self, overdue, supervisor):
        assert may_exchange(supervisor)
        assert not may_exchange(make_staff("supervisor", area=OTHER_DISTRICT))
        assert not may_exchange(make_staff("auditor"))


class TestAcknowledgement:
    def test_accepted_and_rejected_and_again_unchanged(self, swept):
        file = export()
        answer = [(1, "accepted", ""), (2, "REJECTED", "account closed"), (3, "accepted", "")]
        report = office.acknowledge(*answer)
        assert (report.accepted, report.rejected, report.unchanged, report.problems) == (2, 1, 0, ())
        file.refresh_from_db()
        assert file.acknowledged is None
        assert [(order.sequence, order.rejection) for order in rejected_orders()] == [(2, "account closed")]
        report = office.acknowledge(*answer)
        assert (report.accepted, report.rejected, report.unchanged) == (0, 0, 3)
        office.acknowledge((4, "accepted", ""))
        file.refresh_from_db()
        assert file.acknowledged
        assert office.audited("benefits.orders_acknowledged") == 2

    def test_a_bad_file_is_refused_whole_and_names_every_bad_row(self, swept):
        export()
        office.acknowledge((1, "accepted", ""))
        office.certified(swept[0])  # order 5, not exported
        report = office.acknowledge(
            (2, "accepted", ""),
            (99, "accepted", ""),
            (5, "accepted", ""),
            (3, "perhaps", ""),
            (3, "rejected", ""),
            ("3x", "accepted", ""),
            (2, "rejected", "so"),
            (1, "rejected", "no such person"),
            (4, "accepted", "but why"),
            (4, "accepted", "", "one too many"),
            (4, "rejected", "x" * 301),
        )
        assert [(each.row, each.code) for each in report.problems] == [
            (3, "sequence_unknown"),
            (4, "sequence_unknown"),
            (5, "result_wrong"),
            (6, "reason_wrong"),
            (7, "sequence_wrong"),
            (8, "sequence_twice"),
            (9, "result_contradicts"),
            (10, "reason_wrong"),
            (11, "cells_wrong"),
            (12, "reason_too_long"),
        ]
        assert not Order.objects.filter(sequence=2).exclude(state="exported").exists()
        for each in report.problems:
            assert sentences()[f"benefits.{each.code}"]["zh"].format(**each.values)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "column_missing"),
            (b"order_sequence,result\r\n1,accepted\r\n", "column_missing"),
            (b"order_sequence,result,reason\r\n", "file_empty"),
            (b"\x81\xff\x00\xfe" * 9, "file_unreadable"),
            (b'order_sequence,result,reason\r\n1,"accepted', "file_unreadable"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "column_missing"),
            (b"x" * (33 * 2**20), "file_too_large"),
        ],
        ids=["empty", "column", "no rows", "bytes", "open quote", "picture", "huge"],
    )
    def test_what_is_no_acknowledgement(self, db, content, code):
        report = services.read_acknowledgement(content, Actor.SYSTEM)
        assert {each.code for each in report.problems} >= {code}

    def test_other_column_order_and_chinese_encoding(self, swept):
        export()
        content = "reason,order_sequence,result\n账户已注销,1,rejected\n".encode("gb18030")
        assert services.read_acknowledgement(content, Actor.SYSTEM).rejected == 1
        assert Order.objects.get(sequence=1).rejection == "账户已注销"

    @given(
        st.binary(max_size=200)
        | st.text(max_size=200).map(lambda text: f"order_sequence,result,reason\n{text}".encode())
    )
    @settings(max_examples=300, deadline=None)
    def test_any_bytes_are_read_or_refused(self, content):
        rows, problems = _parse(content)
        assert rows or problems

    def test_the_command_refuses_with_exit_code_1(self, swept, tmp_path):
        export()
        path = tmp_path / "answer.csv"
        path.write_text("order_sequence,result,reason\n1,accepted,\n77,accepted,\n")
        run = CliRunner().invoke(orders_command, ["acknowledge", str(path)])
        assert run.exit_code == 1
        assert "row 3, order_sequence: Order 77 was never exported" in run.output
        path.write_text("order_sequence,result,reason\n1,rejected,no account\n")
        run = CliRunner().invoke(orders_command, ["acknowledge", str(path)])
        assert run.output == "0 accepted, 1 rejected, 0 known already\n"
        run = CliRunner().invoke(orders_command, ["list"])
        assert run.output.startswith("1\tpause\t")
        assert run.output.endswith("\tno account\n")


class TestCorrection:
    def reject(self, *sequences: int) -> list[Order]:
        export()
        office.acknowledge(*((sequence, "rejected", "payroll closed") for sequence in sequences))
        return list(Order.objects.filter(sequence__in=sequences))

    def test_a_pause_is_sent_again_for_a_month_still_open(self, swept, supervisor, on_day):
        (order,) = self.reject(1)
        on_day(date(2026, 10, 15))
        again = correct(order, supervisor)
        assert (again.sequence, again.effective_month, again.replaces) == (5, "2026-11", order)
        order.refresh_from_db()
        assert order.state == "corrected"
        assert correct(order, supervisor) == again
        assert not rejected_orders().exists()
        assert rows(export())[0]["replaces"] == "1"
        on_day(date(2026, 12, 1))
        office.certified(swept[0])
        assert office.orders(swept[0])[-1] == ("resume", "2026-12", 300_000)

    def test_a_resumption_later_means_more_arrears(self, swept, supervisor, on_day):
        on_day(date(2026, 11, 5))
        office.certified(swept[0])
        (order,) = self.reject(5)
        on_day(date(2026, 12, 12))
        again = correct(order, supervisor, effective_month="2027-01")
        assert (again.effective_month, again.arrears_fen) == ("2027-01", 900_000)
        pause = Pause.objects.get(person=swept[0])
        assert (pause.resumed_month, pause.arrears_fen) == ("2027-01", 900_000)

    def test_whom_the_payer_never_stopped_is_owed_nothing(self, swept, supervisor, on_day):
        (order,) = self.reject(1)
        on_day(date(2026, 12, 1))
        office.certified(swept[0])
        resumed = Order.objects.get(sequence=5)
        assert (resumed.kind, resumed.arrears_fen, resumed.replaces) == ("resume", 0, order)
        (resumed,) = self.reject(5)
        assert correct(resumed, supervisor).arrears_fen == 0
        with pytest.raises(OrderNotRejected):
            correct(Order.objects.get(sequence=2), supervisor)

    def test_a_rejection_that_comes_after_the_resumption_is_not_sent_again(self, swept, supervisor, on_day):
        export()
        on_day(date(2026, 12, 1))
        office.certified(swept[0])
        office.acknowledge((1, "rejected", "late"))
        with pytest.raises(OrderOvertaken):
            correct(Order.objects.get(sequence=1), supervisor)
        (resumed,) = self.reject(5)
        assert correct(resumed, supervisor).arrears_fen == 0

    def test_a_rejection_known_before_the_resumption_goes_out_takes_the_arrears_from_it(self, swept, on_day):
        export()
        on_day(date(2026, 12, 5))
        office.certified(swept[0])
        office.acknowledge((1, "rejected", "no such account"))
        assert office.orders(swept[0])[-1] == ("resume", "2026-12", 600_000)  # still here
        order, total, _ = rows(export())
        assert (order["kind"], order["arrears_fen"], order["replaces"]) == ("resume", "0", "1")
        assert total["arrears_fen"] == "0"
        assert office.state(swept[0]) == ("resumed", "paying")
        assert not rejected_orders().exists()
        assert Pause.objects.get(person=swept[0]).arrears_fen == 0

    def test_a_corrected_resumption_goes_on_replacing_what_it_replaced(self, swept, supervisor, on_day):
        export()
        on_day(date(2026, 11, 5))
        office.certified(swept[0])
        (refused,) = self.reject(5)
        again = correct(refused, supervisor)
        office.acknowledge((1, "rejected", "no such account"))
        order, *_ = rows(export())
        assert (order["order_sequence"], order["arrears_fen"], order["replaces"]) == ("6", "0", "5")
        assert correct(refused, supervisor) == again

    def test_arrears_that_are_out_already_are_told(self, swept, on_day):
        export()
        on_day(date(2026, 12, 5))
        office.certified(swept[0])
        export()
        office.acknowledge((1, "rejected", "no such account"))
        assert paid_twice_fen(Order.objects.get(sequence=1)) == 600_000
        assert [paid_twice_fen(order) for order in Order.objects.exclude(sequence=1)] == [0] * 4

    def test_only_the_month_changes_and_never_to_a_closed_one(self, swept, supervisor, on_day):
        (order,) = self.reject(1)
        with pytest.raises(BadCorrection):
            correct(order, supervisor, arrears_fen=1)
        with pytest.raises(BadCorrection):
            correct(order, supervisor, effective_month="soon")
        on_day(date(2026, 11, 11))
        with pytest.raises(MonthClosed):
            correct(order, supervisor, effective_month="2026-11")
        with pytest.raises(NotAllowed):
            correct(order, make_staff("clerk"))
        assert correct(order, supervisor, effective_month="2026-12").effective_month == "2026-12"


def test_the_sweep_command(overdue):
    run = CliRunner().invoke(sweep_command, ["--dry-run", "--as-of", "2026-10-05", "--cap", "3"])
    assert run.exit_code == 0, run.output
    assert "4 overdue, 3 to be paused (9,000.00 yuan a month)" in run.output
    assert "left out 1: Beyond the number" in run.output
    run = CliRunner().invoke(sweep_command, ["--as-of", "2026-10-05"])
    assert "4 paused, 0 dropped" in run.output
    assert CliRunner().invoke(sweep_command).output == "nobody to pause\n"
    assert CliRunner().invoke(sweep_command, ["--area", "999"]).exit_code == 2
