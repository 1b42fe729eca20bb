"""A deployment's own networks: refused until they were measured, then a pack like any other."""

from __future__ import annotations

import json
import shutil

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from jianzai.faces import FaceEngine, available_packs, models
from jianzai.faces.cli import faces, weights
from jianzai.faces.comparison import decide
from jianzai.faces.types import Decision
from tests import brought


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return brought.people(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def measured(data, tmp_path_factory):
    """A folder with a pack that was calibrated, and what the command said."""
    folder = tmp_path_factory.mktemp("packs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIANZAI_PACKS", str(brought.enter(folder)))
        answer = brought.calibrate(data)
    assert answer.exit_code == 0, answer.output
    return folder, answer.output


@pytest.fixture
def city(measured, tmp_path, monkeypatch):
    """The same in a folder of this test's own."""
    folder = tmp_path / "packs"
    shutil.copytree(measured[0], folder)
    monkeypatch.setenv("JIANZAI_PACKS", str(folder / "packs.toml"))
    return folder


def run(group, *arguments):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


@pytest.fixture
def entered(tmp_path, monkeypatch):
    monkeypatch.setenv("JIANZAI_PACKS", str(brought.enter(tmp_path)))
    return tmp_path


def test_without_thresholds_it_is_no_pack_and_the_command_is_named(entered, frames, tmp_path):
    assert "city" not in available_packs()
    with pytest.raises(models.ModelMissing, match="jianzai models calibrate --pack city --data FOLDER"):
        FaceEngine("city")
    answer = run(faces, "observe", tmp_path / "packs.toml", "--pack", "city")
    assert answer.exit_code == 3
    assert "jianzai models calibrate --pack city" in answer.output
    assert "jianzai models calibrate --pack city" in run(weights, "list").output


def test_measured_it_tells_the_sample_people_apart(city, frames, tmp_path):
    assert available_packs()[-1] == "city"
    shown = {}
    for clip in ("cap12_edit", "cap13_edit2", "franck"):
        shown[clip] = tmp_path / f"{clip}.png"
        cv2.imwrite(str(shown[clip]), frames(clip, 1.0, 1.15)[0].image)
    for other, code in (("cap13_edit2", 0), ("franck", 1)):
        answer = run(faces, "compare", shown["cap12_edit"], shown[other], "--pack", "city")
        assert answer.exit_code == code, answer.output


def test_thresholds_do_what_they_are_set_to_do(city, measured):
    pack = models.packs()["city"]
    told = json.loads((city / "city.calibration.json").read_text())
    assert told["data"]["strangers"] == {"pictures": 560, "people": 560, "without_a_face": 0}
    vectors = np.stack([brought.vector_of(f"{person} 0".encode()) for person in range(1540, 2100)]).astype(
        np.float32
    )
    scores = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    # Set within halves, so over all pairs it holds but for chance.
    assert 0 < (scores >= pack.raw.uncertain).mean() < 2e-3
    assert (scores >= pack.raw.same).mean() < 3e-4
    for point in (pack.raw, pack.normalised, pack.drawn):
        assert decide(point.same, point) is Decision.SAME
        assert point.uncertain < point.same
        assert point.evidence.slope > 0
        assert 60_000 < point.evidence.strangers < 100_000
        assert f"{point.evidence.strangers:,} pairs" in point.figures
        assert point.figures in measured[1]
    refused = told["rates"]["drawn"]["refused"]
    assert refused["low"] <= refused["errors"] / refused["trials"] <= refused["high"]


def test_another_file_under_its_name_is_not_used(city, tmp_path):
    other = tmp_path / "other.tflite"
    other.write_bytes(models.path_of("city.tflite").read_bytes() + b"x")
    brought.enter(city, path=f'path = "{other}"')
    assert "city" not in available_packs()
    with pytest.raises(models.ModelMissing, match="another SHA-256"):
        FaceEngine("city")
    brought.enter(city, path=f'path = "{other}"', sha256=f'sha256 = "{models.sha256_of(other)}"')
    with pytest.raises(models.ModelMissing, match="models calibrate --pack city"):
        FaceEngine("city")


@pytest.mark.parametrize("line", ["mirror = false", "colour = 'bgr'", "mean = [0.0, 0.0, 0.0]"])
def test_thresholds_of_another_way_to_feed_it_are_not_used_nor_replaced(city, data, line):
    brought.enter(city, **{line.split()[0]: line})
    assert "city" not in available_packs()
    answer = brought.calibrate(data)
    assert answer.exit_code == 2
    assert "give the new pack another name" in answer.output


def test_a_cohort_that_was_changed_is_not_used(city):
    cohort = np.load(city / "city.cohort.npy")
    cohort[0] = -cohort[0]
    np.save(city / "city.cohort.npy", cohort)
    assert "city" not in available_packs()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"points": ""}, "pack city lacks points"),
        ({"points": "points = [[1, 2], [3, 4]]"}, "five points within its 112 pixels"),
        ({"points": "points = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 400]]"}, "five points"),
        ({"side": ""}, "'side'"),
        ({"colour": 'colour = "grey"'}, "bgr or rgb"),
        ({"deviation": "deviation = [128.0, 0, 128.0]"}, "deviations other than 0"),
        ({"weight": "weight = 0.5"}, "sum of 1"),
        ({"sha256": 'sha256 = "abc"'}, "64 hexadecimal digits"),
        ({"sha256": ""}, "'sha256' is missing"),
        ({"pack": 'name = "embedded"'}, "the pack name embedded is taken"),
        ({"pack": 'name = "../city"'}, "letters a-z"),
        ({"mirror": "mirror ="}, "cannot be used"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, monkeypatch, data, changed, said):
    monkeypatch.setenv("JIANZAI_PACKS", str(brought.enter(tmp_path, **changed)))
    for answer in (brought.calibrate(data), run(faces, "observe", "x", "--pack", "city")):
        assert answer.exit_code in (2, 3)
        assert said in answer.output
        assert "packs.toml" in answer.output
    assert set(available_packs()) <= {"recommended", "embedded"}


def test_a_network_that_does_not_run_as_entered_is_refused(tmp_path, monkeypatch, data):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    entry = brought.enter(
        tmp_path, path=f'path = "{broken}"', sha256=f'sha256 = "{models.sha256_of(broken)}"'
    )
    monkeypatch.setenv("JIANZAI_PACKS", str(entry))
    answer = brought.calibrate(data)
    assert answer.exit_code == 2, answer.output
    assert "city.tflite does not run" in answer.output


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({}, "is not a folder"),
        ({"people/1/1.jpg": "1 1", "people/2/1.jpg": "2 1"}, "is not a folder"),
        (
            {f"people/{one}/1.jpg": f"{one} 1" for one in range(9)}
            | {f"strangers/{one}.jpg": f"{one} 0" for one in range(9)},
            "0 pairs of strangers who are known to be 60 or older and of one sex; thresholds take 30,000",
        ),
    ],
)
def test_too_little_to_measure_with_is_refused(entered, tmp_path, made, said):
    data = tmp_path / "few"
    data.mkdir()
    for name, content in made.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(content)
    answer = brought.calibrate(data)
    assert answer.exit_code == 2
    assert said in answer.output
    assert not (entered / "city.calibration.json").exists()


def test_old_strangers_who_are_too_few_are_counted(entered, tmp_path):
    answer = brought.calibrate(brought.people(tmp_path / "data", strangers=400))
    assert answer.exit_code == 2
    assert "pairs of strangers who are known to be 60 or older" in answer.output


def test_networks_that_tell_nobody_apart_are_refused(entered, data, monkeypatch):
    def noise(content):
        row = np.random.default_rng(list(content)).standard_normal(192).astype(np.float32)
        return row / np.linalg.norm(row)

    monkeypatch.setattr(brought, "vector_of", noise)
    answer = brought.calibrate(data)
    assert answer.exit_code == 2
    assert "of the rightful" in answer.output


def test_a_pack_that_is_not_brought_cannot_be_calibrated(entered, data, monkeypatch):
    assert "enters no pack embedded; it enters city" in brought.calibrate(data, "embedded").output
    monkeypatch.delenv("JIANZAI_PACKS")
    answer = brought.calibrate(data)
    assert answer.exit_code == 2
    assert "JIANZAI_PACKS" in answer.output
