"""One embedded PostgreSQL and one set of keys for the whole run."""

import os
from pathlib import Path

HOME = Path(os.environ.get("JIANZAI_TEST_HOME", Path(__file__).parent.parent / "var" / "test"))
os.environ["JIANZAI_MODE"] = "test"
os.environ["JIANZAI_HOME"] = str(HOME)

from jianzai.operations.database import start_embedded  # noqa: E402
from jianzai.vault import make_keys  # noqa: E402

HOME.mkdir(parents=True, exist_ok=True)
if not (HOME / "keys.json").exists():
    make_keys(HOME / "keys.json", demo=True)
os.environ["DATABASE_URL"] = os.environ.get("JIANZAI_TEST_DATABASE_URL") or start_embedded(HOME / "postgres")
# Named here and not in pyproject.toml, because pytest-django would load the settings before this file ran.
os.environ["DJANGO_SETTINGS_MODULE"] = "jianzai.settings"

import django  # noqa: E402
import hypothesis  # noqa: E402
import pytest  # noqa: E402

django.setup()
# A busy machine is not a failure.
hypothesis.settings.register_profile("jianzai", deadline=None)
hypothesis.settings.load_profile("jianzai")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where CI is set the shared data is laid beside the project: a test that misses it has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") and "JIANZAI_SHARED" in str(report.longrepr):
        report.outcome, report.longrepr = "failed", f"skipped in CI: {report.longrepr[2]}"
    return report


@pytest.fixture(autouse=True, scope="session")
def flush_reaches_evidence():
    """Transactional tests end by emptying every table, which the evidence tables refuse to everybody, and
    Django knows nothing of the worker's.

    ``session_replication_role = replica`` silences triggers for the flush alone; it takes a superuser,
    which the embedded server's owner is and the application's role is not.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.sql_flush

    def silenced(self, *arguments, **options):
        statements = flush(self, *arguments, **options)
        return [
            "SET session_replication_role = replica",
            *statements,
            "TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE",
            "SET session_replication_role = origin",
        ]

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "sql_flush", silenced)
    yield
    patch.undo()
