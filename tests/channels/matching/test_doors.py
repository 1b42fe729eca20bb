"""Records through the API and the command line, and what bad ones are answered."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner

from jianzai.api.scopes import Scope
from jianzai.api.tokens import make_token
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor
from jianzai.certification.models import Certification
from jianzai.channels.matching.models import Sign, SignFile
from jianzai.cli import main
from jianzai.registry.models import Area
from jianzai.registry.services import identity_number
from tests.channels.matching import office
from tests.people import CITY, ELSEWHERE, areas
from tests.worker import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client, person):
    """``post(source, record, ...)`` hands records over with a token of the city."""

    def send(source: str, *records: dict, area: str = CITY):
        areas()
        name = f"office {AuditEntry.objects.count()}"
        text = make_token(name, [Scope.SIGNS], Area.objects.get(code=area), Actor.SYSTEM)
        return client.post(
            "/api/v1/signs",
            {"source": source, "records": list(records)},
            content_type="application/json",
            headers={"Authorization": f"Bearer {text}"},
        )

    return send


def test_records_by_api_certify_once_and_tell_nobody_whose_they_are(post, person):
    source = office.source()
    theirs = {"day": "2026-08-20", "identity_number": identity_number(person)}
    nobodys = {"day": "2026-08-20", "name": "无名氏", "birth_date": "1940-01-01"}
    answers = [post(source.code, theirs), post(source.code, nobodys), post(source.code, theirs)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert {key for answer in answers for key in answer.json()} == {"received", "file"}
    work()
    assert Certification.objects.get().person == person
    assert Sign.objects.count() == 1
    assert SignFile.objects.filter(state="imported", content=b"").count() == 2
    assert AuditEntry.objects.filter(act="matching.file_imported").first().actor.startswith("token:")


@pytest.mark.parametrize(
    ("record", "where"),
    [
        ({"day": "2030-01-01", "name": "a", "birth_date": "1950-01-01"}, "2.day"),
        ({"day": "2026-08-20", "name": "only a name"}, "2."),
        ({"day": "2026-08-20", "identity_number": "430102195001150000"}, "2.identity_number"),
        ({"day": "2026-08-20", "name": "a\n1", "birth_date": "1950-01-01"}, "2.name"),
    ],
)
def test_with_a_bad_record_none_is_taken(post, person, record, where):
    source = office.source()
    good = {"day": "2026-08-20", "identity_number": identity_number(person)}
    answer = post(source.code, good, record)
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_records"
    assert [field["where"] for field in answer.json()["fields"]] == [where]
    assert not SignFile.objects.exists()


def test_unknown_resting_or_foreign_sources_take_nothing(post, person):
    record = {"day": "2026-08-20", "identity_number": identity_number(person)}
    resting = office.source(active=False)
    assert post("no-such", record).status_code == 404
    assert post(resting.code, record).status_code == 409
    assert post(office.source().code, record, area=ELSEWHERE).status_code == 404
    assert not SignFile.objects.exists()


def test_too_many_at_once(post, person):
    record = {"day": "2026-08-20", "name": "a", "birth_date": "1950-01-01"}
    assert post(office.source().code, *[record] * 1001).status_code == 422


def test_the_command_line(person, tmp_path):
    source = office.source()
    file = tmp_path / "visits.csv"
    file.write_bytes(office.table(office.row_of(person)))
    runner = CliRunner()
    listed = runner.invoke(main, ["matching", "sources"])
    assert listed.output.startswith(f"{source.code}\talive\t3\t90\t")
    tried = runner.invoke(main, ["matching", "import", source.code, str(file), "--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert not Sign.objects.exists()
    assert runner.invoke(main, ["matching", "import", source.code, str(file)]).exit_code == 0
    assert Certification.objects.get().person == person
    file.write_bytes(office.table(office.row_of(person, day="bald")))
    bad = runner.invoke(main, ["matching", "import", source.code, str(file)])
    assert bad.exit_code == 1
    assert bad.output.startswith("2\tday\t")
    assert runner.invoke(main, ["matching", "import", "no-such", str(file)]).exit_code == 1


def test_what_the_api_brings_comes_through_as_it_was(person):
    from jianzai.channels.matching.rows import as_table, read_rows
    from jianzai.clock import today

    names = ["阿依古丽·买买提", 'a,"b"', "=1+1", "'x"]
    records = [{"day": "2026-08-20", "name": each, "birth_date": "1950-01-01"} for each in names]
    rows = list(csv.DictReader(io.StringIO(as_table(records).decode())))
    assert [row["name"] for row in rows] == names
    assert [row.name for row in read_rows("API", as_table(records), {}, today())] == names
