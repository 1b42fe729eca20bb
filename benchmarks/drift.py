"""How often the rule of `faces/drift.py` speaks without a reason, and how often in time.

On people of press photographs with six pictures or more: one picture is the reference, the others come one
a year in random order, so that nothing falls; the rule looks after each that is certified, by itself or by a
clerk. And on margins drawn about a line: of people whose margins stay, and of people who lose some part of
the threshold a year, until the first that a clerk has to look at, and until the first refusal.

    python benchmarks/drift.py [--data FOLDER] [--pack NAME]

Data and cache as in `benchmarks/thresholds.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from thresholds import measured  # noqa: E402

from jianzai.faces import available_packs  # noqa: E402
from jianzai.faces.calibration import People, people_of  # noqa: E402
from jianzai.faces.comparison import scores_between  # noqa: E402
from jianzai.faces.drawn import drawn_cohort  # noqa: E402
from jianzai.faces.drift import SPREAD, Point, falls  # noqa: E402
from jianzai.faces.evaluation import rate  # noqa: E402
from jianzai.faces.models import Pack, packs  # noqa: E402

FEWEST, YEARS, ORDERS = 6, 8, 20
DRAWN = 20_000  # people
STARTS = (1.4, 1.7, 2.0)  # thresholds
GREY = 0.75  # of the threshold: where the grey zone begins (recommended 0.67, embedded 0.74)
FALLS = (0.0, 0.05, 0.1, 0.15, 0.2)  # thresholds a year


def main() -> None:
    parser = argparse.ArgumentParser()
    shared = Path(os.environ.get("JIANZAI_SHARED", "../shared"))
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument("--pack", choices=list(packs()))
    asked = parser.parse_args()
    drawn()
    for name in [asked.pack] if asked.pack else available_packs():
        pack = packs()[name]
        pictured(pack, people_of(measured(pack, asked.data / "faces")[0]))


def drawn() -> None:
    """Margins about a line, each certification independent, spread as the rule takes them to be."""
    random = np.random.default_rng(1)
    print(f"margins about a line (spread {SPREAD:g}), {DRAWN:,} people each, at most {YEARS} years")
    for start in STARTS:
        for fall in FALLS:
            line = start - fall * np.arange(YEARS)
            margins = line + SPREAD * random.standard_normal((DRAWN, YEARS))
            told, refused = np.array([walk(own, GREY) for own in margins]).T
            in_time, unsure = np.array([walk(own, 1.0) for own in margins]).T
            print(
                f"  from {start:.1f}, falling {fall:.2f} a year: told {rate(int(told.sum()), DRAWN)};"
                f" left to a clerk {unsure.mean():.1%}, of these told before {share(in_time, unsure)};"
                f" refused {refused.mean():.1%}, of these told before {share(told, refused)}"
            )


def share(told: np.ndarray, of: np.ndarray) -> str:
    return f"{(told & of).sum() / of.sum():.0%}" if of.any() else "-"


def walk(margins: Sequence[float], least: float) -> tuple[bool, bool]:
    """Whether somebody with these margins, one a year, is told to be modelled anew, and whether refused.

    ``least``: below it they are not certified. Nothing is done about being told; what comes after a refusal
    does not count.
    """
    points: list[Point] = []
    for year, margin in enumerate(margins):
        if margin < least:
            return False, True
        points.append(Point(date(2000 + year, 7, 1), margin))
        if falls(points):
            return True, any(later < least for later in margins[year + 1 :])
    return False, False


def pictured(pack: Pack, press: People) -> None:
    """Real scatter, which is not normal, of people who do not age from one session to the next."""
    random = np.random.default_rng(2)
    strangers, point = drawn_cohort(pack.name), pack.drawn
    names, counts = np.unique(press.person, return_counts=True)
    people = names[counts >= FEWEST]
    told, walks, certifications, within = 0, 0, 0, []
    people_told = 0
    for person in people:
        normalised = scores_between(press.vectors[press.person == person], strangers)
        ever = 0
        for _ in range(ORDERS):
            order = random.permutation(len(normalised))
            scores = normalised[order[0], order[1:]]
            margins = scores[scores >= point.uncertain][:YEARS] / point.same
            if len(margins) > 1:
                within.append(margins.var(ddof=1))
            ever += walk(margins, 0.0)[0]
            certifications += len(margins)
        told += ever
        walks += ORDERS
        people_told += ever > 0
    each = certifications / walks
    print(f"\n== {pack.name}: {len(people)} people, {ORDERS} orders, {each:.1f} certifications")
    print(f"  spread of one person's margins: {np.sqrt(np.mean(within)):.3f} thresholds")
    print(f"  told without a reason, of walks: {rate(told, walks)}; people ever told: {people_told}")


if __name__ == "__main__":
    main()
