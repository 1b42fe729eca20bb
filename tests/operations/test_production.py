"""Production refuses what belongs to the demo, and everything that is not safe for real people."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jianzai.demo.people import VISITOR
from jianzai.operations.production import production_faults
from jianzai.registry.services import add_person, create_staff
from jianzai.sentences import sentences
from jianzai.vault import KeyRing, Vault
from tests.people import CITY, PASSWORD, areas

pytestmark = pytest.mark.django_db


@pytest.fixture
def production(settings, monkeypatch, tmp_path):
    """Settings that give a production site no fault but the test database's own role, which is an owner's."""
    settings.HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["pension.example"]
    settings.DEMO_DATE_FILE = tmp_path / "date"
    settings.CHALLENGE_SEED = None
    use_keys(monkeypatch, demo=False)
    return settings


def use_keys(monkeypatch, *, demo: bool):
    vault = Vault(KeyRing.generate(demo=demo))
    monkeypatch.setattr("jianzai.operations.production.vault", lambda: vault)


def test_a_clean_site_has_no_fault_but_the_role_of_this_test(production):
    assert production_faults() == ["refuse_owner_role"]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEBUG", True, "debug"),
        ("HTTPS", False, "base_url"),
        ("SECURE_PROXY_SSL_HEADER", None, "plain_http"),
        ("ALLOWED_HOSTS", ["*"], "any_host"),
        ("CHALLENGE_SEED", 7, "challenge_seed"),
        ("POLICY", "no-such-preset", "policy"),
    ],
)
def test_each_unsafe_setting_is_refused(production, name, value, fault):
    setattr(production, name, value)
    assert f"refuse_{fault}" in production_faults()


def test_what_the_demo_leaves_is_refused(production, monkeypatch):
    production.DEMO_DATE_FILE.write_text("2026-10-01")
    use_keys(monkeypatch, demo=True)
    areas()
    add_person(VISITOR.personal_number, VISITOR.name, VISITOR.identity_number, CITY)
    create_staff("demo-clerk", PASSWORD, "某人", "clerk", CITY)
    found = set(production_faults())
    assert found >= {"refuse_demo_date", "refuse_demo_keys", "refuse_demo_people", "refuse_demo_accounts"}


def test_every_refusal_has_its_mend():
    for code in sentences():
        if code.startswith("operations.refuse_") and not code.endswith("_mend"):
            assert f"{code}_mend" in sentences()


@pytest.fixture(scope="module")
def with_demo_keys():
    """The environment of a production site whose keys are a demo's, on tables that are up to date."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JIANZAI_")},
        "JIANZAI_MODE": "production",
        "JIANZAI_HOME": os.environ["JIANZAI_HOME"],
        "DJANGO_SETTINGS_MODULE": "jianzai.settings",
        "LANG": "C",
    }
    run = python(environment, "-m", "jianzai", "migrate")
    assert run.returncode == 0, run.stderr
    return environment


def python(environment, *arguments):
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "start",
    [
        ("-m", "jianzai", "serve", "--bind", "127.0.0.1:1"),
        ("-m", "jianzai", "worker"),
        ("-c", "import jianzai.wsgi"),
    ],
    ids=["serve", "worker", "wsgi"],
)
def test_whatever_works_for_real_people_refuses_and_names_every_fault(with_demo_keys, start):
    run = python(with_demo_keys, *start)
    assert run.returncode == 1
    assert "The keys are a demo's" in run.stderr
    assert "not an https address" in run.stderr
    assert "can change evidence" in run.stderr
