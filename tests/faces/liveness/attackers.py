"""The kinds of attack of the laboratory, each made of a person's recording or picture, with parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from prints import SIZE, Held, Pose, hold
from puppets import Masked, Mesher, Puppet, Swapped, outlined
from recordings import LEFT, PEOPLE, RIGHT, Person, Someone
from screens import Screen, Shown, fitted, noisy
from simulator import Answering, Camera, Playing

from jianzai.faces.types import Action, Prompt


@cache
def mesher() -> Mesher:
    return Mesher()


@cache
def portrait(person: Someone) -> np.ndarray:
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


def driver_for(person: Someone) -> Person:
    """Who moves for someone else: the other of the two sample men."""
    return PEOPLE[2] if person.name.startswith("man") else PEOPLE[0]


FINE = Screen(gamma=1.1, black=0.03, moire=0.0, bands=0.0)  # a good telephone at the right distance
COARSE = Screen(moire=0.06, bands=0.08)
FINE_EDGED = Screen(fill=0.85, gamma=1.1, black=0.03, moire=0.0)
EDGED = Screen(fill=0.85, moire=0.04, bands=0.04)
GLARING = Screen(moire=0.03, glare=0.35, bands=0.15)

Maker = Callable[[Someone, int], Camera]


@dataclass(frozen=True)
class Species:
    """A kind of attack.

    `answers`: what it can be asked, by person; None: anything, and it is hopeless. `cost`: what the
    attacker needs, in plain words. `even`: its frames come with exactly equal times. `challenges`: to each
    person, more where few recordings can be cut.
    """

    name: str
    make: Maker
    answers: Callable[[Someone], tuple[Action, ...] | None]
    cost: str
    of: Callable[[Someone], bool] = lambda person: True
    loads: str = "presented"
    even: bool = False

    @property
    def challenges(self) -> int:
        return 3 if self.of is has_cut else 1


def cut(person: Person) -> tuple[Action, ...]:
    return tuple(person.stretches)


def all_of(person: Someone) -> tuple[Action, ...]:
    return tuple(Action)


def drivers(person: Someone) -> tuple[Action, ...]:
    return tuple(driver_for(person).stretches)


def has_cut(person: Someone) -> bool:
    return person.rest is not None


def nothing(person: Someone) -> None:
    return None


def _masked(person: Someone, outline: bool = False) -> Masked:
    sheet = printed(portrait(person))
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


def animated(**how) -> Callable[[Someone], Camera]:
    return lambda person: Puppet(person.still, mesher(), **how)


def laid_over(person: Someone) -> Camera:
    """The person's face on someone living."""
    return Swapped(answering(driver_for(person)), person.still, mesher())


FACE_ONLY = animated(follows=0.0, idle=False)
WHOLE_HEAD = animated()

PAPER = "a photograph and a printer"
HOLES = "a photograph, a printer, scissors, and someone behind the sheet who does what is asked"
FILM = "a film of this very person turning, opening the mouth or closing the eyes"
CUT = FILM + ", and a program that plays the right piece within two seconds"
ANIMATED = "one photograph and a program that moves it on command"
OVERLAID = "one photograph, a program that lays it over a living face, and someone who does what is asked"
SCREEN = ", on a good telephone or monitor"
VIRTUAL = ", and a virtual camera"

SPECIES = (
    Species("print on a stand", lambda p, s: Noisy(Held(printed(portrait(p)), turned(0))), nothing, PAPER),
    Species("print in a hand, turned by 50 degrees",
            lambda p, s: Noisy(Held(printed(portrait(p)), turned(50))), nothing, PAPER),
    Species("print bent over 0.8 radians, turned by 50 degrees",
            lambda p, s: Noisy(Held(printed(portrait(p)), turned(50, 0.8))), nothing, PAPER),
    Species("print with holes for eyes and mouth, turned", held(), drivers, HOLES),
    Species("print with holes, bent over 0.6 radians", held(0.6), drivers, HOLES),
    Species("print with holes, bent over 1.2 radians", held(1.2), drivers, HOLES),
    Species("print with holes, cut out along the head", held(1.2, outline=True), drivers, HOLES),
    Species("screen: an earlier session played on",
            lambda p, s: Shown(Playing(p.clip, p.rest[0]), COARSE, s), cut, FILM + SCREEN, has_cut),
    Species("screen: cut to the prompts, moire", on_screen(COARSE), cut, CUT + SCREEN, has_cut),
    Species("screen: cut to the prompts, its edge seen", on_screen(EDGED), cut, CUT + SCREEN, has_cut),
    Species("screen: cut to the prompts, glare and refresh bands",
            on_screen(GLARING), cut, CUT + SCREEN, has_cut),
    Species("screen: cut to the prompts, no moire", on_screen(FINE), cut, CUT + SCREEN, has_cut),
    Species("screen: cut to the prompts, no moire, its edge seen",
            on_screen(FINE_EDGED), cut, CUT + SCREEN, has_cut),
    Species("screen: photograph animated, face only",
            lambda p, s: Shown(FACE_ONLY(p), FINE, s), all_of, ANIMATED + SCREEN),
    Species("screen: photograph animated, whole head",
            lambda p, s: Shown(WHOLE_HEAD(p), FINE, s), all_of, ANIMATED + SCREEN),
    Species("screen: face laid over a living one",
            lambda p, s: Shown(laid_over(p), FINE, s), drivers, OVERLAID + SCREEN),
    Species("a loop", _loop, cut, FILM + VIRTUAL, has_cut, "injected"),
    Species("cut to the prompts", lambda p, s: Noisy(answering(p)), cut, CUT + VIRTUAL, has_cut, "injected"),
    Species("cut to the prompts, at exactly equal times",
            lambda p, s: Noisy(answering(p)), cut, CUT + VIRTUAL, has_cut, "injected", even=True),
    Species("photograph animated, face only",
            lambda p, s: Noisy(FACE_ONLY(p)), all_of, ANIMATED + VIRTUAL, loads="injected"),
    Species("photograph animated, whole head",
            lambda p, s: Noisy(WHOLE_HEAD(p)), all_of, ANIMATED + VIRTUAL, loads="injected"),
    Species("face laid over a living one",
            lambda p, s: Noisy(laid_over(p)), drivers, OVERLAID + VIRTUAL, loads="injected"),
)  # fmt: skip

CONDITIONS: dict[str, Callable[[Camera], Camera]] = {
    "as recorded": lambda camera: camera,
    "in a dim room": Dim,
    "phone in a hand": InHand,
}
