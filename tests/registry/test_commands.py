"""``jianzai roster``, ``jianzai areas`` and ``jianzai staff``."""

import pytest
from click.testing import CliRunner

from jianzai.registry.cli import areas, roster, staff
from jianzai.registry.models import Area, Beneficiary, Staff

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
