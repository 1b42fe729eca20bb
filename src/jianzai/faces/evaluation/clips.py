"""A folder of clips: captures compared with references, as a deployment compares them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..comparison import decide, deciding
from ..engine import FaceEngine
from ..enrolment import EnrolmentRefused
from ..types import Decision, Observations, Reference
from ..video import Unusable, read_video
from .pictures import UnusableInput
from .rates import Figure
from .statistics import rate

SUFFIXES = frozenset((".mp4", ".mov", ".webm", ".mkv", ".avi", ".gif"))


@dataclass(frozen=True, slots=True)
class Clips:
    """What became of clips: as captures, as references, and compared with each other."""

    clips: int
    people: int
    not_captured: dict[str, tuple[str, ...]]  # failed to acquire: why, and which
    not_modelled: dict[str, tuple[str, ...]]  # failed to enrol: why, and which
    figures: tuple[Figure, ...]


def clips(folder: Path) -> list[tuple[str, Path]]:
    """Person and file of every clip, one person a subfolder. Raises UnusableInput where there are none."""
    if not folder.is_dir():
        raise UnusableInput(f"{folder} is not a folder")
    found = [
        (person.name, path)
        for person in sorted(folder.iterdir())
        if person.is_dir()
        for path in sorted(person.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise UnusableInput(f"{folder} holds no folder with clips in it")
    return found


def compare_clips(
    engine: FaceEngine, found: Sequence[tuple[str, Path]], told: Callable[[int, int], None]
) -> Clips:
    """Observe every clip, model its person from it alone, and compare every other clip with that reference.

    A clip is never compared with itself. ``told`` hears how many are done, of how many.
    """
    captures: list[tuple[str, Path, Observations]] = []
    references: list[tuple[str, Path, Reference]] = []
    not_captured: dict[str, list[str]] = {}
    not_modelled: dict[str, list[str]] = {}
    for number, (person, path) in enumerate(found):
        told(number, len(found))
        try:
            observed = engine.observe(read_video(path))
        except (Unusable, OSError) as problem:
            why = problem.reason if isinstance(problem, Unusable) else "unreadable"
            not_captured.setdefault(why, []).append(path.name)
            continue
        if any(frame.embedding is not None for frame in observed.frames):
            captures.append((person, path, observed))
        else:
            seen = any(frame.faces for frame in observed.frames)
            not_captured.setdefault("no_good_picture" if seen else "no_face", []).append(path.name)
        try:
            references.append((person, path, engine.enrol([observed])))
        except EnrolmentRefused as refused:
            not_modelled.setdefault(str(refused.reasons[0]), []).append(path.name)
    told(len(found), len(found))
    decisions: dict[bool, list[Decision]] = {True: [], False: []}
    for whose, reference_path, reference in references:
        for person, path, observed in captures:
            if path != reference_path:
                score, point = deciding(engine.compare(observed, reference), engine.pack)
                decisions[person == whose].append(decide(score, point))
    return Clips(
        len(found),
        len({person for person, _ in found}),
        {why: tuple(names) for why, names in not_captured.items()},
        {why: tuple(names) for why, names in not_modelled.items()},
        tuple(
            Figure(what, rate(decisions[same].count(decision), len(decisions[same])), None, None)
            for what, same, decision in (
                ("rightful, refused", True, Decision.NOT_SAME),
                ("rightful, to a clerk", True, Decision.UNCERTAIN),
                ("strangers, to a clerk", False, Decision.UNCERTAIN),
                ("strangers, let in", False, Decision.SAME),
            )
            if decisions[same]
        ),
    )
