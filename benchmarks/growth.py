"""What it buys that references grow, and how far a stranger gets who drags one.

People of press photographs with six pictures or more: one or two pictures are the confirmed clips, the others
come one a session, in random order, and grow the reference by the rule of `faces/growth.py`; the last two, of
at most eight, are compared with the reference as it was and as it grew. Strangers: every picture of everybody
else, and old people, against each reference as it was and as it grew. The drag: a face mixed of the person's
and a stranger's, each session as far towards the stranger as the reference still grows by it.

    python benchmarks/growth.py [--data FOLDER] [--pack NAME]

Data and cache as in `benchmarks/thresholds.py`. Pictures stand alone here, one a session, of the press and
of many years; captures of several frames do better. Bootstrap intervals draw people anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from thresholds import measured  # noqa: E402

from jianzai.faces import Decision, available_packs  # noqa: E402
from jianzai.faces.calibration import people_of  # noqa: E402
from jianzai.faces.comparison import anchored, compare, decide, deciding, pooled  # noqa: E402
from jianzai.faces.drawn import drawn_cohort  # noqa: E402
from jianzai.faces.evaluation import rate  # noqa: E402
from jianzai.faces.evaluation.statistics import bootstrap  # noqa: E402
from jianzai.faces.growth import addition, grown  # noqa: E402
from jianzai.faces.models import packs  # noqa: E402
from jianzai.faces.search import spread  # noqa: E402
from jianzai.faces.types import Comparison, Observation, Observations, Reference  # noqa: E402

FEWEST, MOST, KEPT, ORDERS = 6, 8, 2, 3
DRAGGED, SESSIONS, HALVINGS = 60, 10, 7


class Bench:
    """One pack, and the strangers nobody is that scores are normalised against."""

    def __init__(self, name: str):
        self.pack, self.strangers = packs()[name], drawn_cohort(name)

    def compare(self, seen: Observations, known: Reference) -> Comparison:
        return compare(seen, known, self.strangers, drawn=True)

    def decide(self, face: np.ndarray, known: Reference) -> Decision:
        found = self.compare(self.session(face), known)
        score, point = deciding(found, self.pack)
        return anchored(decide(score, point), found, point.uncertain)

    def session(self, face: np.ndarray) -> Observations:
        return Observations(self.pack.name, (Observation(0.0, 0.0, 1, "", embedding=face),))

    def reference(self, faces: np.ndarray) -> Reference:
        return Reference(self.pack.name, faces, (1,) * len(faces), 100.0)

    def after(self, face: np.ndarray, known: Reference) -> Reference:
        """The reference after a session that showed ``face``."""
        if self.decide(face, known) is not Decision.SAME:
            return known
        added = addition(self.pack, self.session(face), known, self.compare)
        return known if added is None else grown(known, added)

    def scores(self, sides: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Normalised scores (n, m) of every side with every face."""
        plain = sides @ faces.T
        one, other = (spread(vectors, self.strangers, 2.0) for vectors in (sides, faces))
        return ((plain - one[0][:, None]) / one[1][:, None] + (plain - other[0]) / other[1]) / 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("JIANZAI_SHARED", "../shared")) / "data"
    )
    parser.add_argument("--pack", choices=list(packs()))
    asked = parser.parse_args()
    for name in [asked.pack] if asked.pack else available_packs():
        print(f"\n== {name}")
        bench = Bench(name)
        press_photographs, strangers = measured(bench.pack, asked.data / "faces")
        press, old = people_of(press_photographs), people_of(strangers, old=True)
        names, counts = np.unique(press.person, return_counts=True)
        chosen = names[counts >= FEWEST]
        for anchors in (1, 2):
            buys(bench, press, old, chosen, anchors)
        drag(bench, press, names)


def buys(bench: Bench, press, old, chosen: np.ndarray, anchors: int) -> None:
    random = np.random.default_rng(anchors)
    refused = {"as confirmed": [], "as grown": []}  # by person: refused, trials
    passed = Counter()
    additions = sessions = 0
    before, after, owners = [], [], []
    for person in chosen:
        own = press.vectors[press.person == person]
        count = {kind: np.zeros(2, int) for kind in refused}
        for _ in range(ORDERS):
            faces = random.permutation(own)[: anchors + MOST]
            first = known = bench.reference(faces[:anchors])
            for face in faces[anchors:-KEPT]:
                known = bench.after(face, known)
            additions += 0 if known.grown is None else len(known.grown)
            sessions += len(faces) - anchors - KEPT
            for kind, reference in (("as confirmed", first), ("as grown", known)):
                decisions = [bench.decide(face, reference) for face in faces[-KEPT:]]
                count[kind] += (sum(one is not Decision.SAME for one in decisions), KEPT)
        for kind, each in count.items():
            refused[kind].append(each)
        before.append(pooled(first))
        after.append(pooled(known))
        owners.append(person)
    print(
        f"\n{anchors} confirmed, {len(chosen)} people, {additions / sessions:.0%} of sessions added or kept"
    )
    for kind, counted in refused.items():
        errors, trials = np.array(counted).T
        low, high = bootstrap(errors, trials)
        found = rate(int(errors.sum()), int(trials.sum()))
        print(f"  refused, {kind}: {found}; by people: {low:.1e} to {high:.1e}")
    before, after, owners = np.stack(before), np.stack(after), np.array(owners)
    point = bench.pack.drawn
    for who, faces, others in (
        ("press photographs", press.vectors, press.person[None] != owners[:, None]),
        ("old strangers", old.vectors, np.ones((len(owners), len(old.vectors)), bool)),
    ):
        as_confirmed, as_grown = bench.scores(before, faces), bench.scores(after, faces)
        passed["as confirmed"] = int((as_confirmed[others] >= point.same).sum())
        held = (as_grown >= point.same) & (as_confirmed >= point.uncertain)
        passed["as grown"] = int(held[others].sum())
        for kind, number in passed.items():
            print(f"  let in, {who}, {kind}: {rate(number, int(others.sum()))}")


def drag(bench: Bench, press, names: np.ndarray) -> None:
    random = np.random.default_rng(1)
    first = {name: press.vectors[press.person == name][0] for name in names}
    ended = {"clips stay": Counter(), "last addition alone": Counter()}
    for one, other in random.permuted(np.tile(names, (DRAGGED, 1)), axis=1)[:, :2]:
        person, stranger = first[one], first[other]
        for rule, ends in ended.items():
            known = bench.reference(person[None])
            for _ in range(SESSIONS):
                here = person if rule == "clips stay" else known.embeddings[0]
                face = furthest(bench, here, stranger, known)
                stays = rule == "clips stay"
                known = grown(known, face) if stays else replace(known, embeddings=face[None])
            ends[str(bench.decide(stranger, known))] += 1
    print(f"\ndragged in {SESSIONS} sessions, {DRAGGED} people each to a stranger; the stranger then is")
    for rule, ends in ended.items():
        print(f"  {rule}: {dict(ends)}; certified {rate(ends['same'], DRAGGED)}")


def furthest(bench: Bench, person: np.ndarray, stranger: np.ndarray, known: Reference) -> np.ndarray:
    low, high, best = 0.0, 1.0, person
    for _ in range(HALVINGS):
        share = (low + high) / 2
        face = (1 - share) * person + share * stranger
        face = (face / np.linalg.norm(face)).astype(np.float32)
        if addition(bench.pack, bench.session(face), known, bench.compare) is not None:
            low, best = share, face
        else:
            high = share
    return best


if __name__ == "__main__":
    main()
