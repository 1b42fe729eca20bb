"""Where each pack's thresholds stand, and what they do to people they were not set on.

People are split into two halves. The cohort that normalises one half's scores is made of the other half, so
nobody is compared and normalises at once: of its people, or of vectors drawn from how its old people lie.
A threshold is the lowest at which at most 1 in 10,000 comparisons of strangers of 60 and older of one sex
passes, over both halves; the grey zone below it reaches down to 1 in 1,000. What is reported is cross-fitted:
each half by the threshold that the other half alone would have set. Pictures stand alone here (one a side),
which is harder than clips of several frames.

    python benchmarks/thresholds.py [--data FOLDER] [--pack NAME]

Data: a folder `faces` with `lfw/<person>/*.jpg` and `strangers60/` (every picture another person,
attributes.csv with file, age, sex, group). Embeddings are kept in the cache directory between runs. Pairs
share people, so the intervals are too narrow; a few of the strangers are one person twice, so their rates
are too high.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

import jianzai.faces
from jianzai.faces import available_packs
from jianzai.faces.comparison import NEAREST
from jianzai.faces.detection import FaceDetector
from jianzai.faces.drawn import draw, unit
from jianzai.faces.embedding import Embedder
from jianzai.faces.evaluation import Rate, rate, threshold_at
from jianzai.faces.mesh import FaceMesh
from jianzai.faces.models import cache_dir, packs

SAME_SHARE, GREY_SHARE = 1e-4, 1e-3
NEVER_SHARE = 0.005
SEED = 7  # of the drawn cohorts
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
    # Kept for as long as what makes embeddings of pictures stays as it is.
    engine = Path(jianzai.faces.__file__).parent
    made_by = b"".join(
        (engine / f"{name}.py").read_bytes() for name in ("detection", "mesh", "embedding", "runtime")
    )
    key = crc32(str(folder).encode() + made_by)
    kept = cache_dir() / "measurements" / f"{pack}-{folder.name}-{key:08x}.npz"
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


def drawn_of(pack: str, press: People, old: People) -> np.ndarray:
    """Vectors drawn from how the old ones lie."""
    return unit(draw(old.vectors, packs()[pack].raw.same, SEED))


class Scores:
    """All scores within one half of the people, plain or normalised by a cohort made of the other half."""

    def __init__(self, press: People, old: People, half: int, cohort_by: Callable | None):
        cohort = cohort_by and cohort_by(press.of(press.half != half), old.of(old.half != half))
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
    for name, cohort_by in (("raw", None), ("normalised", cohort_of), ("drawn", partial(drawn_of, pack))):
        halves = [Scores(press, old, half, cohort_by) for half in (0, 1)]
        pairs = np.concatenate([half.old for half in halves])
        same, grey = (threshold_at(pairs, share) for share in (SAME_SHARE, GREY_SHARE))
        print(
            f"{name}: same from {same:.3f}, uncertain from {grey:.3f}; "
            f"set on {len(pairs):,} pairs of old strangers of the same sex"
        )
        crossed = [
            [threshold_at(other.old, share) for share in (SAME_SHARE, GREY_SHARE)]
            for other in reversed(halves)
        ]
        usual = [[threshold_at(other.press, SAME_SHARE)] for other in reversed(halves)]
        print(
            "  old strangers, same sex, by a threshold for press photographs: "
            f"{passing(halves, 'old', usual, 0)}"
        )
        for what, which in (
            ("old strangers, same sex", "old"),
            ("East Asian among them", "east_asian"),
            ("press photographs, strangers", "press"),
        ):
            print(f"  FMR, {what}: {passing(halves, which, crossed, 0)}")
            print(f"    reaching the grey zone: {passing(halves, which, crossed, 1)}")
        print(f"  FNMR, press photographs: {failing(halves, crossed, 0)}")
        print(f"    below the grey zone: {failing(halves, crossed, 1)}")
        if cohort_by is None:
            genuine = np.concatenate([half.genuine for half in halves])
            print(
                f"  one face: surely from {same:.3f}; "
                f"surely not below {np.quantile(genuine, NEVER_SHARE):.3f}, "
                f"where {NEVER_SHARE:.1%} of genuine pairs of different days lie"
            )


def passing(halves: list[Scores], name: str, thresholds: list[list[float]], which: int) -> Rate:
    """Strangers at or above each half's own threshold."""
    counts = [
        (int((getattr(half, name) >= own[which]).sum()), len(getattr(half, name)))
        for half, own in zip(halves, thresholds, strict=True)
    ]
    return rate(sum(errors for errors, _ in counts), sum(trials for _, trials in counts))


def failing(halves: list[Scores], thresholds: list[list[float]], which: int) -> Rate:
    """Genuine pairs below each half's own threshold."""
    errors = sum(int((half.genuine < own[which]).sum()) for half, own in zip(halves, thresholds, strict=True))
    return rate(errors, sum(len(half.genuine) for half in halves))


def main() -> None:
    shared = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[1].with_name("shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
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
