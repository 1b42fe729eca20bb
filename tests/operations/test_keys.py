"""Keys: every sealed column is known and sealed anew while the site runs; lost keys are told at the start."""

from __future__ import annotations

import os
import random
import shutil

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.conf import settings
from django.db import models

from jianzai.audit.models import AuditEntry
from jianzai.cli import main
from jianzai.operations.checks import State, findings
from jianzai.operations.keys import generations, lost_keys, remember_keys
from jianzai.operations.production import Unfit, refuse_unfit
from jianzai.operations.tasks import go_on_sealing
from jianzai.registry.models import Beneficiary
from jianzai.registry.people import identity_number
from jianzai.sealed import SealedField, sealed_columns
from jianzai.vault import KeyRing, KeysMissing, load_keys, replace_keys, vault
from tests import processes
from tests.people import failed_attempt, make_person, resident_number

NOT_SEALED = {
    "keyed hashes": {
        "registry.Beneficiary.identity_lookup",
        "matching.Sign.digest",
        "station.Helper.identity_lookup",
        "station.Mandate.code",
        "online.SignInFailures.key",
        "mail.Sheet.certificate",
        "mail.StatusLookups.key",
        "console.SignInFailures.key",
        "api.AccessToken.lookup",
    },
    "hashes and signatures of what is told anyway": {
        "audit.AuditEntry.digest",
        "audit.ChainLink.previous",
        "audit.ChainLink.hash",
        "certification.Certification.signature",
        "operations.KnownKey.fingerprint",
    },
    "row numbers and what is wrong in them": {"matching.SignFile.table", "console.RosterUpload.table"},
}
"""Binary columns that are none of the vault's. Whatever else is binary has to be a SealedField."""


@pytest.fixture
def key_file(monkeypatch):
    """The key file of this run of tests, put back afterwards."""
    path, kept = settings.KEYS_FILE, settings.KEYS_FILE.with_suffix(".kept")
    shutil.copy2(path, kept)
    yield path
    os.replace(kept, path)


def run(*arguments: str):
    return CliRunner().invoke(main, arguments, env={"LANG": "C", "COLUMNS": "200"})


def test_every_binary_column_is_sealed_or_known_not_to_be():
    binary = {
        f"{field.model._meta.label}.{field.name}": field
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.BinaryField)
    }
    others = set().union(*NOT_SEALED.values())
    assert {name for name, field in binary.items() if not isinstance(field, SealedField)} == others
    assert {binary[name] for name in binary.keys() - others} == set(sealed_columns())


@pytest.mark.django_db
def test_what_a_column_says_it_is_bound_to_is_there():
    for column in sealed_columns():
        paths = [column.owner, *([column.sealed_model] if column.sealed_model else [])]
        assert list(column.model._base_manager.values_list(*paths)[:1]) == []


@pytest.mark.django_db
def test_everything_is_sealed_anew_and_the_old_key_retired(key_file):
    people = [make_person() for _ in range(45)]
    numbers = [identity_number(person) for person in people]
    first = vault().keys.current
    before = run("keys").output
    assert f"key {first} (current)" in before
    assert "registry_beneficiary.identity_sealed" in before

    done = run("keys", "rotate")
    assert done.exit_code == 0, done.output
    assert "45 values sealed anew" in done.output
    ring = load_keys(key_file)
    assert list(ring.data) == [first + 1]
    assert key_file.stat().st_mode & 0o077 == 0
    assert [identity_number(Beneficiary.objects.get(pk=person.pk)) for person in people] == numbers
    assert generations()["registry_beneficiary.identity_sealed"] == {first + 1: 45}
    assert str(first) not in {name.split()[-1] for name in vault().fingerprints()}
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"operations.key_added", "operations.key_retired"} <= acts
    assert lost_keys() == []


@pytest.mark.django_db
def test_what_does_not_open_keeps_the_old_key(key_file):
    person = make_person()
    broken = failed_attempt(person)  # its frames are no sealed value
    first = vault().keys.current
    done = run("keys", "rotate")
    assert done.exit_code == 1
    assert "In certification_attempt.kept_frames there is what does not open" in done.output
    assert f"rows {broken.pk}." in done.output
    assert set(vault().keys.data) == {first, first + 1}
    assert "check_keys_rotating" in {one.code for one in findings()}

    broken.delete()
    go_on_sealing(0)  # the worker, an hour later
    assert set(vault().keys.data) == {first + 1}
    assert identity_number(Beneficiary.objects.get(pk=person.pk)) == resident_of(person)


def resident_of(person) -> str:
    number = int(person.personal_number.removeprefix("P"))
    return resident_number(number, f"19{40 + number // 1000:02d}0115")


@pytest.mark.django_db(transaction=True)
def test_a_change_of_keys_survives_kill_9(key_file):
    people = [make_person() for _ in range(400)]
    numbers = {person.pk: identity_number(person) for person in people}
    remember_keys()
    first, chance, killed = vault().keys.current, random.Random(), 0

    def begun():
        return vault().keys.current > first

    while killed < 3:
        process = processes.jianzai("keys", "rotate")
        if not processes.kill_in_the_middle(process, begun, chance):
            break
        killed += 1
        refuse_unfit()  # whatever was left, the site starts
        assert {person.pk: identity_number(person) for person in Beneficiary.objects.all()} == numbers
    assert killed
    processes.finish(processes.jianzai("keys", "rotate"))
    ring = load_keys(key_file)
    assert len(ring.data) == 1
    assert generations()["registry_beneficiary.identity_sealed"] == {ring.current: 400}
    assert {person.pk: identity_number(person) for person in Beneficiary.objects.all()} == numbers


@pytest.mark.django_db
def test_keys_of_the_environment_are_sealed_with_but_not_changed(monkeypatch, key_file):
    person = make_person()
    ring = load_keys(key_file)
    monkeypatch.setenv("JIANZAI_KEYS", ring.to_json())
    vault_anew()
    refused = run("keys", "rotate")
    assert refused.exit_code == 1
    assert "add the next data key there" in refused.output
    monkeypatch.setenv("JIANZAI_KEYS", ring.with_next().to_json())
    vault_anew()
    done = run("keys", "rotate")
    assert done.exit_code == 0
    assert "take them out of JIANZAI_KEYS" in done.output
    person.refresh_from_db()
    assert bytes(person.identity_sealed)[1] == ring.current + 1
    assert load_keys(key_file).data == vault().keys.data  # of the environment, untouched
    refuse_unfit()
    monkeypatch.setenv("JIANZAI_KEYS", vault().keys.only_current().to_json())  # taken out, as it was said
    vault_anew()
    refuse_unfit()
    assert run("keys", "rotate").exit_code == 1  # nothing older is left; the next key has to be added first
    monkeypatch.delenv("JIANZAI_KEYS")
    vault_anew()
    assert vault().keys == ring


def vault_anew():
    """As a process that is started again."""
    from jianzai import vault as module

    module._vault.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize("remembered", [True, False], ids=["known", "from before fingerprints were kept"])
def test_lost_keys_are_told_at_the_start(key_file, remembered):
    make_person()
    if remembered:
        refuse_unfit()
    replace_keys(key_file, KeyRing.generate(demo=True))  # somebody made new ones
    assert lost_keys()
    assert by_code()["check_keys_lost"] is State.FAULT
    with pytest.raises(Unfit, match="restore it from the backup"):
        refuse_unfit()
    assert run("keys", "rotate").exit_code == 1
    for command in ("serve", "worker"):
        refused = run(command)
        assert refused.exit_code == 1
        assert "not those this database was sealed with" in refused.output


@pytest.mark.django_db
def test_no_keys_at_all_are_told_at_the_start(key_file):
    key_file.unlink()
    with pytest.raises(KeysMissing):
        vault()
    assert by_code()["check_keys_gone"] is State.FAULT
    with pytest.raises(Unfit, match="restore them from the backup"):
        refuse_unfit()


def by_code() -> dict[str, State]:
    return {one.code: one.state for one in findings()}
