"""Where each pack's thresholds stand, and what they do to people they were not set on.

Prints, for each pack, the lines that go into models.toml; how they are measured stands in
src/jianzai/faces/calibration.py. Then what other cohorts would do where 1 in 10,000 strangers of the press
photographs passes, whose likeness sets that threshold for two pictures a side, and for packs of several
networks what weights learnt on one half of the people would do to the other half, against those in use.

    python benchmarks/thresholds.py [--data FOLDER] [--pack NAME]

Data: a folder `faces` with `lfw/<person>/*.jpg` and `strangers60/` (every picture another person,
attributes.csv with file, age, sex, group). Vectors are kept in the cache directory between runs.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from jianzai.faces import available_packs
from jianzai.faces.calibration import (
    SAME_SHARE,
    Calibration,
    Half,
    People,
    Point,
    calibrate,
    drawn_by,
    half_of,
    halves_of,
    one_of_each,
    people_of,
    point_of,
)
from jianzai.faces.comparison import scores_between
from jianzai.faces.embedding import Embedder
from jianzai.faces.evaluation import pictures, rate, threshold_at
from jianzai.faces.evaluation.measuring import Describer, Measured, PackDescriber, measure
from jianzai.faces.evaluation.pictures import Pair
from jianzai.faces.evaluation.rates import accuracy, scores_of, twos_of
from jianzai.faces.evidence import regress
from jianzai.faces.models import Pack, cache_dir, packs

POINTS = ("raw", "normalised", "drawn")


def measured(pack: Pack, faces: Path) -> tuple[Measured, Measured]:
    """Press photographs of people, and old strangers."""
    return described(PackDescriber(pack), faces)


def described(describer: Describer, faces: Path) -> tuple[Measured, Measured]:
    """The same by whatever turns pictures into vectors."""
    kept = cache_dir() / "measurements" / f"{describer.name}.npz"
    sides = []
    for name, shown in (
        ("lfw", pictures.people(faces / "lfw")),
        ("strangers60", pictures.strangers(faces / "strangers60")),
    ):
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task(f"{describer.name}: {name}", total=len(shown))
            sides.append(
                measure(
                    describer,
                    shown,
                    kept,
                    lambda done, _, task=task, bar=progress: bar.update(task, completed=done),
                )
            )
        people = {one.person for one in sides[-1].pictures}
        missed = sum(map(len, sides[-1].missed.values()))
        print(
            f"# {name}: {len(people):,} people, {len(sides[-1].pictures):,} pictures, {missed} without a face"
        )
    return sides[0], sides[1]


def lines(found: Calibration) -> str:
    """A pack's thresholds as models.toml has them."""
    told = [f"same_face = {found.same_face:.3f}", f"other_face = {found.other_face:.3f}"]
    for name in POINTS:
        point = found.points[name]
        told += [
            "",
            f"[packs.{name}]",
            f"same = {point.same:.3f}",
            f"uncertain = {point.uncertain:.3f}",
            f"evidence = {{ slope = {point.slope:.3f}, offset = {point.offset:.3f}, "
            f"strangers = {point.strangers}, genuine = {point.genuine} }}",
            f'figures = """\n{point.figures}\n"""',
        ]
    return "\n".join(told)


def further(point: Point) -> str:
    """Figures that stand in no line of models.toml."""
    told = {
        "old strangers who reach the grey zone": "old_grey",
        "old strangers who pass a threshold set on press photographs": "old_usual",
    }
    return "\n".join(f"#   {what}: {point.rates[name]}" for what, name in told.items())


def report(pack: Pack, faces: Path) -> None:
    print(f"\n# ---- {pack.name}")
    people, strangers = measured(pack, faces)
    found = calibrate(people, strangers)
    print(lines(found))
    for name in POINTS:
        print(f"# {name}: Cllr {found.points[name].cost:.4f} bits, least {found.points[name].least_cost:.4f}")
        print(further(found.points[name]))
    by_cohort(pack, people_of(people), people_of(strangers, old=True))
    two_a_side(pack, people)
    if len(pack.recognition) > 1:
        learnt(pack, people, people_of(strangers, old=True), pictures.pairs(faces / "lfw" / "pairs.txt"))


def by_cohort(pack: Pack, people: People, old: People) -> None:
    """Who is refused at FMR 1e-4 of the press photographs, and how many old strangers pass there."""
    nobody = old.of(np.zeros(len(old.half), bool))
    cohorts = {
        "none": None,
        "drawn from old people": drawn_by(pack.raw.same),
        "people in press photographs": lambda others, _: one_of_each(others, nobody),
        "these and old people": one_of_each,
    }
    for label, cohort in cohorts.items():
        halves = halves_of(people, old, cohort)
        threshold = threshold_at(np.concatenate([half.people for half in halves]), SAME_SHARE)
        refused = [int((half.genuine < threshold).sum()) for half in halves]
        pairs = [len(half.genuine) for half in halves]
        passed = np.concatenate([half.old for half in halves]) >= threshold
        print(
            f"#   cohort {label}: refused {rate(sum(refused), sum(pairs))}, by half of the people "
            f"{' and '.join(f'{no / of:.2%}' for no, of in zip(refused, pairs, strict=True))}; "
            f"passed {rate(int(passed.sum()), len(passed))} of old strangers of the same sex"
        )


def two_a_side(pack: Pack, people: Measured) -> None:
    """Who is refused at FMR 1e-4 with two pictures a side, and whose likeness sets that threshold."""
    vectors, names = twos_of(people.vectors, np.array([one.person for one in people.pictures]))
    upper = np.triu(np.ones((len(names),) * 2, bool), 1)
    same = names[:, None] == names[None]
    for score in scores_of(pack):
        scores = score.between(vectors)
        strangers = upper & ~same
        threshold = threshold_at(scores[strangers], SAME_SHARE)
        refused = [names[row] for row, _ in np.argwhere(upper & same & (scores < threshold))]
        reached = Counter(
            frozenset(names[list(pair)]) for pair in np.argwhere(strangers & (scores >= threshold))
        )
        (alike, most), *_ = reached.most_common(1)
        other = strangers & ~(np.isin(names, list(alike))[:, None] & np.isin(names, list(alike))[None])
        without = threshold_at(scores[other], SAME_SHARE)
        pairs, fewer = upper & same, int((upper & same & (scores < without)).sum())
        print(
            f"#   two pictures a side, {score.kind}: refused {rate(len(refused), int(pairs.sum()))}, "
            f"pictures of {len(set(refused))} people; of {sum(reached.values())} pairs of strangers that "
            f"reach the threshold {most} are of one pair of people; without these two {fewer} are refused"
        )


def learnt(pack: Pack, people: Measured, old: People, pairs: list[Pair]) -> None:
    """Weights of the networks learnt on one half of the people, and what they do to the other half."""
    everybody = people_of(people)
    blank, points = np.zeros((112, 112, 3), np.uint8), np.array(pack.recognition[0].points)
    sizes = [
        len(Embedder(replace(pack, recognition=(replace(net, weight=1.0),))).embed(blank, points))
        for net in pack.recognition
    ]
    ends = np.cumsum(sizes)[:-1]
    used = np.array([net.weight for net in pack.recognition])
    single = [
        [by_network(people, ends, used, number) for people in (everybody, old)] for number in range(len(used))
    ]
    shares = []
    for half in (0, 1):
        scored = [Half(people, strangers, half, None) for people, strangers in single]
        weights = regress(
            *(np.column_stack([getattr(one, kind) for one in scored]) for kind in ("genuine", "old"))
        )
        shares.append(np.maximum(weights[:-1], 0) / np.maximum(weights[:-1], 0).sum())
    print(
        f"# weights: in use {np.round(used, 3)}, learnt on the halves "
        f"{' and '.join(str(np.round(share, 3)) for share in shares)}"
    )
    for label, each in (("in use", [used, used]), ("learnt on the other half", shares[::-1])):
        sides = [[weighed(people, ends, used, share) for people in (everybody, old)] for share in each]
        for name in ("raw", "drawn"):
            cohort_by = None if name == "raw" else drawn_by(pack.raw.same)
            found = point_of([Half(*sides[half], half, cohort_by) for half in (0, 1)])
            print(
                f"#   {label}, {name}: refused {found.rates['refused']}, "
                f"passed {found.rates['old']}, {found.cost:.4f} bits"
            )
        scores = np.full((len(everybody.half),) * 2, -1.0, np.float32)
        for half in (0, 1):
            mine = everybody.half == half
            scores[np.ix_(mine, mine)] = scores_between(sides[half][0].vectors[mine])
        within = [pair for pair in pairs if half_of(pair.left[0]) == half_of(pair.right[0])]
        told = accuracy(within, people, scores)
        print(
            f"#   {label}: {told.share:.2%} of {told.pairs:,} of LFW's pairs told rightly, "
            f"standard error {told.error:.2%}"
        )


def by_network(people: People, ends: np.ndarray, used: np.ndarray, number: int) -> People:
    """The vectors of one of the networks alone."""
    return replace(people, vectors=np.split(people.vectors, ends, axis=1)[number] / np.sqrt(used[number]))


def weighed(people: People, ends: np.ndarray, used: np.ndarray, weights: np.ndarray) -> People:
    """The pack's vectors as other weights would have made them."""
    parts = np.split(people.vectors, ends, axis=1)
    return replace(
        people,
        vectors=np.concatenate(
            [
                part * np.float32(np.sqrt(new / old))
                for part, old, new in zip(parts, used, weights, strict=True)
            ],
            axis=1,
        ),
    )


def main() -> None:
    shared = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[1].with_name("shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument("--pack", action="append", help="all that are in the cache unless named")
    asked = parser.parse_args()
    faces = asked.data / "faces"
    if not (faces / "lfw").is_dir() or not (faces / "strangers60").is_dir():
        parser.exit(2, f"{faces} does not hold lfw and strangers60\n")
    for name in asked.pack or available_packs():
        report(packs()[name], faces)


if __name__ == "__main__":
    main()
