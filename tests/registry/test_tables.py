"""Files of every kind: read, or refused with one clear reason before they cost much."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jianzai.registry import tables
from jianzai.registry.areas import full_code, import_areas
from jianzai.registry.models import Area
from jianzai.registry.services import Refused, import_roster

from .people import area
from .test_roster import workbook


def read(content: bytes):
    return list(tables.read_table("file", content))


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read(content)
    assert str(refused.value)
    return refused.value.code.removeprefix("registry.")


def test_rows_keep_their_numbers():
    assert read(b'a,b\n\n"two\nlines",x\n , \ny\n') == [
        (1, ["a", "b"]),
        (3, ["two\nlines", "x"]),
        (6, ["y"]),
    ]
    assert read(workbook(["a"], [None], ["b"])) == [(1, ["a"]), (3, ["b"])]


def test_digits_kept_from_a_spreadsheet():
    assert read(b'="0123",""\n') == [(1, ["0123"])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00a\xff\xff\xff", "file_unreadable"),
        (b"a\x00b", "file_unreadable"),
        (b'a,"b\nc', "file_broken"),
        (b'a,"b"c\n', "file_broken"),
        (b"PK\x03\x04 and nothing more", "file_unreadable"),
        (b"," * 61 + b"x", "file_row_too_long"),
        (b"x" * 1001, "file_row_too_long"),
    ],
)
def test_wrong_files(content, code):
    assert refusal(content) == code


def test_a_field_beyond_the_parsers_own_bound():
    assert refusal(b'"' + b"x" * 200_000 + b'"') == "file_broken"


def test_too_many_bytes(monkeypatch):
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    assert refusal(b"x" * 11) == "file_too_big"


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert len(read(b"head\n1\n2\n")) == 3
    assert refusal(b"head\n1\n2\n3\n") == "file_too_long"


def test_an_archive_that_unpacks_to_much_more(monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 1_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    assert len(file.getvalue()) < 10_000
    assert refusal(file.getvalue()) == "file_too_big"


def test_a_sheet_that_lies_about_its_size():
    file = io.BytesIO(workbook(["a", "b"]))
    forged = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(forged, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename.endswith("sheet1.xml"):
                assert b"A1:B1" in data
                data = data.replace(b"A1:B1", b"A1:XFD1048576")
            target.writestr(member, data)
    assert read(forged.getvalue()) == [(1, ["a", "b"])]


def test_another_zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir")
    assert refusal(file.getvalue()) == "file_unreadable"


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(content):
    try:
        rows = read(content)
    except Refused:
        return
    assert all(cells and cells[-1] for _, cells in rows)


@pytest.mark.django_db
@given(content=st.text(alphabet='张,"\n1MF-0.', max_size=200))
@settings(max_examples=50)
def test_any_text_under_good_headings_is_reported(content):
    area()
    header = "personal_number,name,identity_number,area_code,monthly_pension,sex,birth_date\n"
    try:
        report = import_roster("r.csv", (header + content).encode(), None, dry_run=True)
    except Refused:
        return
    assert report.problems
    assert all(str(problem) for problem in report.problems)


@pytest.mark.parametrize(
    ("short", "full"),
    [("43", "430000000000"), ("430102001", "430102001000"), (" 430102001007 ", "430102001007")],
)
def test_codes_are_padded(short, full):
    assert full_code(short) == full


@pytest.mark.parametrize("code", ["", "4", "430", "0301", "43010２", "4301020010071", "abcdef"])
def test_codes_that_are_none(code):
    with pytest.raises(Refused):
        full_code(code)


@pytest.mark.django_db
def test_areas_are_added_and_renamed():
    assert import_areas("a.csv", "code,name\n43,湖南\n4301,长沙市\n".encode("gb18030")) == 2
    assert import_areas("a.csv", "name,code\n湖南省,430000000000\n".encode()) == 1
    assert list(Area.objects.values_list("code", "name")) == [
        ("430000000000", "湖南省"),
        ("430100000000", "长沙市"),
    ]
    assert Area.objects.get(name="湖南省").prefix == "43"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["code\n43\n", "code,name\n43,湖南省\n4,x\n", "code,name\n43,\n", ""])
def test_a_table_of_areas_is_taken_whole_or_not(text):
    with pytest.raises(Refused):
        import_areas("a.csv", text.encode())
    assert not Area.objects.exists()
