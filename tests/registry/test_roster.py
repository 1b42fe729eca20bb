"""Importing a roster: what comes of each row, the whole file or nothing of it, once."""

import io
import threading
from datetime import date, datetime

import pytest
from django.db import connection, connections
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import Workbook

from jianzai.audit.models import AuditEntry
from jianzai.operations.database import grant
from jianzai.registry import roster
from jianzai.registry.areas import DEMO_TABLE, import_areas
from jianzai.registry.models import Beneficiary, RosterFile
from jianzai.registry.queries import find_person
from jianzai.registry.services import Refused, identity_number, import_roster

from .people import area, person, resident_number, staff

BORN = date(1952, 3, 7)
HEADER = ["personal_number", "name", "identity_number", "area_code", "monthly_pension"]


def row(order: int = 451, **changes: str) -> dict[str, str]:
    return {
        "personal_number": f"P{order:04}",
        "name": "张三丰",
        "identity_number": resident_number(BORN, order),
        "area_code": "430102",
        "monthly_pension": "3218.50",
        **changes,
    }


def table(*rows: dict[str, str], header: list[str] | None = None) -> str:
    header = header or list(dict.fromkeys(key for one in rows for key in one)) or HEADER
    return "\n".join([",".join(header), *(",".join(one.get(key, "") for key in header) for one in rows)])


def load(*rows: dict[str, str], by=None, dry_run: bool = False, **options):
    return import_roster("r.csv", table(*rows).encode(), by, dry_run=dry_run, **options)


def found(report):
    return [
        (problem.row, problem.column, problem.code.removeprefix("registry.")) for problem in report.problems
    ]


def outcome(report):
    return report.added, report.changed, report.unchanged, report.written


@pytest.fixture
def district(db):
    return area()


def test_a_row_becomes_a_person(district):
    details = {
        "sex": "男",
        "birth_date": "1952年3月7日",
        "identity_kind": "居民身份证",
        "phone": "0731-88880001",
        "address": "文艺路1号",
        "employer": "机械厂",
        "retired_on": "2012/3/31",
    }
    report = load(row(**details), by=staff("supervisor"))
    assert outcome(report) == (1, 0, 0, True)
    him = Beneficiary.objects.get()
    assert (him.personal_number, him.name, him.pinyin) == ("P0451", "张三丰", "zhangsanfeng zsf")
    assert (him.sex, him.birth_date, him.retired_on) == ("M", BORN, date(2012, 3, 31))
    assert (him.area_id, him.monthly_fen) == ("430102000000", 321850)
    assert (him.phone, him.address, him.employer) == ("0731-88880001", "文艺路1号", "机械厂")
    assert identity_number(him) == resident_number(BORN, 451)
    assert find_person("张三丰", resident_number(BORN, 451)) == him
    entry = AuditEntry.objects.get(act="registry.roster_imported")
    assert entry.details == {"sha256": report.sha256, "added": 1, "changed": 0, "unchanged": 0}


def test_the_example_is_imported_as_it_is(db):
    import_areas(DEMO_TABLE.name, DEMO_TABLE.read_bytes())
    report = import_roster("example.csv", roster.example().encode("utf-8-sig"), None, dry_run=False)
    assert (outcome(report), report.warnings) == ((2, 0, 0, True), [])
    assert roster.example().splitlines()[0].split(",") == [column.key for column in roster.COLUMNS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(district, encoding):
    content = table(row(name="𠮷田㛃"), header=HEADER).replace("\n", "\r\n").encode(encoding)
    assert import_roster("r.csv", content, None, dry_run=False).added == 1
    assert Beneficiary.objects.get().name == "𠮷田㛃"


def test_chinese_headings_in_any_order(district):
    text = "姓名,身份证号,月养老金（元）,行政区划代码,个人编号\n张三丰,{},3218.5,430102000000,P1"
    content = text.format(resident_number(BORN, 451)).encode("gb18030")
    assert import_roster("r.csv", content, None, dry_run=False).added == 1


def workbook(*rows) -> bytes:
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_workbooks(district):
    header = [*HEADER, "birth_date", "retired_on"]
    content = workbook(
        header,
        [1001, "张三丰", resident_number(BORN, 451), 430102, 3218.5, datetime(1952, 3, 7), None],
        [None] * 7,
        ["1002", "李四", resident_number(BORN, 453), "430102", "2980", "19520307", date(2012, 3, 31)],
    )
    report = import_roster("r.xlsx", content, None, dry_run=False)
    assert outcome(report) == (2, 0, 0, True)
    assert Beneficiary.objects.get(personal_number="1001").monthly_fen == 321850


def test_a_row_with_more_cells_than_headings_is_a_problem(district):
    """A comma in an address without quotes would cut it off, or move what follows into other columns."""
    report = load(row(address="长沙市芙蓉区,文艺路1号"), row(453, address='"文艺路1号,2栋"'))
    assert found(report) == [(2, "", "cells_surplus")]
    assert report.problems[0].values == {"cells": 7, "columns": 6}
    assert Beneficiary.objects.count() == 0


def test_empty_cells_behind_the_last_heading_are_nothing(district):
    content = table(row()).replace("3218.50", "3218.50, ,,").encode()
    assert import_roster("r.csv", content, None, dry_run=False).added == 1


def test_a_number_a_spreadsheet_has_rounded_is_named(district):
    rounded = int(resident_number(BORN, 453)[:17] + "0")
    report = import_roster(
        "r.xlsx", workbook(HEADER, ["1001", "张三丰", rounded, "430102", 1]), None, dry_run=False
    )
    assert (2, "identity_number", "cell_rounded") in found(report)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"personal_number": ""}, ("personal_number", "cell_missing")),
        ({"personal_number": "P 1"}, ("personal_number", "personal_number_form")),
        ({"personal_number": "9" * 31}, ("personal_number", "cell_too_long")),
        ({"name": ""}, ("name", "cell_missing")),
        ({"name": "张" * 101}, ("name", "cell_too_long")),
        ({"name": "张\x07三"}, ("name", "cell_control_characters")),
        ({"identity_number": ""}, ("identity_number", "cell_missing")),
        ({"identity_number": "4301021952"}, ("identity_number", "identity_length")),
        (
            {"identity_number": resident_number(BORN, 451)[:17] + "A"},
            ("identity_number", "identity_characters"),
        ),
        ({"identity_kind": "护照", "identity_number": "1"}, ("identity_number", "identity_form")),
        ({"identity_kind": "学生证"}, ("identity_kind", "identity_kind_unknown")),
        ({"identity_kind": "护照", "birth_date": "1952-03-07"}, ("sex", "sex_and_birth_date_needed")),
        ({"identity_kind": "护照", "sex": "女"}, ("birth_date", "sex_and_birth_date_needed")),
        ({"sex": "女"}, ("identity_number", "identity_sex")),
        ({"sex": "?"}, ("sex", "sex_unknown")),
        ({"birth_date": "1952-03-08"}, ("identity_number", "identity_birth_date")),
        ({"birth_date": "7.3.1952"}, ("birth_date", "date_unknown")),
        ({"birth_date": "1952-02-30"}, ("birth_date", "date_unknown")),
        ({"identity_number": resident_number(date(1850, 1, 1), 1)}, ("birth_date", "birth_date_impossible")),
        ({"identity_number": resident_number(date(2199, 1, 1), 1)}, ("birth_date", "birth_date_impossible")),
        ({"area_code": "43010"}, ("area_code", "area_code")),
        ({"area_code": "430999"}, ("area_code", "area_unknown")),
        ({"monthly_pension": "3218.505"}, ("monthly_pension", "money_unknown")),
        ({"monthly_pension": "-1"}, ("monthly_pension", "money_unknown")),
        ({"monthly_pension": "1e9"}, ("monthly_pension", "money_unknown")),
        ({"monthly_pension": "NaN"}, ("monthly_pension", "money_unknown")),
        ({"retired_on": "1950-01-01"}, ("retired_on", "retired_before_birth")),
    ],
)
def test_one_bad_row_is_named_and_keeps_the_whole_file_out(district, changes, problem):
    for dry_run in (True, False):
        report = load(row(1), row(3, **changes), row(5), dry_run=dry_run)
        assert found(report) == [(3, *problem)]
        assert all(str(one) for one in report.problems)
    assert not Beneficiary.objects.exists()
    assert not RosterFile.objects.exists()
    assert not AuditEntry.objects.exists()


def test_every_problem_of_a_file_is_named_at_once(district):
    report = load(row(1, name="", sex="x"), row(3, area_code="44"), dry_run=True)
    assert found(report) == [
        (2, "name", "cell_missing"),
        (2, "sex", "sex_unknown"),
        (3, "area_code", "area_unknown"),
    ]


def test_an_unknown_region_only_warns(district):
    report = load(row(identity_number=resident_number(BORN, 451, region="999999")))
    assert outcome(report) == (1, 0, 0, True)
    assert [warning.code for warning in report.warnings] == ["registry.identity_region"]


def test_one_person_twice_in_a_file(district):
    same_number = row(3, personal_number="P0001")
    same_document = row(5, identity_number=resident_number(BORN, 1))
    report = load(row(1), same_number, same_document)
    assert found(report) == [
        (3, "personal_number", "personal_number_twice"),
        (4, "identity_number", "identity_number_twice"),
    ]


def test_a_document_of_somebody_else(district):
    load(row(1))
    report = load(row(3, identity_number=resident_number(BORN, 1)))
    assert found(report) == [(2, "identity_number", "identity_taken")]
    assert Beneficiary.objects.count() == 1


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ([key for key in HEADER if key != "area_code"], ("area_code", "column_missing")),
        ([*HEADER, "姓名"], ("name", "column_twice")),
    ],
)
def test_headings(district, header, problem):
    report = import_roster("r.csv", table(row(), header=header).encode(), None, dry_run=True)
    assert found(report) == [(1, *problem)]


def test_other_columns_are_left_out_with_a_warning(district):
    report = load(row(nickname="老张"))
    assert outcome(report) == (1, 0, 0, True)
    assert [(warning.row, warning.code) for warning in report.warnings] == [(1, "registry.column_ignored")]


def test_a_file_with_nobody_in_it(district):
    assert found(load()) == [(1, "", "file_empty")]


def test_a_dry_run_says_what_the_import_then_does_and_writes_nothing(district):
    load(row(1), row(3))
    rows = [row(1), row(3, monthly_pension="4000"), row(5)]
    dry = load(*rows, dry_run=True)
    assert outcome(dry) == (1, 1, 1, False)
    assert Beneficiary.objects.count() == 2
    assert not Beneficiary.objects.filter(monthly_fen=400000).exists()
    real = load(*rows, expected=dry.sha256)
    assert outcome(real) == (1, 1, 1, True)


def test_a_file_changed_after_the_dry_run_is_refused(district):
    dry = load(row(1), dry_run=True)
    with pytest.raises(Refused) as refused:
        load(row(3), expected=dry.sha256)
    assert refused.value.code == "registry.file_not_the_one_checked"
    assert not Beneficiary.objects.exists()


def test_the_same_file_again_changes_nothing(district):
    load(row(1))
    Beneficiary.objects.update(monthly_fen=F("monthly_fen") + 1)
    again = load(row(1))
    assert outcome(again) == (0, 0, 1, False)
    assert again.imported_before is not None
    assert Beneficiary.objects.get().monthly_fen == 321851
    assert RosterFile.objects.count() == 1


def test_people_who_are_not_in_a_later_file_stay(district):
    load(row(1), row(3))
    before = Beneficiary.objects.filter(personal_number="P0003").values().get()
    load(row(1, phone="1"))
    after = Beneficiary.objects.filter(personal_number="P0003").values().get()
    assert {
        key: bytes(value) if isinstance(value, memoryview) else value for key, value in before.items()
    } == {key: bytes(value) if isinstance(value, memoryview) else value for key, value in after.items()}


def test_a_changed_person_stays_the_same_person(district):
    load(row(1))
    before = Beneficiary.objects.get()
    area("430103000000", "天心区")
    changes = {"name": "曾三丰", "identity_number": resident_number(BORN, 7), "area_code": "430103"}
    assert outcome(load(row(1, **changes))) == (0, 1, 0, True)
    after = Beneficiary.objects.get()
    assert (after.pk, after.key, after.created) == (before.pk, before.key, before.created)
    assert (after.name, after.pinyin, after.area_id) == ("曾三丰", "zengsanfeng zsf", "430103000000")
    assert identity_number(after) == resident_number(BORN, 7)
    assert find_person("张三丰", resident_number(BORN, 1)) is None


def test_a_column_that_is_not_in_the_file_leaves_what_is_kept(district):
    load(row(1, phone="0731", employer="机械厂", retired_on="2012-03-31"))
    load(row(1, employer="", phone="138"))
    him = Beneficiary.objects.get()
    assert (him.phone, him.employer, him.retired_on) == ("138", "", date(2012, 3, 31))
    assert load(row(1)).unchanged == 1


def test_staff_import_only_into_their_own_area(district):
    area("430103000000", "天心区")
    elsewhere = person(area("430103000000"), personal_number="P0003")
    clerk = staff("supervisor", district)
    report = load(row(1, area_code="430103"), row(3), by=clerk)
    assert found(report) == [(2, "area_code", "area_foreign"), (3, "personal_number", "person_foreign")]
    elsewhere.refresh_from_db()
    assert elsewhere.area_id == "430103000000"


@pytest.mark.django_db(transaction=True)
def test_the_applications_role_imports():
    area()
    role = "registry_test_application"
    with connection.cursor() as cursor:
        grant(cursor, role)
        cursor.execute(f"SET ROLE {role}")
    try:
        assert outcome(load(row(1), row(3))) == (2, 0, 0, True)
        assert outcome(load(row(1, phone="1"), row(5))) == (1, 1, 0, True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")


@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_twice_at_once_is_imported_once():
    area()
    content = table(*(row(order) for order in range(1, 400, 2))).encode()
    reports, start = [], threading.Barrier(3)

    def send():
        try:
            start.wait()
            reports.append(import_roster("r.csv", content, None, dry_run=False))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.written for report in reports) == [False, False, True]
    assert Beneficiary.objects.count() == 200


people = st.lists(
    st.fixed_dictionaries(
        {
            "order": st.integers(1, 12),
            "name": st.sampled_from(["张三丰", "曾四", "𠮷五", "阿依古丽•买买提"]),
            "monthly_pension": st.sampled_from(["0", "1", "3218.5", "2,980.10"]).map(
                lambda yuan: yuan.replace(",", "")
            ),
            "phone": st.sampled_from(["", "0731"]),
        }
    ),
    unique_by=lambda one: one["order"],
    min_size=1,
    max_size=12,
)


class Idempotence(TestCase):
    """Whatever was imported before: a second time, in another order and writing, a file changes nothing."""

    @settings(max_examples=40)
    @given(earlier=people, later=people, shuffle=st.randoms(use_true_random=False))
    def test_importing_is_idempotent(self, earlier, later, shuffle):
        area()
        load(*(row(**one) for one in earlier))
        rows = [row(**one) for one in later]
        dry = load(*rows, dry_run=True)
        first = load(*rows)
        if first.imported_before is None:
            assert outcome(first)[:3] == outcome(dry)[:3]
        stored = {
            one.personal_number: (one.pk, one.name, one.monthly_fen) for one in Beneficiary.objects.all()
        }
        shuffle.shuffle(rows)
        again = load(*({**one, "name": f" {one['name']} "} for one in rows))
        assert (again.added, again.changed, again.unchanged) == (0, 0, len(rows))
        assert stored == {
            one.personal_number: (one.pk, one.name, one.monthly_fen) for one in Beneficiary.objects.all()
        }
        assert set(stored) == {f"P{one['order']:04}" for one in [*earlier, *later]}
