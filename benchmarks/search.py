"""What a search among all faces costs, what it misses, and how often it names somebody who is not there.

*Speed and recall*, on one thread: galleries as large as a district (31,000 people), a city (310,000) and ten
cities, of vectors scattered around the pack's drawn cohort, since nobody has so many faces to measure with.
Probes are vectors of people in it, changed until they score about 0.6, as another picture would. Brute force
is the product of all vectors in single floats; recall is the share of its ten best that the search finds.
"Reading" reads every single float once and does nothing else. FAISS and usearch are measured where their
packages are installed (`pip install faiss-cpu usearch`); nothing here needs them.

*Errors*, on people (`--data`, as for thresholds.py): how many probes of nobody in the gallery get a candidate
at or above the threshold (FPIR), and how many people of the gallery are not the first candidate, or not at or
above the threshold, by another picture (FNIR). The score is normalised as in a search, by a cohort drawn from
the other half of the people. Galleries are drawn at random, ten of each size. For more people than there are,
FPIR is not measured but computed: 1 - (1 - FMR)^n, which takes comparisons for independent.

    python benchmarks/search.py [--pack NAME] [--people N ...] [--data FOLDER]
"""

from __future__ import annotations

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import argparse  # noqa: E402
import importlib.util  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from thresholds import measured  # noqa: E402

from jianzai.faces.calibration import drawn_by, people_of  # noqa: E402
from jianzai.faces.comparison import NEAREST  # noqa: E402
from jianzai.faces.drawn import drawn_cohort, unit  # noqa: E402
from jianzai.faces.evaluation import rate  # noqa: E402
from jianzai.faces.models import packs  # noqa: E402
from jianzai.faces.search import Gallery  # noqa: E402

BEST, PROBES, TOGETHER = 10, 100, 32
SCATTER = 1.0  # length of what is added to a drawn vector to make a person
GALLERIES, SMALL = 10, (30, 100, 300)


def fastest(work: Callable[[], object], rounds: int = 7) -> float:
    """Milliseconds of the fastest of several calls: a busy machine lengthens all but it."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return 1000 * min(spent)


def scattered(pack: str, people: int) -> np.ndarray:
    """Unit vectors (people, d) around the pack's drawn cohort."""
    random, centres = np.random.default_rng(1), drawn_cohort(pack)
    made = np.empty((people, centres.shape[1]), np.float32)
    for start in range(0, people, 100_000):
        part = made[start : start + 100_000]
        away = random.standard_normal(part.shape, np.float32) * (SCATTER / np.sqrt(part.shape[1]))
        part[:] = unit(centres[random.integers(0, len(centres), len(part))] + away)
    return made


def others_pictures(vectors: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(2)
    chosen = vectors[random.integers(0, len(vectors), PROBES)]
    away = random.standard_normal(chosen.shape).astype(np.float32) * (1.33 / np.sqrt(chosen.shape[1]))
    return unit(chosen + away)


def speed(pack: str, people: int, table: Table) -> None:
    vectors = scattered(pack, people)
    probes = others_pictures(vectors)
    gallery = Gallery(vectors[start : start + 10_000] for start in range(0, people, 10_000))
    truth = [np.argpartition(vectors @ probe, -BEST)[-BEST:] for probe in probes]

    def row(name: str, search: Callable[[np.ndarray], np.ndarray], size: int) -> None:
        found = search(probes)
        recall = np.mean([len(set(a) & set(b)) / BEST for a, b in zip(found, truth, strict=True)])
        one = fastest(lambda: search(probes[:1]))
        many = fastest(lambda: search(probes[:TOGETHER]), 3) / TOGETHER
        table.add_row(
            f"{people:,}",
            name,
            f"{one:.1f}",
            f"{many:.1f}",
            f"{one / reading:.2f}",
            f"{size / 1e6:,.0f}",
            f"{recall:.4f}",
        )

    def brute(some: np.ndarray) -> np.ndarray:
        scores = vectors @ some[0] if len(some) == 1 else some @ vectors.T
        scores = np.atleast_2d(scores)
        return np.argpartition(scores, -BEST, axis=1)[:, -BEST:]

    words = vectors.view(np.uint64)
    reading = fastest(lambda: words.sum())
    table.add_row(f"{people:,}", "reading the single floats", f"{reading:.1f}", "", "1", "", "")
    row("brute force, single floats", brute, vectors.nbytes)
    row("jianzai.faces.search", lambda some: gallery.nearest(some, BEST)[0], gallery.size)
    if importlib.util.find_spec("faiss"):
        import faiss

        faiss.omp_set_num_threads(1)
        kind = faiss.ScalarQuantizer
        for name, index, width in (
            ("FAISS, single floats", faiss.IndexFlatIP(vectors.shape[1]), 4),
            (
                "FAISS, 8 bits, not rescored",
                faiss.IndexScalarQuantizer(vectors.shape[1], kind.QT_8bit, faiss.METRIC_INNER_PRODUCT),
                1,
            ),
        ):
            index.train(vectors[:10_000])
            index.add(vectors)
            row(name, lambda some, index=index: index.search(some, BEST)[1], vectors.size * width)
            del index
    if importlib.util.find_spec("usearch"):
        from usearch.index import MetricKind, search

        def by_usearch(some: np.ndarray) -> np.ndarray:
            found = search(vectors, some, BEST, MetricKind.IP, exact=True, threads=1)
            return np.atleast_2d(found.keys)

        row("usearch, exact, single floats", by_usearch, vectors.nbytes)
    table.add_section()


def deviations(sides: np.ndarray, cohort: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    nearest = np.partition(sides @ cohort.T, -NEAREST, axis=1)[:, -NEAREST:]
    return nearest.mean(axis=1), nearest.std(axis=1)


def normalised(probes: np.ndarray, gallery: np.ndarray, cohort: np.ndarray) -> np.ndarray:
    """(m, n) scores by comparison.py's formula."""
    scores = probes @ gallery.T
    (mean, deviation), (other_mean, other_deviation) = deviations(probes, cohort), deviations(gallery, cohort)
    return (
        (scores - mean[:, None]) / deviation[:, None] + (scores - other_mean[None]) / other_deviation[None]
    ) / 2


def errors(pack: str, faces: Path) -> None:
    """Rates at the pack's threshold for scores normalised with a drawn cohort, each half by the other's."""
    threshold, cohort_by = packs()[pack].drawn.same, drawn_by(packs()[pack].raw.same)
    press_photographs, strangers = measured(packs()[pack], faces)
    every_press, every_old = people_of(press_photographs), people_of(strangers, old=True)
    passed, compared = 0, 0
    named, tried = dict.fromkeys(SMALL, 0), dict.fromkeys(SMALL, 0)
    ranks, own_scores, sizes = [], [], []
    random = np.random.default_rng(3)
    for half in (0, 1):
        cohort = cohort_by(every_press.of(every_press.half != half), every_old.of(every_old.half != half))
        old, press = every_old.of(every_old.half == half), every_press.of(every_press.half == half)
        match = normalised(old.vectors, old.vectors, cohort) >= threshold
        passed += int(np.triu(match, 1).sum())
        compared += len(match) * (len(match) - 1) // 2
        for size in SMALL:
            for _ in range(GALLERIES):
                order = random.permutation(len(match))
                named[size] += int(match[np.ix_(order[size:], order[:size])].any(axis=1).sum())
                tried[size] += len(match) - size
        names, first = np.unique(press.person, return_index=True)
        gallery = np.concatenate([press.vectors[first], old.vectors])
        again = np.setdiff1d(np.arange(len(press.person)), first)
        scores = normalised(press.vectors[again], gallery, cohort)
        own = scores[np.arange(len(again)), np.searchsorted(names, press.person[again])]
        ranks.append((scores > own[:, None]).sum(axis=1))
        own_scores.append(own)
        sizes.append(len(gallery))
    pairs = rate(passed, compared)
    print(f"FMR, strangers of 60 and older, both sexes, at {threshold:.2f}: {pairs}")
    for size in SMALL:
        computed = 1 - (1 - pairs.share) ** size
        print(
            f"FPIR, {size} old people: {named[size] / tried[size]:.4f} ({named[size]:,} of {tried[size]:,}); "
            f"computed: {computed:.4f}"
        )
    for size in (31_000, 310_000):
        low, middle, high = (1 - (1 - share) ** size for share in (pairs.low, pairs.share, pairs.high))
        print(
            f"FPIR, {size:,} old people, computed: {middle:.3f} ({low:.3f} to {high:.3f}); "
            f"strangers at or above the threshold: {pairs.share * size:.0f} a search"
        )
    rank, own = np.concatenate(ranks), np.concatenate(own_scores)
    print(f"{len(rank):,} other pictures of people in galleries of {sizes[0]:,} and {sizes[1]:,}")
    for name, missed in (
        ("not the first", rank > 0),
        ("not among the first ten", rank >= 10),
        ("not among the first ten, or below the threshold", (rank >= 10) | (own < threshold)),
    ):
        print(f"  FNIR, {name}: {rate(int(missed.sum()), len(rank))}")


def main() -> None:
    shared = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[1].with_name("shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", default="recommended", choices=list(packs()))
    parser.add_argument("--people", type=int, nargs="*", default=[31_000, 310_000])
    parser.add_argument("--data", type=Path, default=shared / "data")
    asked = parser.parse_args()
    table = Table(title=f"{asked.pack}: a search, one thread")
    for heading in ("people", "", "ms", f"ms each, {TOGETHER} at once", "/ reading", "MB", "recall"):
        table.add_column(heading, justify="right" if heading else "left")
    for people in asked.people:
        speed(asked.pack, people, table)
    Console().print(table)
    if (asked.data / "faces" / "lfw").is_dir():
        errors(asked.pack, asked.data / "faces")


if __name__ == "__main__":
    main()
