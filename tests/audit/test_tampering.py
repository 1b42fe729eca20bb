"""What somebody with the whole database in their hands does to the record, and how it shows."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from jianzai.audit import chain
from jianzai.audit.heads import HeadUnusable
from jianzai.audit.models import AuditEntry, ChainLink
from jianzai.audit.services import Actor, export_head, read_head, record, signed_head, verify
from jianzai.operations.database import grant

pytestmark = pytest.mark.django_db(transaction=True)
ROLE = "audit_test_application"


@pytest.fixture
def ids():
    for number in range(6):
        record("act", Actor("staff:li", "192.0.2.1"), number=number)
    return list(AuditEntry.objects.values_list("id", flat=True))


def tamper(statement: str, *values) -> None:
    """As a superuser with every trigger and foreign key silenced."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def shown(head=None):
    verdict = verify(head)
    assert str(verdict)
    return verdict.broken_at, verdict.why


def test_an_untouched_record_is_whole(ids):
    assert shown() == (None, "")


@pytest.mark.parametrize(
    "change",
    [
        "details = '{\"number\": 99}'",
        "actor = 'person'",
        "at = at + interval '1 microsecond'",
        "address = NULL",
        "area = '43'",
        "subject = 'x'",
        "digest = sha256('x')",
    ],
)
def test_a_changed_entry(ids, change):
    tamper(f"UPDATE audit_auditentry SET {change} WHERE id = %s", ids[2])
    assert shown() == (ids[2], "changed")


def test_a_changed_entry_with_its_digest_made_anew(ids):
    entry = AuditEntry.objects.get(pk=ids[2])
    forged = chain.digest(entry.at, "person", entry.address, entry.act, "", "", entry.details)
    tamper("UPDATE audit_auditentry SET actor = 'person', digest = %s WHERE id = %s", forged, ids[2])
    assert shown() == (ids[2], "changed")


def test_a_changed_link(ids):
    tamper("UPDATE audit_chainlink SET previous = sha256('x') WHERE entry_id = %s", ids[3])
    assert shown() == (ids[3], "reordered")


def test_an_entry_deleted_in_the_middle(ids):
    tamper("DELETE FROM audit_auditentry WHERE id = %s", ids[2])
    assert shown() == (ids[2], "deleted")


def test_an_entry_and_its_link_deleted(ids):
    tamper("DELETE FROM audit_chainlink WHERE entry_id = %s", ids[2])
    tamper("DELETE FROM audit_auditentry WHERE id = %s", ids[2])
    assert shown() == (ids[3], "gap")


def test_the_gap_closed_by_moving_up(ids):
    tamper("DELETE FROM audit_chainlink WHERE entry_id = %s", ids[2])
    tamper("DELETE FROM audit_auditentry WHERE id = %s", ids[2])
    for position in (4, 5, 6):
        tamper("UPDATE audit_chainlink SET position = %s WHERE position = %s", position - 1, position)
    assert shown() == (ids[3], "reordered")


def test_two_entries_exchanged(ids):
    tamper("UPDATE audit_chainlink SET entry_id = -1 WHERE entry_id = %s", ids[1])
    tamper("UPDATE audit_chainlink SET entry_id = %s WHERE entry_id = %s", ids[1], ids[2])
    tamper("UPDATE audit_chainlink SET entry_id = %s WHERE entry_id = -1", ids[2])
    assert shown() == (ids[2], "changed")


def test_an_entry_inserted_past_the_triggers(ids):
    tamper(
        "INSERT INTO audit_auditentry (at, actor, act, subject, area, details, digest) "
        "VALUES (now(), 'system', 'forged', '', '', '{}', sha256('x'))"
    )
    assert shown() == (AuditEntry.objects.get(act="forged").id, "inserted")


def test_an_entry_inserted_through_the_triggers_with_a_false_digest(ids):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (at, actor, act, subject, area, details, digest) "
            "VALUES (now(), 'system', 'forged', '', '', '{}', sha256('x'))"
        )
    assert shown() == (AuditEntry.objects.get(act="forged").id, "changed")


def test_a_cut_tail_shows_against_an_exported_head(ids, tmp_path):
    head = read_head(export_head(tmp_path))
    tamper("DELETE FROM audit_chainlink WHERE entry_id >= %s", ids[4])
    tamper("DELETE FROM audit_auditentry WHERE id >= %s", ids[4])
    assert shown() == (None, "")
    assert shown(head) == (ids[3], "cut")


def test_a_record_emptied_shows_against_an_exported_head(ids, tmp_path):
    head = read_head(export_head(tmp_path))
    tamper("DELETE FROM audit_chainlink")
    tamper("DELETE FROM audit_auditentry")
    assert shown(head) == (None, "cut")


def test_a_chain_computed_anew_shows_against_an_exported_head(ids, tmp_path):
    head = read_head(export_head(tmp_path))
    tamper("UPDATE audit_auditentry SET actor = 'person' WHERE id = %s", ids[2])
    last = chain.START
    for link in ChainLink.objects.select_related("entry"):
        entry = link.entry
        digest = chain.digest(
            entry.at, entry.actor, entry.address, entry.act, entry.subject, entry.area, entry.details
        )
        following = chain.link(last, link.position, entry.id, digest)
        tamper("UPDATE audit_auditentry SET digest = %s WHERE id = %s", digest, entry.id)
        tamper(
            "UPDATE audit_chainlink SET previous = %s, hash = %s WHERE position = %s",
            last,
            following,
            link.position,
        )
        last = following
    assert shown() == (None, "")
    assert shown(head) == (ids[5], "rewritten")


def test_a_head_stays_good_while_the_record_grows(ids, tmp_path):
    head = read_head(export_head(tmp_path))
    record("later", Actor.SYSTEM)
    assert shown(head) == (None, "")


def test_a_head_is_exported_once_for_each_state(ids, tmp_path):
    first = export_head(tmp_path)
    before = first.read_bytes()
    assert export_head(tmp_path) == first
    assert first.read_bytes() == before
    record("later", Actor.SYSTEM)
    assert export_head(tmp_path) != first
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}


@pytest.mark.parametrize(
    "change", [{"position": 5}, {"hash": "00" * 32}, {"at": "2026-01-01T00:00:00+00:00"}]
)
def test_a_head_that_was_altered_is_not_believed(ids, tmp_path, change):
    path = tmp_path / "head.json"
    path.write_text(json.dumps({**signed_head(), **change}))
    with pytest.raises(HeadUnusable):
        read_head(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"position": "x"}', "\x00"])
def test_a_file_that_is_no_head_is_named_so(tmp_path, content):
    path = tmp_path / "head.json"
    path.write_text(content)
    with pytest.raises(HeadUnusable):
        read_head(path)


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_chainlink"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_owner_is_refused_too(ids, table, statement):
    column = "actor" if table == "audit_auditentry" else "previous"
    with (
        pytest.raises(DatabaseError, match="evidence"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column, column))
    assert shown() == (None, "")


def test_nobody_writes_links_by_hand(ids):
    with (
        pytest.raises(DatabaseError, match="database alone"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO audit_chainlink (position, entry_id, previous, hash) VALUES (7, %s, '', '')",
            [ids[0]],
        )


@pytest.fixture
def application_role():
    with connection.cursor() as cursor:
        grant(cursor, ROLE)
        cursor.execute(f"SET ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET actor = 'x'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry CASCADE",
        "UPDATE audit_chainlink SET hash = ''",
        "DELETE FROM audit_chainlink",
        "TRUNCATE audit_chainlink",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_applications_role_is_not_even_asked(ids, application_role, statement):
    with (
        pytest.raises(DatabaseError, match="permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_applications_role_records_and_verifies(ids, application_role):
    record("by the application", Actor.SYSTEM)
    assert verify().entries == 7
