"""``jianzai roster``, ``jianzai areas`` and ``jianzai staff``."""

import csv
import re

import pytest
from click.testing import CliRunner

from jianzai.registry.cli import areas, roster, staff
from jianzai.registry.models import Area, Beneficiary, ServicePoint, Staff
from jianzai.registry.services import import_roster

from .people import PASSWORD, area
from .test_roster import row, table

pytestmark = pytest.mark.django_db


def run(group, *arguments):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path):
    def write(*rows):
        path = tmp_path / "roster.csv"
        path.write_text(table(*rows))
        return path

    area()
    return write


def test_a_dry_run_then_the_import_then_again(file):
    path = file(row(1), row(3))
    for arguments, said, people in (
        (["--dry-run"], "将新增 2 人", 0),
        ([], "新增 2 人", 2),
        ([], "未作任何改动", 2),
    ):
        answer = run(roster, "import", path, *arguments)
        assert (answer.exit_code, Beneficiary.objects.count()) == (0, people)
        assert said in answer.output


def test_bad_rows_are_shown_and_the_exit_code_says_so(file):
    answer = run(roster, "import", file(row(1), row(3, sex="?")))
    assert answer.exit_code == 1
    assert "未导入" in answer.output
    assert not Beneficiary.objects.exists()


def test_on_a_narrow_terminal_no_reason_is_cut(file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    path = file(row(1, identity_kind="学生证"))
    answer = run(roster, "import", path)
    (problem,) = import_roster("r.csv", path.read_bytes(), None, dry_run=True).problems
    told = "".join(re.findall(r"│([^│]*)│$", answer.output, re.MULTILINE))
    assert str(problem).replace(" ", "") in told.replace(" ", "")


def test_every_bad_row_is_written_where_asked(file, tmp_path):
    path = file(*(row(number, sex="?") for number in range(1, 260)))
    assert "--problems" in run(roster, "import", path).output
    written = tmp_path / "bad.csv"
    answer = run(roster, "import", path, "--problems", written)
    assert answer.exit_code == 1
    assert str(written) in answer.output
    rows = list(csv.reader(written.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 1 + 259
    assert rows[0] == ["行", "列", "类别", "说明"]
    assert rows[1][:3] == ["2", "sex", "错误"]


def test_a_file_that_cannot_be_read(tmp_path):
    path = tmp_path / "picture.xlsx"
    path.write_bytes(b"PK\x03\x04")
    answer = run(roster, "import", path)
    assert answer.exit_code == 1
    assert "picture.xlsx" in answer.output


def test_the_example_is_a_file_for_spreadsheets():
    answer = run(roster, "example")
    assert answer.exit_code == 0
    assert answer.stdout_bytes.startswith(b"\xef\xbb\xbfpersonal_number,")


def test_areas(tmp_path):
    path = tmp_path / "areas.csv"
    path.write_text("code,name\n43,湖南省\n")
    assert run(areas, "import", path).exit_code == 0
    assert Area.objects.get().code == "430000000000"
    path.write_text("code,name\n4,湖南省\n")
    assert run(areas, "import", path).exit_code == 1


def test_staff():
    area()
    wanted = ["add", "li", "--name", "李明", "--role", "clerk", "--area", "430102", "--password"]
    assert run(staff, *wanted, "12345").exit_code == 1
    assert not Staff.objects.exists()
    assert run(staff, *wanted, PASSWORD).exit_code == 0
    assert Staff.objects.get().user.check_password(PASSWORD)


POINTS = "area_code,kind,name,address,phone,hours\n"


def test_service_points_are_those_of_the_table_and_no_others(tmp_path):
    area()
    path = tmp_path / "points.csv"
    path.write_text(
        f"{POINTS}430102,,文艺路站,文艺路1号,0731-1,周一\n430102,employer,纺织厂,韶山路2号,0731-2,周二\n"
    )
    assert "2 个" in run(areas, "service-points", path).output
    assert set(ServicePoint.objects.values_list("name", "kind")) == {
        ("文艺路站", "station"),
        ("纺织厂", "employer"),
    }
    path.write_text(f"{POINTS}430102,,文艺路站,文艺路3号,0731-1,周一\n")
    assert run(areas, "service-points", path).exit_code == 0
    assert [point.address for point in ServicePoint.objects.all()] == ["文艺路3号"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,phone\n", "area_code"),
        (f"{POINTS}430102,,文艺路站,,0731-1,周一\n", "第 2 行"),
        (f"{POINTS}430102,church,文艺路站,文艺路1号,0731-1,周一\n", "第 2 行"),
        (f"{POINTS}430199,,文艺路站,文艺路1号,0731-1,周一\n", "430199000000"),
    ],
)
def test_a_bad_table_of_service_points_changes_nothing(tmp_path, content, said):
    ServicePoint.objects.create(area=area(), name="站", address="路", phone="1", hours="周一")
    path = tmp_path / "points.csv"
    path.write_text(content)
    answer = run(areas, "service-points", path)
    assert answer.exit_code == 1
    assert said in answer.output
    assert ServicePoint.objects.get().name == "站"
