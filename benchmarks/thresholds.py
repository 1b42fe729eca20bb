"""Where each pack's thresholds stand, and what they do to people they were not set on.

Set on one half of the people, reported on the other; the cohort that normalises one half's scores is drawn
from the other half, so nobody is compared and normalises at once. A threshold is the lowest at which at most
1 in 10,000 comparisons of strangers of 60 and older of the same sex passes; the grey zone below it reaches
down to 1 in 1,000. Pictures stand alone here (one a side), which is harder than clips of several frames.

    python benchmarks/thresholds.py [--data FOLDER] [--pack NAME]

Data: a folder `faces` with `lfw/<person>/*.jpg` and `strangers60/` (every picture another person,
attributes.csv with file, age, sex, group). Embeddings are kept in the cache directory between runs.
"""

from __future__ import annotations

import argparse
import csv
import os
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

from jianzai.faces import available_packs
from jianzai.faces.comparison import NEAREST
from jianzai.faces.detection import FaceDetector
from jianzai.faces.embedding import Embedder
from jianzai.faces.evaluation import rate, threshold_at
from jianzai.faces.mesh import FaceMesh
from jianzai.faces.models import cache_dir, packs

SAME_SHARE, GREY_SHARE = 1e-4, 1e-3
EAST_ASIAN = "asian"


@dataclass
class People:
    """Pictures of people, with embeddings; ``half`` is 0 or 1 by person."""

    vectors: np.ndarray  # (n, d)
    person: np.ndarray  # (n,) str
    sex: np.ndarray  # (n,) str, empty where unknown
    group: np.ndarray  # (n,) str
    half: np.ndarray  # (n,) int

    def of(self, chosen: np.ndarray) -> People:
        return People(*(values[chosen] for values in vars(self).values()))


def embed(pack: str, folder: Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Embeddings of every picture in ``folder`` with their paths, and the paths where no face was found."""
    kept = cache_dir() / "measurements" / f"{pack}-{folder.name}-{crc32(str(folder).encode()):08x}.npz"
    if kept.exists():
        with np.load(kept) as stored:
            return stored["vectors"], list(stored["paths"]), list(stored["missed"])
    detector, mesh, embedder = FaceDetector(), FaceMesh(), Embedder(packs()[pack])
    vectors, paths, missed = [], [], []
    for path in track(sorted(folder.rglob("*.jpg")), f"{pack}: {folder.name}", console=Console(stderr=True)):
        image = cv2.imread(str(path))
        middle = np.array(image.shape[1::-1]) / 2
        found = sorted(detector.detect(image), key=lambda one: np.hypot(*(middle_of(one.box) - middle)))
        placed = mesh.place(image, found[0]) if found else None
        if placed is None:
            missed.append(str(path.relative_to(folder)))
            continue
        vectors.append(embedder.embed(image, placed.five_points))
        paths.append(str(path.relative_to(folder)))
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, vectors=np.stack(vectors), paths=paths, missed=missed)
    return np.stack(vectors), paths, missed


def middle_of(box: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])


def half_of(person: str) -> int:
    return crc32(person.encode()) % 2


def load_press(pack: str, faces: Path) -> People:
    vectors, paths, missed = embed(pack, faces / "lfw")
    person = np.array([path.split("/")[0] for path in paths])
    print(f"lfw: {len(set(person)):,} people, {len(paths):,} pictures, {len(missed)} without a face found")
    unknown = np.full(len(paths), "")
    return People(vectors, person, unknown, unknown, np.array([half_of(name) for name in person]))


def load_old(pack: str, faces: Path) -> People:
    vectors, paths, missed = embed(pack, faces / "strangers60")
    with (faces / "strangers60" / "attributes.csv").open(encoding="utf-8") as stream:
        rows = {row["file"]: row for row in csv.DictReader(stream)}
    print(f"strangers60: {len(paths):,} people, {len(missed)} without a face found")
    attributes = [rows[path] for path in paths]
    return People(
        vectors,
        np.array(paths),
        np.array([row["sex"] for row in attributes]),
        np.array([row["group"].lower() for row in attributes]),
        np.array([half_of(path) for path in paths]),
    )


def cohort_of(press: People, old: People) -> np.ndarray:
    """One picture of each person."""
    _, first = np.unique(press.person, return_index=True)
    return np.concatenate([press.vectors[first], old.vectors])


class Scores:
    """All scores within one half of the people, plain or normalised against the other half."""

    def __init__(self, press: People, old: People, half: int, normalised: bool):
        cohort = cohort_of(press.of(press.half != half), old.of(old.half != half)) if normalised else None
        mine, theirs = press.of(press.half == half), old.of(old.half == half)
        scores = all_scores(theirs.vectors, cohort)
        upper = np.triu(np.ones(scores.shape, bool), 1)
        same_sex = upper & (theirs.sex[:, None] == theirs.sex[None])
        east_asian = same_sex & ((theirs.group == EAST_ASIAN)[:, None] & (theirs.group == EAST_ASIAN)[None])
        self.old, self.east_asian = scores[same_sex], scores[east_asian]
        scores = all_scores(mine.vectors, cohort)
        upper = np.triu(np.ones(scores.shape, bool), 1)
        same_person = mine.person[:, None] == mine.person[None]
        self.genuine, self.press = scores[upper & same_person], scores[upper & ~same_person]


def all_scores(vectors: np.ndarray, cohort: np.ndarray | None) -> np.ndarray:
    """(n, n) scores of single pictures, by comparison.py's formula."""
    scores = vectors @ vectors.T
    if cohort is None:
        return scores
    nearest = np.partition(vectors @ cohort.T, -NEAREST, axis=1)[:, -NEAREST:]
    mean, deviation = nearest.mean(axis=1), nearest.std(axis=1)
    return ((scores - mean[:, None]) / deviation[:, None] + (scores - mean[None]) / deviation[None]) / 2


def report(pack: str, faces: Path) -> None:
    print(f"\n## {pack}")
    press, old = load_press(pack, faces), load_old(pack, faces)
    for normalised in (False, True):
        name = "normalised" if normalised else "raw"
        setting, reporting = (Scores(press, old, half, normalised) for half in (0, 1))
        same, grey = (threshold_at(setting.old, share) for share in (SAME_SHARE, GREY_SHARE))
        usual = threshold_at(setting.press, SAME_SHARE)
        print(
            f"{name}: same from {same:.4f}, uncertain from {grey:.4f}; "
            f"set on {len(setting.old):,} pairs of old strangers of the same sex"
        )
        print(
            f"  a threshold set on press photographs would be {usual:.4f}, where old same-sex strangers pass "
            f"{rate(int((reporting.old >= usual).sum()), len(reporting.old))}"
        )
        for what, values in (
            ("old strangers, same sex", reporting.old),
            ("East Asian among them", reporting.east_asian),
            ("press photographs, strangers", reporting.press),
        ):
            print(f"  FMR, {what}: {rate(int((values >= same).sum()), len(values))}")
            print(f"    reaching the grey zone: {rate(int((values >= grey).sum()), len(values))}")
        refused = rate(int((reporting.genuine < same).sum()), len(reporting.genuine))
        print(f"  FNMR, press photographs: {refused}")
        print(
            f"    below the grey zone: {rate(int((reporting.genuine < grey).sum()), len(reporting.genuine))}"
        )


def main() -> None:
    shared = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[1].with_name("shared"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument("--pack", action="append", help="all that are in the cache unless named")
    asked = parser.parse_args()
    faces = asked.data / "faces"
    if not (faces / "lfw").is_dir() or not (faces / "strangers60").is_dir():
        parser.exit(2, f"{faces} does not hold lfw and strangers60\n")
    for pack in asked.pack or available_packs():
        report(pack, faces)


if __name__ == "__main__":
    main()
