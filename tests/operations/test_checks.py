"""``jianzai check``: it finds what is missing, and every finding says how it is mended."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import OperationalError, connection

from jianzai.audit.services import Actor
from jianzai.certification.engine import current_pack
from jianzai.certification.services import open_cycle
from jianzai.cli import main
from jianzai.clock import move_to
from jianzai.faces import ModelMissing
from jianzai.operations import checks
from jianzai.operations.checks import State, findings
from jianzai.sentences import say, sentences
from jianzai.vault import KeysMissing
from jianzai.web.speech import render_all
from tests import brought


def by_code(found) -> dict[str, State]:
    return {one.code: one.state for one in found}


@pytest.mark.django_db
def test_what_is_missing_is_a_fault(monkeypatch):
    def gone():
        raise KeysMissing("nowhere")

    monkeypatch.setattr(checks, "available_packs", lambda: [])
    monkeypatch.setattr(checks, "vault", gone)
    monkeypatch.setattr(checks, "find_spec", lambda package: None)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1024}))
    found = by_code(findings())
    for code in ("weights_gone", "keys_gone", "disk_full", "fonts_gone", "role_too_strong"):
        assert found[f"check_{code}"] is State.FAULT
    assert found["check_migrations"] is State.GOOD
    assert found["check_worker_gone"] is State.NOTE


def test_a_database_that_is_gone_is_said_and_the_rest_still_looked_at(monkeypatch):
    def gone():
        raise OperationalError("connection refused\nmore")

    monkeypatch.setattr(connection, "ensure_connection", gone)
    found = by_code(findings())
    assert found["check_database_gone"] is State.FAULT
    assert "check_fonts" in found


@pytest.mark.django_db
def test_spoken_prompts_are_there_once_they_are_rendered_and_only_then(settings, tmp_path):
    settings.HOME = tmp_path
    assert by_code(findings())["check_speech_gone"] is State.NOTE
    render_all(tmp_path / "speech")
    assert by_code(findings())["check_speech"] is State.GOOD
    (tmp_path / "speech" / "en" / "look_here.wav").unlink()
    assert by_code(findings())["check_speech_gone"] is State.NOTE


@pytest.mark.django_db
def test_a_year_without_a_cycle_is_told_with_the_command_that_opens_one(settings, tmp_path):
    settings.DEMO_DATE_FILE = tmp_path / "date"

    def told(day):
        move_to(day)
        return next((one.code, one.state, one.values["year"]) for one in findings() if "cycle" in one.code)

    assert told(date(2026, 3, 1)) == ("check_cycle_gone", State.NOTE, 2026)
    assert "jianzai cycle open 2026" in say("operations.check_cycle_gone_mend", "en", year=2026)
    move_to(date(2026, 3, 1))
    open_cycle(2026, Actor.SYSTEM)
    assert told(date(2026, 3, 1)) == ("check_cycle", State.GOOD, 2026)
    assert told(date(2027, 1, 1)) == ("check_cycle_gone", State.NOTE, 2027)


def test_every_finding_has_a_sentence_and_every_fault_a_mend():
    codes = set(re.findall(r'"(check_\w+)"', Path(checks.__file__).read_text())) | {"check_fonts_gone"}
    mended = {"full", "gone", "pending", "strong", "apart", "better", "chosen", "demo"}
    for code in codes:
        assert f"operations.{code}" in sentences()
        if mended & set(code.split("_")) and code != "check_keys_demo":
            assert f"operations.{code}_mend" in sentences(), code


@pytest.mark.django_db
def test_the_command_says_what_to_run_and_fails(monkeypatch):
    monkeypatch.setattr(checks, "available_packs", lambda: [])
    monkeypatch.setenv("LANG", "C")
    monkeypatch.delenv("LC_ALL", raising=False)
    run = CliRunner().invoke(main, ["check"])
    assert run.exit_code == 1
    assert "run: jianzai models fetch" in run.output
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "请运行 jianzai models fetch" in CliRunner().invoke(main, ["check"]).output


@pytest.mark.django_db
def test_a_pack_that_is_not_there_is_not_switched_to(monkeypatch, tmp_path):
    monkeypatch.setenv("JIANZAI_CACHE", str(tmp_path))
    run = CliRunner().invoke(main, ["models", "switch", "recommended"])
    assert run.exit_code == 1
    assert "jianzai models fetch" in run.output


@pytest.mark.django_db
def test_a_pack_of_ones_own_is_used_once_it_is_measured(monkeypatch, settings, tmp_path):
    monkeypatch.setenv("JIANZAI_PACKS", str(brought.enter(tmp_path)))
    settings.PACK = "city"
    command = "jianzai models calibrate --pack city"
    run = CliRunner().invoke(main, ["models", "switch", "city"])
    assert run.exit_code == 1
    assert command in run.output
    with pytest.raises(ModelMissing, match=command):  # which the server says as it refuses to start
        current_pack()
    (told,) = (one for one in findings() if one.code == "check_pack_refused")
    assert told.state is State.NOTE
    assert command in told.values["why"]
    brought.measured_as_published(tmp_path)
    assert current_pack() == "city"
    assert CliRunner().invoke(main, ["models", "switch", "city"]).exit_code == 0
    assert "check_pack_refused" not in by_code(findings())
    assert by_code(findings())["check_pack"] is State.GOOD
    (tmp_path / "city.calibration.json").unlink()
    (told,) = (one for one in findings() if one.code == "check_pack_gone")
    assert told.state is State.FAULT
    assert command in told.values["why"]
