"""The command line answers by exit code, in both languages."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from jianzai.faces import Observations, models
from jianzai.faces.cli import faces, weights
from jianzai.faces.records import from_json


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


def run(group, *arguments):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def short(frames, tmp_path_factory):
    """A few pictures of each of the two men, as files."""
    folder = tmp_path_factory.mktemp("pictures")

    def picture(name, start):
        path = folder / f"{name}-{start}.png"
        cv2.imwrite(str(path), frames(name, start, start + 0.15)[0].image)
        return path

    return picture


def test_one_person_twice(pack, short):
    answer = run(faces, "compare", short("cap12_edit", 1.0), short("cap13_edit2", 1.0), "--pack", pack)
    assert answer.exit_code == 0, answer.output
    assert "same person" in answer.output
    assert "about 50,000 times as common with one person" in " ".join(answer.output.split())


def test_two_people(pack, short, monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    answer = run(faces, "compare", short("cap12_edit", 1.0), short("franck", 1.0), "--pack", pack)
    assert answer.exit_code == 1, answer.output
    assert "不是同一人" in answer.output
    assert "两个陌生人的照片相似到这个程度" in answer.output


def test_uncertain(pack, short, monkeypatch):
    # The grey zone put where two recordings of one man lie.
    import dataclasses

    real = models.packs()[pack]
    raised = dataclasses.replace(real, drawn=dataclasses.replace(real.drawn, same=50.0, uncertain=5.0))
    monkeypatch.setattr(models, "packs", lambda: {pack: raised})
    answer = run(faces, "compare", short("cap12_edit", 1.0), short("cap13_edit2", 1.0), "--pack", pack)
    assert answer.exit_code == 2, answer.output


def test_unusable_input(pack, short, tmp_path):
    good = short("cap12_edit", 1.0)
    text, blank = tmp_path / "text.mp4", tmp_path / "blank.png"
    text.write_text("not a video")
    cv2.imwrite(str(blank), np.full((300, 400, 3), 90, np.uint8))
    for bad, said in ((text, "not a video"), (blank, "no face"), (tmp_path / "none", "No such file")):
        for pair in ((good, bad), (bad, good)):
            answer = run(faces, "compare", *pair, "--pack", pack)
            assert answer.exit_code == 3, answer.output
            assert said in answer.output
    assert run(faces, "compare", good).exit_code == 3


def test_observations_as_json_read_back(pack, short):
    answer = run(faces, "observe", short("cap12_edit", 1.0), "--json", "--pack", pack)
    assert answer.exit_code == 0
    seen = from_json(Observations, json.loads(answer.output))
    assert seen.pack == pack
    assert seen.frames[0].faces == 1
    assert seen.frames[0].embedding is None


def test_observations_as_a_table(pack, short):
    answer = run(faces, "observe", short("franck", 1.0), "--pack", pack)
    assert answer.exit_code == 0
    assert "●" in answer.output


def test_the_list_names_every_file(monkeypatch):
    monkeypatch.setenv("COLUMNS", "240")
    answer = run(weights, "list")
    assert answer.exit_code == 0
    assert all(name in answer.output for name in models.model_files())


def test_what_cannot_be_fetched_is_named(monkeypatch, tmp_path):
    from jianzai.faces import fetching

    monkeypatch.setenv("JIANZAI_CACHE", str(tmp_path))
    monkeypatch.setattr(fetching, "mirror_folders", list)
    says = (["sh", "-c", "echo 'ERROR: no network' >&2; exit 1"], {})
    for kind in ("pypi", "npm"):
        monkeypatch.setitem(fetching._CLIENTS, kind, lambda *_: says)
    answer = run(weights, "fetch", "--pack", "embedded")
    assert answer.exit_code == 3
    assert "mediapipe==0.10.21" in answer.output
    assert "no network" in answer.output
