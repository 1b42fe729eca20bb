"""A network that a deployment brings itself: the embedded pack's, entered as if it were a stranger."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from jianzai.faces import calibration, models
from jianzai.faces.cli import weights
from jianzai.faces.drawn import drawn_cohort
from jianzai.faces.evaluation import measuring

ALONE, SEVERAL, STRANGERS = 1400, 140, 560  # people with one picture, with five, and old strangers


def enter(folder: Path, **changed: str) -> Path:
    """A TOML file with one pack, ``city``; ``changed`` takes the place of its lines."""
    try:
        lies = models.path_of("expo_MobileFaceNet.tflite")
    except models.ModelMissing as error:
        pytest.skip(str(error))
    (net,) = models.packs()["embedded"].recognition
    told = {
        "path": f'path = "{lies}"',
        "sha256": f'sha256 = "{models.model_files()[net.file].sha256}"',
        "pack": 'name = "city"',
        "mirror": "mirror = true",
        "side": f"side = {net.side}",
        "colour": f'colour = "{net.colour}"',
        "mean": f"mean = {list(net.mean)}",
        "deviation": f"deviation = {list(net.deviation)}",
        "points": f"points = {[list(point) for point in net.points]}",
        "weight": "weight = 1.0",
    } | changed
    file = folder / "packs.toml"
    file.write_text(
        "\n".join(
            [
                *("[[files]]", 'name = "city.tflite"', told["path"], told["sha256"]),
                *("[[packs]]", told["pack"], told["mirror"]),
                *("[[packs.recognition]]", 'file = "city.tflite"'),
                *(told[name] for name in ("side", "colour", "mean", "deviation", "points", "weight")),
            ]
        )
    )
    return file


def measured_as_published(folder: Path) -> None:
    """Thresholds and cohort of the embedded pack for ``city``, since its network is the same."""
    published = models.packs()["embedded"]
    found = calibration.Calibration(
        {}, published.same_face, published.other_face, np.load(models.cohort_of("embedded"))
    )
    nobody = measuring.Measured((), np.empty(0), {}, np.empty(0), missed={})
    path = calibration.keep(models.brought()["city"], found, nobody, nobody, date(2026, 1, 1))
    told = json.loads(path.read_text())
    told["points"] = {name: asdict(getattr(published, name)) for name in ("raw", "normalised", "drawn")}
    path.write_text(json.dumps(told))


def people(folder: Path, strangers: int = STRANGERS) -> Path:
    """Files that stand for pictures of made-up people: which of them and which picture."""
    number = iter(range(3000))
    for count, each in ((ALONE, 1), (SEVERAL, 5)):
        for _ in range(count):
            person = next(number)
            (folder / "people" / f"{person}").mkdir(parents=True)
            for picture in range(each):
                (folder / "people" / f"{person}" / f"{picture}.jpg").write_text(f"{person} {picture}")
    (folder / "strangers").mkdir()
    rows = ["file,age,sex,group"]
    for _ in range(strangers):
        person = next(number)
        (folder / "strangers" / f"{person}.jpg").write_text(f"{person} 0")
        rows.append(f"{person}.jpg,{60 + person % 40},female,{('a', 'b')[person % 2]}")
    (folder / "strangers" / "attributes.csv").write_text("\n".join(rows))
    return folder


def vector_of(content: bytes) -> np.ndarray:
    """What takes the place of embedding such a file: a person who lies as this network puts people."""
    person, picture = (int(value) for value in content.split())
    vector = drawn_cohort("embedded")[person]
    noise = np.random.default_rng([person, picture]).standard_normal(len(vector)).astype(np.float32)
    vector = vector + 0.6 * noise / np.linalg.norm(noise)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _described(_, content: bytes) -> measuring.Described:
    return measuring.Described(vector_of(content), {})


def calibrate(data: Path, pack: str = "city") -> Result:
    """``jianzai models calibrate`` on made-up people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "_describe", _described)
        return CliRunner().invoke(weights, ["calibrate", "--pack", pack, "--data", str(data)])
