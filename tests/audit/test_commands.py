"""``jianzai audit`` and the daily export."""

import pytest
from click.testing import CliRunner

from jianzai.audit.cli import audit
from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor, record
from jianzai.audit.tasks import export_daily_head

from .test_tampering import tamper

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments):
    return CliRunner().invoke(audit, arguments)


@pytest.fixture
def folder(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path / "audit-heads"


def test_verify_says_whole_or_names_the_entry(folder):
    record("one", Actor.SYSTEM)
    whole = run("verify")
    assert whole.exit_code == 0
    assert "1" in whole.output
    entry = AuditEntry.objects.get()
    tamper("UPDATE audit_auditentry SET act = 'other'")
    broken = run("verify")
    assert broken.exit_code == 1
    assert f" {entry.id} " in broken.output


def test_a_cut_tail_fails_against_the_exported_head(folder):
    record("one", Actor.SYSTEM)
    exported = run("export-head")
    assert exported.exit_code == 0
    (head,) = folder.iterdir()
    assert str(head) in exported.output
    assert run("verify", "--head", str(head)).exit_code == 0
    tamper("DELETE FROM audit_chainlink")
    tamper("DELETE FROM audit_auditentry")
    assert run("verify", "--head", str(head)).exit_code == 1


def cut_last_entry():
    last = AuditEntry.objects.order_by("id").last().pk
    tamper("DELETE FROM audit_chainlink WHERE entry_id = %s", last)
    tamper("DELETE FROM audit_auditentry WHERE id = %s", last)


def test_a_cut_tail_shows_without_being_asked(folder):
    for act in ("one", "two"):
        record(act, Actor.SYSTEM)
        run("export-head")
    whole = run("verify")
    assert (whole.exit_code, "2" in whole.output) == (0, True)
    cut_last_entry()
    assert run("verify").exit_code == 1


def test_the_newest_head_is_found_by_what_it_says(folder):
    """A file's name is signed by nobody."""
    record("one", Actor.SYSTEM)
    run("export-head")
    (old,) = folder.iterdir()
    record("two", Actor.SYSTEM)
    run("export-head")
    old.rename(folder / "2099-01-01-99.json")
    cut_last_entry()
    assert run("verify").exit_code == 1


def test_a_head_somebody_wrote_into_is_named(folder):
    record("one", Actor.SYSTEM)
    run("export-head")
    (head,) = folder.iterdir()
    head.write_text(head.read_text().replace('"position": 1', '"position": 2'))
    answer = run("verify")
    assert answer.exit_code == 1
    assert head.name in answer.output
    head.write_text("")
    assert head.name in run("verify").output


def test_verify_says_when_there_is_no_head_to_compare_with(folder):
    record("one", Actor.SYSTEM)
    assert "export-head" in run("verify").output


def test_a_wrong_head_file_is_named(tmp_path):
    wrong = tmp_path / "letter.json"
    wrong.write_text("Dear Sir")
    answer = run("verify", "--head", str(wrong))
    assert answer.exit_code == 1
    assert "audit-heads" in answer.output


def test_the_daily_task_leaves_a_head(folder):
    record("one", Actor.SYSTEM)
    export_daily_head(timestamp=0)
    assert len(list(folder.iterdir())) == 1
