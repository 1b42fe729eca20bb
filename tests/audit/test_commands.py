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
