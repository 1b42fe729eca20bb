"""Whether a slower network, asked only in the grey zone, spares rightful people a clerk or another try.

The network is a FaceNet of 512 dimensions (`facenet.tflite` in models.toml), published with activations
quantised to ranges that nobody measured; its weights are sound, and `repaired` takes the quantising out. It
is in no pack.

*Rule.* A pack's score decides alone where it is at or above the threshold, or below the grey zone. Within
the zone the second network is asked. Its own score, normalised as the pack's, and the pack's are weighed by
logistic regression; at a limit or above the person is certified, else a clerk looks, as before.

*Measurement.* Weights, thresholds and limit are set on one half of the people and reported on the other,
both ways. The limit is the lowest at which the whole rule lets in no more old strangers of the same sex of
its half than the pack alone. On the other half it may let in some more. So the rule is judged against the
pack alone with its threshold lowered, on that very half, until as many strangers pass: *equal strangers*.
That favours the pack alone, as does the interval below: strangers who are not drawn leave gaps, into which
its threshold sinks.

*When it pays*, decided before anything was measured: with single pictures and the drawn cohort, at equal
strangers, at least a fifth fewer comparisons of one person are left to a clerk or refused, both the interval
of that share (people and strangers drawn anew) and McNemar's exact test clear of chance at 95 %.

    python benchmarks/second_opinion.py [--data FOLDER] [--pack NAME]

Data and cache as in `benchmarks/thresholds.py`. There is one picture of each old stranger, so with two
pictures a side the limits are those of single ones.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parent))

from thresholds import described, measured  # noqa: E402

from jianzai.faces import available_packs, runtime  # noqa: E402
from jianzai.faces.calibration import (  # noqa: E402
    GREY_SHARE,
    SAME_SHARE,
    CohortBy,
    People,
    drawn_by,
    halves_of,
    one_of_each,
    people_of,
    point_of,
)
from jianzai.faces.comparison import scores_between  # noqa: E402
from jianzai.faces.detection import FaceDetector  # noqa: E402
from jianzai.faces.embedding import Embedder  # noqa: E402
from jianzai.faces.evaluation import Rate, rate, threshold_at  # noqa: E402
from jianzai.faces.evaluation.measuring import PackDescriber  # noqa: E402
from jianzai.faces.evaluation.rates import twos_of  # noqa: E402
from jianzai.faces.evidence import regress  # noqa: E402
from jianzai.faces.fetching import fetch  # noqa: E402
from jianzai.faces.mesh import FaceMesh  # noqa: E402
from jianzai.faces.models import (  # noqa: E402
    Networks,
    RecognitionNetwork,
    model_files,
    package_size,
    packs,
    path_of,
)

FILE = "facenet.tflite"
NET = RecognitionNetwork(
    file=FILE,
    side=160,
    colour="rgb",
    mean=(127.5, 127.5, 127.5),
    deviation=(128.0, 128.0, 128.0),
    # Its makers name no points; of eyes .27 to .40 of the side apart, .27 to .33 did best.
    points=((53.6, 64.0), (106.4, 64.0), (80.0, 89.6), (58.4, 115.2), (101.6, 115.2)),
    weight=1.0,
)
SECOND = Networks("facenet", (NET,), (), mirror=True)
FEWER = 0.2  # share of comparisons left to a clerk or refused that must fall away for the rule to pay
ROUNDS = 2000  # of the bootstrap
CITY = 310_000  # people
KINDS = ("drawn", "normalised")  # cohorts: of nobody, as a new deployment has; and of people
SESSION = 5  # pictures of a capture that are embedded (faces/selection.py)


# ---- the network


def repaired(path: Path) -> runtime.openvino.Model:
    """The network as it was before its activations were quantised; takes what ``NET`` says.

    A quantiser stands where a linear unit stood, or where nothing stood: after joining, pooling and
    reshaping, at the input, after the last product, after a convolution that is only added to its
    shortcut, and after the last such sum.
    """
    openvino = runtime.openvino
    model = openvino.Core().read_model(path)
    for step in [one for one in model.get_ordered_ops() if one.get_type_name() == "FakeQuantize"]:
        before = step.input_value(0)
        targets = list(step.output(0).get_target_inputs())
        followed_by = {one.get_node().get_type_name() for one in targets}
        source = before.get_node()
        summed = set()
        if source.get_type_name() == "Add":
            summed = {value.get_node().get_type_name() for value in source.input_values()}
        if not summed or "MatMul" in summed:
            linear = True
        else:
            linear = followed_by == ({"Add"} if "Convolution" in summed else {"AvgPool"})
        after = before if linear else openvino.opset13.relu(before).output(0)
        for target in targets:
            target.replace_source_output(after)
    (product,) = [one for one in model.get_ordered_ops() if one.get_type_name() == "MatMul"]
    (biased,) = [one.get_node() for one in product.output(0).get_target_inputs()]
    (taken,) = model.get_parameters()
    taken.set_element_type(openvino.Type.f32)  # it took bytes
    fixed = openvino.Model([biased.output(0)], [taken])
    fixed.validate_nodes_and_infer_types()
    return fixed


class SecondEmbedder(Embedder):
    """The repaired network with picture and mirror image, on one thread as the packs' networks run."""

    def __init__(self):
        model = repaired(path_of(FILE))
        model.reshape({0: [2, NET.side, NET.side, 3]})
        settings = {
            "INFERENCE_NUM_THREADS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
        }
        compiled = runtime.openvino.Core().compile_model(model, "CPU", settings)
        self._mirror = SECOND.mirror
        self._networks = [(NET, runtime.Network(compiled))]


class SecondDescriber(PackDescriber):
    """Faces found and aligned as for the packs, seen by the second network."""

    def __init__(self):
        super().__init__(SECOND)
        self.version = hashlib.sha256((self.version + inspect.getsource(repaired)).encode()).hexdigest()

    @cached_property
    def _parts(self) -> tuple[FaceDetector, FaceMesh, Embedder]:
        return FaceDetector(), FaceMesh(), SecondEmbedder()


# ---- comparisons


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons of one kind within one half of the people."""

    first: np.ndarray  # (n,) the pack's scores
    second: np.ndarray  # (n,) the second network's
    people: np.ndarray  # (n, 2) who is compared with whom, by number

    @property
    def both(self) -> np.ndarray:
        return np.column_stack([self.first, self.second])


@dataclass(frozen=True, slots=True)
class Side:
    """One half of the people; ``two``: means of two pictures a side."""

    genuine: Pairs
    press: Pairs  # strangers in press photographs
    old: Pairs  # strangers of 60 and older of one sex
    two_genuine: Pairs
    two_press: Pairs


@dataclass(frozen=True, slots=True)
class Seen:
    """Everybody as one network, or one pack's, sees them."""

    people: People
    old: People
    cohort_by: CohortBy


def side_of(both: Sequence[Seen], half: int) -> Side:
    """One half as pack and second network see it, each normalised by a cohort made of the other half."""
    tables = []
    for seen in both:
        others = seen.people.of(seen.people.half != half), seen.old.of(seen.old.half != half)
        cohort = seen.cohort_by(*others)
        mine, old = seen.people.of(seen.people.half == half), seen.old.of(seen.old.half == half)
        twos, of_twos = twos_of(mine.vectors, mine.person)
        tables.append([scores_between(vectors, cohort) for vectors in (mine.vectors, twos, old.vectors)])
    one, two, strangers = zip(*tables, strict=True)
    alike = (old.sex[:, None] == old.sex[None]) & (old.sex != "")[:, None]
    return Side(
        genuine=_pairs(one, mine.person, mine.person[:, None] == mine.person[None]),
        press=_pairs(one, mine.person, mine.person[:, None] != mine.person[None]),
        old=_pairs(strangers, old.person, alike),
        two_genuine=_pairs(two, of_twos, of_twos[:, None] == of_twos[None]),
        two_press=_pairs(two, of_twos, of_twos[:, None] != of_twos[None]),
    )


def _pairs(scores: Sequence[np.ndarray], names: np.ndarray, chosen: np.ndarray) -> Pairs:
    rows, columns = np.nonzero(np.triu(chosen, 1))
    _, number = np.unique(names, return_inverse=True)
    people = np.column_stack([number[rows], number[columns]])
    return Pairs(*(table[rows, columns] for table in scores), people)


# ---- the rule


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a pack's score is split, and how the second network decides in between."""

    same: float
    uncertain: float
    weights: np.ndarray  # (3,) of both scores, and a constant
    limit: float  # of the weighed scores

    def alone(self, pairs: Pairs) -> np.ndarray:
        """Which are certified by the pack alone."""
        return pairs.first >= self.same

    def asked(self, pairs: Pairs) -> np.ndarray:
        """For which the second network is asked: the grey zone."""
        return (pairs.first >= self.uncertain) & ~self.alone(pairs)

    def weighed(self, pairs: Pairs) -> np.ndarray:
        """Both scores together, as the logarithm of a likelihood ratio."""
        return pairs.both @ self.weights[:-1] + self.weights[-1]

    def certified(self, pairs: Pairs) -> np.ndarray:
        """Which are certified by the whole rule."""
        return self.alone(pairs) | (self.asked(pairs) & (self.weighed(pairs) >= self.limit))


def fit(side: Side) -> Rule:
    """The rule as one half sets it: it lets in no more of that half's old strangers than the pack alone."""
    same, uncertain = (threshold_at(side.old.first, share) for share in (SAME_SHARE, GREY_SHARE))
    rule = Rule(same, uncertain, regress(side.genuine.both, side.old.both), math.inf)
    highest = rule.weighed(side.old)[rule.asked(side.old)].max()
    return Rule(same, uncertain, rule.weights, float(np.nextafter(highest, np.inf)))


def lowered(scores: np.ndarray, passing: int) -> float:
    """The lowest threshold at which at most ``passing`` of ``scores`` (n,) pass."""
    return float(np.nextafter(np.sort(scores)[-passing - 1], np.inf, dtype=np.float64))


def mcnemar(better: int, worse: int) -> float:
    """Two-sided p of McNemar's exact test: pairs that only one, or only the other, of two rules got right."""
    changed = better + worse
    tail = sum(math.comb(changed, count) for count in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / 2**changed)


@dataclass(frozen=True, slots=True)
class Gain:
    """What the rule spares one person's comparisons, against the pack alone letting in as many strangers."""

    alone: int  # not certified
    ruled: int
    better: int  # certified by the rule, not by the pack alone
    worse: int
    low: float  # 95 % of ``share``, people and strangers drawn anew, thresholds and weights as they are
    high: float

    @property
    def share(self) -> float:
        """How much less is left to a clerk or refused."""
        return 1 - self.ruled / self.alone if self.alone else math.nan

    @property
    def p(self) -> float:
        return mcnemar(self.better, self.worse)

    @property
    def pays(self) -> bool:
        return self.share >= FEWER and self.low > 0 and self.p < 0.05


def gain_of(rules: Sequence[Rule], sides: Sequence[Side], kind: str, seed: int = 1) -> Gain:
    """Each side by its rule, which the other side set; ``kind`` is genuine or two_genuine."""
    random = np.random.default_rng(seed)
    alone = ruled = better = worse = 0
    drawn = np.zeros((2, ROUNDS))
    for rule, side in zip(rules, sides, strict=True):
        genuine, certified = getattr(side, kind), rule.certified(getattr(side, kind))
        passed = rule.certified(side.old)
        usual = genuine.first >= lowered(side.old.first, int(passed.sum()))
        alone += int((~usual).sum())
        ruled += int((~certified).sum())
        better += int((certified & ~usual).sum())
        worse += int((usual & ~certified).sum())
        order = np.argsort(-side.old.first)
        order = order[: int((side.old.first >= rule.uncertain).sum())]
        scores, strangers, passed = side.old.first[order], side.old.people[order], passed[order]
        people, theirs = int(genuine.people.max()) + 1, int(side.old.people.max()) + 1
        for number in range(ROUNDS):
            often = np.bincount(random.integers(theirs, size=theirs), minlength=theirs)
            weight = often[strangers].prod(axis=1)
            # Sorted by score: the first stranger beyond as many as the rule lets in sets the threshold.
            beyond = np.flatnonzero(np.cumsum(weight) > weight[passed].sum())
            usual = genuine.first > (scores[beyond[0]] if len(beyond) else rule.uncertain)
            often = np.bincount(random.integers(people, size=people), minlength=people)
            weight = often[genuine.people[:, 0]]
            drawn[:, number] += weight[~usual].sum(), weight[~certified].sum()
    there = drawn[0] > 0
    low, high = np.percentile(1 - drawn[1, there] / drawn[0, there], [2.5, 97.5])
    return Gain(alone, ruled, better, worse, float(low), float(high))


# ---- the report


def counted(rules: Sequence[Rule], sides: Sequence[Side], kind: str, by: Callable) -> Rate:
    """How many comparisons of a kind, over both halves, ``by(rule, pairs)`` holds for."""
    found = [by(rule, getattr(side, kind)) for rule, side in zip(rules, sides, strict=True)]
    return rate(sum(int(one.sum()) for one in found), sum(map(len, found)))


def told(found: Rate) -> str:
    low, high, share = (
        f"{value:.2%}" if found.share >= 1e-3 else f"{value:.1e}"
        for value in (found.low, found.high, found.share)
    )
    return f"{share} ({found.errors:,} of {found.trials:,}; 95 %: {low} to {high})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def report(label: str, both: Sequence[Seen]) -> Gain:
    """What the rule does with one pack and one kind of cohort; the gain with one picture a side."""
    sides = [side_of(both, half) for half in (0, 1)]
    rules = [fit(side) for side in reversed(sides)]

    def by_kind(kind: str, *rates: Callable) -> list[str]:
        return [told(counted(rules, sides, kind, each)) for each in rates]

    print(f"\n## {label}")
    shares = " and ".join(f"{rule.weights[1] / rule.weights[:2].sum():.2f}" for rule in rules)
    print(f"\nweight of the second network's score, of both, on the halves: {shares}")
    table(
        (
            "one person",
            "not certified, alone",
            "with the second",
            "left to a clerk, alone",
            "with the second",
        ),
        [
            [
                name,
                *by_kind(
                    kind,
                    lambda rule, pairs: ~rule.alone(pairs),
                    lambda rule, pairs: ~rule.certified(pairs),
                    lambda rule, pairs: rule.asked(pairs),
                    lambda rule, pairs: rule.asked(pairs) & ~rule.certified(pairs),
                ),
            ]
            for name, kind in (("one picture a side", "genuine"), ("two pictures a side", "two_genuine"))
        ],
    )
    table(
        ("strangers", "let in, alone", "with the second", "asked for"),
        [
            [name, *by_kind(kind, Rule.alone, Rule.certified, Rule.asked)]
            for name, kind in (
                ("60 and older, same sex", "old"),
                ("press photographs", "press"),
                ("press photographs, two a side", "two_press"),
            )
        ],
    )
    gains = [gain_of(rules, sides, kind) for kind in ("genuine", "two_genuine")]
    table(
        (
            "equal strangers",
            "not certified, alone",
            "with the second",
            "fewer",
            "95 %",
            "better / worse",
            "p",
        ),
        [
            [
                name,
                f"{gain.alone:,}",
                f"{gain.ruled:,}",
                f"{gain.share:.0%}",
                f"{gain.low:.0%} to {gain.high:.0%}",
                f"{gain.better} / {gain.worse}",
                f"{gain.p:.2g}",
            ]
            for name, gain in zip(("one picture a side", "two pictures a side"), gains, strict=True)
        ],
    )
    always = [
        Rule(math.inf, -math.inf, rule.weights, threshold_at(rule.weighed(other.old), SAME_SHARE))
        for rule, other in zip(rules, reversed(sides), strict=True)
    ]
    refused = counted(always, sides, "genuine", lambda rule, pairs: ~rule.certified(pairs))
    passing = counted(always, sides, "old", Rule.certified)
    print(f"\nwere it asked every time: not certified {told(refused)}, old strangers let in {told(passing)}")
    return gains[0]


def cpu(work: Callable[[], object], times: int = 30) -> float:
    """Median CPU milliseconds of one call, after one to warm up."""
    work()
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1e3


def costs(names: Sequence[str], faces: Path) -> None:
    """What the second network costs beside each pack's own embedding, on one thread."""
    picture = next(path for path in sorted((faces / "lfw").glob("*/*.jpg")))
    image = cv2.imread(str(picture))
    points = FaceMesh().place(image, FaceDetector().detect(image)[0]).five_points
    embedders = {name: Embedder(packs()[name]) for name in names}
    own = {name: cpu(lambda e=each: e.embed(image, points)) for name, each in embedders.items()}
    process = psutil.Process()
    before, began = process.memory_info().rss, time.process_time()
    second = SecondEmbedder()
    loaded = time.process_time() - began
    length = len(second.embed(image, points))
    taken = (process.memory_info().rss - before) / 1e6
    spent = cpu(lambda: second.embed(image, points))
    print("\n## What it costs")
    table(
        ("", "an embedding, CPU ms", "second / own", "bytes of a template"),
        [
            *(
                [
                    name,
                    f"{value:.1f}",
                    f"{spent / value:.1f}",
                    f"{4 * len(embedders[name].embed(image, points)):,}",
                ]
                for name, value in own.items()
            ),
            ["second, with mirror image", f"{spent:.1f}", "", f"{4 * length:,}"],
        ],
    )
    file = model_files()[FILE]
    came = package_size(file.sources[0].address)
    print(
        f"\na capture of {SESSION} pictures: {SESSION * spent:.0f} ms; a picture each of {CITY:,} people: "
        f"{CITY * spent / 3.6e6:.1f} hours of one core; to download: {came / 1e6:.1f} MB; on disk: "
        f"{file.size / 1e6:.1f} MB; a process: {taken:.0f} MB more, loaded in {loaded:.1f} s"
    )


def main() -> None:
    shared = Path(os.environ.get("JIANZAI_SHARED") or Path(__file__).parents[1].with_name("shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument(
        "--pack", choices=list(packs()), action="append", help="all in the cache unless named"
    )
    asked = parser.parse_args()
    faces = asked.data / "faces"
    if not (faces / "lfw").is_dir() or not (faces / "strangers60").is_dir():
        parser.exit(2, f"{faces} does not hold lfw and strangers60\n")
    names = asked.pack or available_packs()
    fetch(FILE)
    costs(names, faces)
    second = described(SecondDescriber(), faces)
    theirs = people_of(second[0]), people_of(second[1], old=True)
    raw = point_of(halves_of(*theirs, None))
    print(f"\nthe second network alone, raw: not certified {told(raw.rates['refused'])}")
    for kind in KINDS:
        alone = point_of(halves_of(*theirs, drawn_by(raw.same) if kind == "drawn" else one_of_each))
        print(f"the second network alone, {kind}: not certified {told(alone.rates['refused'])}")
    for name in names:
        ours = measured(packs()[name], faces)
        if [one.pictures for one in ours] != [one.pictures for one in second]:
            raise SystemExit(f"{name} and the second network did not see the same pictures")
        gains = {}
        for kind in KINDS:
            both = [
                Seen(*everybody, drawn_by(apart) if kind == "drawn" else one_of_each)
                for everybody, apart in (
                    ((people_of(ours[0]), people_of(ours[1], old=True)), packs()[name].raw.same),
                    (theirs, raw.same),
                )
            ]
            gains[kind] = report(f"{name}, {kind}", both)
        print(f"\n{name}: to ask the second network {'pays' if gains['drawn'].pays else 'does not pay'}")


if __name__ == "__main__":
    main()
