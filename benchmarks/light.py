"""Colours of the screen on the face: how often they are seen, by room, and what attacks make of them.

    python benchmarks/light.py [--people N]

Simulated: no recordings of people under such light were to be had. The recorded people and press photographs
of `benchmarks/attacks.py` are lit by a model of room, screen, skin and camera
(tests/faces/liveness/rooms.py), go through JPEG and the engine, and are judged by the voice. Only the colours
are played, not the actions before them. Prints Markdown tables; docs/liveness.md holds them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "faces" / "liveness")]

from attackers import FINE, Noisy, portrait, printed, turned  # noqa: E402
from page import Page  # noqa: E402
from prints import Held  # noqa: E402
from recordings import PEOPLE, Person, Someone  # noqa: E402
from rooms import ROOMS, SCREENS, Glazed, Lit, Room, Tinted  # noqa: E402
from screens import Shown  # noqa: E402
from simulator import NETWORK, Answering, Camera, decode, encode, steady  # noqa: E402

from jianzai.faces import FaceEngine, Frame, best_pack  # noqa: E402
from jianzai.faces.evaluation import rate  # noqa: E402
from jianzai.faces.liveness import Verdict, draw_light  # noqa: E402
from jianzai.faces.liveness.light import SECONDS, judge_light  # noqa: E402
from jianzai.faces.types import Challenge, Comparison, Observations  # noqa: E402

BEGAN = 0.5  # seconds of camera time before the first colour
AT_ONCE = 8
EVENING = ROOMS[1]
HAZE, MIRROR = 0.005, 0.04  # of white that glass throws back: a screen looked at askew, and one that mirrors
ANSWERS = {
    Verdict.PASSED: "reflected",
    Verdict.ABSENT: "not seen",
    Verdict.UNDECIDED: "other colours",
}
Maker = Callable[[Someone, Page, Random], Camera]


class Laboratory:
    """Plays colours to whatever stands before the camera."""

    def __init__(self):
        self.engine = FaceEngine(best_pack())

    def session(self, make: Maker, person: Someone, seed: str) -> Verdict:
        """What the voice says of one play of colours."""
        random = Random(seed)
        light = draw_light(random, required=False)
        page = Page(light.colours, SECONDS, BEGAN)
        camera = make(person, page, random)
        frames, number = [], 0
        while not frames or frames[-1].shown != len(light.colours):
            taken = steady(number)
            image = decode(encode(camera.picture(taken)))
            frames.append(Frame(image, taken, taken + NETWORK, page.mark(taken)))
            number += 1
        seen = Observations(self.engine.pack.name)
        for start in range(0, len(frames), AT_ONCE):
            fresh = self.engine.observe(frames[start : start + AT_ONCE], seen, answers=5, skin=False)
            seen = replace(seen, frames=seen.frames + fresh.frames)
        # Whose face it is was not asked here: every frame counts as compared.
        compared = Comparison(seen.pack, (), None, None, 0, None, tuple(one.time for one in frames))
        asked = Challenge((), light=replace(light, issued=NETWORK, compared=0))
        return judge_light(asked, seen.frames, compared).verdict


def film(person: Someone) -> Camera:
    """A person at rest, or a photograph of one that a hand sways a little."""
    if isinstance(person, Person):
        return Answering((person.clip, *(person.rest or (0.0, 3.0))), {})
    return Held(portrait(person), turned(0))


def lit(room: Room, lux: float) -> Maker:
    return lambda person, page, random: Lit(film(person), room, lux, page)


def earlier(person: Someone, page: Page, random: Random) -> Camera:
    """A recording of a session with other colours, begun within a second of ours."""
    other = Page(draw_light(random, required=False).colours, SECONDS, page.began + random.random())
    return Lit(film(person), EVENING, SCREENS["laptop at 50 cm"], other)


def on_screen(camera: Camera, page: Page, veil: float) -> Camera:
    return Glazed(Shown(camera, FINE), veil, page)


ATTACKS: dict[str, Maker] = {
    "film on a screen": lambda p, page, r: on_screen(film(p), page, HAZE),
    "film on a screen that mirrors the page": lambda p, page, r: on_screen(film(p), page, MIRROR),
    "film of a session with other colours, on a screen": lambda p, page, r: on_screen(
        earlier(p, page, r), page, HAZE
    ),
    "film injected": lambda p, page, r: Noisy(film(p)),
    "film of a session with other colours, injected": earlier,
    "film injected, all of it tinted with the page's colours": lambda p, page, r: Tinted(film(p), 0.5, page),
    "film injected, the head alone tinted": lambda p, page, r: Lit(
        film(p), replace(EVENING, wall=0.0), SCREENS["laptop at 50 cm"], page
    ),
    "print in a hand, in the evening": lambda p, page, r: Lit(
        Held(printed(portrait(p)), turned(0)), EVENING, SCREENS["laptop at 50 cm"], page
    ),
}


def played(
    lab: Laboratory, kinds: Iterable[tuple[str, Maker]], people: Sequence[Someone], times: int
) -> Iterator[tuple[str, list[Verdict]]]:
    """Of each kind by name, what the voice says of so many plays before each of the people."""
    for name, make in kinds:
        plays = [(one, f"{one.name} {name} {number}") for one in people for number in range(times)]
        yield name, [lab.session(make, one, seed) for one, seed in plays]


def table(heading: str, rows: Iterable[tuple[str, list[Verdict]]]) -> None:
    print(f"| {heading} | plays | reflected | not seen | other colours |")
    print("| --- | --- | --- | --- | --- |")
    for name, verdicts in rows:
        if not verdicts:
            continue
        cells = []
        for verdict in ANSWERS:
            found = rate(verdicts.count(verdict), len(verdicts))
            cells.append(
                f"{found.errors}: {100 * found.share:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"
            )
        print(f"| {name} | {len(verdicts)} | {' | '.join(cells)} |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=len(PEOPLE), help="how many of them, the first ones")
    asked = parser.parse_args()
    began = time.process_time()
    lab = Laboratory()
    people = [person for person in PEOPLE if person.present][: asked.people]
    recorded = [person for person in people if isinstance(person, Person)]
    pictured = [person for person in people if person not in recorded]
    print(f"Pack {lab.engine.pack.name}, {len(recorded)} recordings, {len(pictured)} photographs.\n")
    places = [(f"{room.name}, {name}", lit(room, lux)) for room in ROOMS for name, lux in SCREENS.items()]
    table("people in recordings", played(lab, places, recorded, 1))
    table("others, in press photographs that sway", played(lab, places, pictured, 1))
    table("attack", played(lab, ATTACKS.items(), recorded, 2))
    print(f"{time.process_time() - began:.0f} CPU seconds.")


if __name__ == "__main__":
    main()
