"""The application's role can do its work and cannot rewrite what was done."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from jianzai.audit.services import Actor, record
from jianzai.operations.database import EVIDENCE_TABLES, as_role, changeable_evidence, grant


@pytest.fixture
def application(transactional_db):
    """A connection as the application's role, on the test database."""
    with connection.cursor() as cursor:
        grant(cursor, "jianzai_application")
    parameters = {**connection.get_connection_params(), "user": "jianzai_application"}
    wanted = {name: parameters[name] for name in ("dbname", "host", "user") if parameters.get(name)}
    with psycopg.connect(**wanted, autocommit=True) as opened:
        yield opened


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_evidence_cannot_be_changed(application, table, statement):
    column = "id = id" if table.endswith(("entry", "event", "certification")) else "position = position"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement.replace("id = id", column).format(table))


def test_the_privileges_are_told_apart(application):
    with connection.cursor() as cursor:
        assert changeable_evidence(cursor) == list(EVIDENCE_TABLES)  # the owner
    with application.cursor() as cursor:
        assert changeable_evidence(cursor) == []


def test_the_record_can_be_added_to_and_read(application):
    record("test.act", Actor.SYSTEM)
    assert application.execute("SELECT count(*) FROM audit_auditentry").fetchone() == (1,)
    application.execute(
        "INSERT INTO audit_auditentry (at, actor, act, subject, area, details, digest) "
        "VALUES (now(), 'system', 'test.act', '', '', '{}', decode(repeat('00', 32), 'hex'))"
    )
    assert application.execute("SELECT count(*) FROM audit_chainlink").fetchone() == (2,)


def test_the_application_address_names_its_role():
    assert settings.APPLICATION_ROLE == "jianzai_application"
    assert (
        as_role("postgresql://postgres:@/jianzai?host=/run/x", "app")
        == "postgresql://app:@/jianzai?host=/run/x"
    )
