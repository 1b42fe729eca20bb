"""The attack laboratory: attacks made from recordings of living people, put through engine and challenge.

    python benchmarks/attacks.py [--output FOLDER]

Each session runs through the real challenge conversation (tests/faces/liveness/simulator.py) and is judged as
the server judges. People: the sample clips, and the public recordings and pictures under JIANZAI_SHARED where
they are. An attacker is given more than he has: every species that can answer is asked only what it can
answer, and sees each prompt at once.

A presentation that is passed without a clerk is an error (APCER of ISO/IEC 30107-3, by species); one that
goes to a clerk is counted apart. Prints one row a species; with --output what every voice said of every
session goes to FOLDER/sessions.json, of which `make attacks` makes docs/liveness.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "faces" / "liveness")]

from attackers import CONDITIONS, SPECIES, Species  # noqa: E402
from observing import Direct  # noqa: E402
from recordings import PEOPLE, SHARED, Person, Someone  # noqa: E402
from simulator import RATE, Playing, Session, run, steady  # noqa: E402

from jianzai.faces import FaceEngine, Frame, Reference, best_pack  # noqa: E402
from jianzai.faces.liveness import Verdict, draw, listen  # noqa: E402
from jianzai.faces.types import Action, Challenge, Prompt  # noqa: E402

HOPELESS_SECONDS = 20.0  # of a session that nothing in the presentation can complete
SECONDS = 45.0
GENUINE = "genuine"
PRESENTATIONS = {"T1": "a person", "F1": "a print", "F2": "a telephone's screen"}


@dataclass(frozen=True)
class Outcome:
    """One session, judged. `complete`: it answered all that was asked; `voices`: verdict and value."""

    kind: str  # a species' name, or GENUINE
    loads: str  # presented, injected; of genuine ones the condition
    person: str
    tuned: bool
    complete: bool
    verdict: Verdict  # of all voices, the worst
    voices: dict[str, tuple[Verdict, float | None]]


class Laboratory:
    """Runs sessions with one engine."""

    def __init__(self):
        self.engine = FaceEngine(best_pack())
        self._direct = Direct(self.engine)
        self._references: dict[str, Reference] = {}

    def reference(self, person: Someone) -> Reference:
        if person.name not in self._references:
            seen = [self.engine.observe([Frame(image, 0.0)]).frames[0] for image in person.known_by()]
            vectors = np.stack([frame.embedding for frame in seen if frame.embedding is not None])
            made = Reference(self.engine.pack.name, vectors, (len(vectors),), 80.0)
            self._references[person.name] = made
        return self._references[person.name]

    def judged(self, kind: str, loads: str, person: Someone, session: Session) -> Outcome:
        comparison = self.engine.compare(session.observations, self.reference(person))
        voices = listen(session.challenge, session.observations, comparison, self.engine.policy)
        said = {voice.verdict for voice in voices.values()}
        return Outcome(
            kind,
            loads,
            person.name,
            person.tuned,
            session.complete,
            next((one for one in (Verdict.FAILED, Verdict.UNDECIDED) if one in said), Verdict.PASSED),
            {name: (voice.verdict, voice.value) for name, voice in voices.items()},
        )

    def genuine(self, person: Person) -> Iterator[Outcome]:
        """The person's own sessions, played straight through, in every condition."""
        for name, condition in CONDITIONS.items():
            for start, speed, *actions in person.straight:
                asked = Challenge(tuple(Prompt(action, 10.0) for action in actions))
                camera = condition(Playing(person.clip, start, speed))
                session = run(camera, asked, self._direct, seconds=28.0)
                yield self.judged(GENUINE, name, person, session)

    def attack(self, species: Species, person: Someone, seed: int) -> Outcome:
        answers = species.answers(person)
        random = Random(f"{person.name} {seed}")
        challenge = draw(random, allowed=answers or tuple(Action))
        seconds = SECONDS if answers else HOPELESS_SECONDS
        times = (lambda number: number / RATE) if species.even else steady
        camera = species.make(person, seed)
        session = run(camera, challenge, self._direct, random, seconds, stamp=times, sent=times)
        return self.judged(species.name, species.loads, person, session)

    def presentations(self) -> Iterator[tuple[str, str, float | None]]:
        """The real pictures under data/pad: file, what of, and the texture networks' share of a live face."""
        for name, what in PRESENTATIONS.items():
            path = SHARED / "pad" / f"image_{name}.jpg"
            if path.exists():
                seen = self.engine.observe([Frame(cv2.imread(str(path)), 0.0)]).frames[0]
                yield path.name, what, seen.texture


def row(name: str, outcomes: list[Outcome]) -> None:
    counts = [sum(one.verdict is verdict for one in outcomes) for verdict in tuple(Verdict)[:3]]
    complete = sum(one.complete for one in outcomes)
    cells = [f"{count:>6}" for count in (len(outcomes), complete, *counts)]
    print(f"{name:<56}", *cells, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, metavar="FOLDER")
    asked = parser.parse_args()
    began = time.process_time()
    lab = Laboratory()
    people = [person for person in PEOPLE if person.present]
    print(f"Pack {lab.engine.pack.name}, {len(people)} recordings and pictures of people. Passed is wrong;")
    print("of genuine sessions it is right, and those not answered are no fault of theirs.\n")
    print(f"{'':<56}", *(f"{head:>6}" for head in ("all", "answ.", "passed", "clerk", "refus.")))
    outcomes = [one for person in people for one in lab.genuine(person)]
    for tuned in (True, False):
        row(f"genuine{', tuned' if tuned else ''}", [one for one in outcomes if one.tuned is tuned])
    for species in SPECIES:
        found = [
            lab.attack(species, person, seed)
            for person in people
            if species.of(person)
            for seed in range(1, 1 + species.challenges)
        ]
        row(f"{species.loads}: {species.name}", found)
        outcomes += found
    if asked.output:
        asked.output.mkdir(parents=True, exist_ok=True)
        report = {
            "on": datetime.now(UTC).date().isoformat(),
            "pack": lab.engine.pack.name,
            "people": [{"name": one.name, "tuned": one.tuned} for one in people],
            "species": [{"name": one.name, "loads": one.loads, "cost": one.cost} for one in SPECIES],
            "presentations": list(lab.presentations()),
            "sessions": [asdict(one) for one in outcomes],
            "cpu_seconds": round(time.process_time() - began),
        }
        (asked.output / "sessions.json").write_text(json.dumps(report, indent=0), encoding="utf-8")
    print(f"\n{time.process_time() - began:.0f} CPU seconds.")


if __name__ == "__main__":
    main()
