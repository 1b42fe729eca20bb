"""Where a pack's thresholds stand, and what they do to people they were not set on.

People are split into two halves. The cohort that normalises one half's scores is made of the other half, so
nobody is compared and normalises at once: of its people, or of vectors drawn from how its old people lie.
A threshold is the lowest at which at most 1 in 10,000 comparisons of strangers of 60 and older of one sex
passes, over both halves; the grey zone below it reaches down to 1 in 1,000. What is reported is cross-fitted:
each half by the threshold that the other half alone would have set. Pictures stand alone here (one a side),
which is harder than clips of several frames.

The same for every pack: `benchmarks/thresholds.py` prints what goes into ``models.toml``, `jianzai models
calibrate` keeps it beside the file of networks that a deployment brings.

Pairs share people, so the intervals are too narrow; where a few strangers are one person twice, their rates
are too high.
"""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from zlib import crc32

import numpy as np

from . import evidence
from .comparison import SMALLEST_COHORT, scores_between
from .drawn import COMPONENTS, draw, unit
from .embedding import Embedder
from .evaluation import Rate, rate, threshold_at
from .evaluation.measuring import Measured
from .evaluation.pictures import Picture
from .models import (
    Evidence,
    Networks,
    OperatingPoint,
    brought_pack,
    calibration_of,
    cohort_of,
    fingerprint,
    model_files,
    sha256_of,
)

SAME_SHARE, GREY_SHARE = 1e-4, 1e-3
NEVER_SHARE = 0.005
OLD = 60  # years
MOST_REFUSED = 0.5  # no network that is fed as its makers say refuses so many
_SEED_MEASURED, _SEED_SHIPPED = 7, 60  # of cohorts drawn from half of the people, and from all


class NotCalibrated(ValueError):
    """Thresholds cannot be set or kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where one kind of score is split, and what that does to people it was not set on."""

    same: float
    uncertain: float
    slope: float  # of the log10 likelihood ratio over the score
    offset: float
    strangers: int  # pairs it was set on: strangers of 60 and older of one sex
    genuine: int  # pairs of one person
    rates: dict[str, Rate]  # cross-fitted; the keys are those of ``_LABELS`` and ``group <name>``
    cost: float  # Cllr, cross-fitted, in bits
    least_cost: float  # of any rising curve over the same scores

    @property
    def figures(self) -> str:
        """What the point was measured to do, in a few sentences."""
        passed, refused, below = (self.rates[name] for name in ("old", "refused", "below_grey"))
        groups = "".join(
            f", {_share(found)} of the {name.removeprefix('group ')} among them"
            for name, found in self.rates.items()
            if name.startswith("group ") and found.errors
        )
        return (
            f"Set on {self.strangers:,} pairs of strangers of {OLD} and older of the same sex. Cross-fitted "
            f"on people it was not set on, passed: {_share(passed)[:-1]}; 95 %: {passed.low:.1e} to "
            f"{passed.high:.1e}) of old strangers of the same sex{groups}, {_share(self.rates['people'])} of "
            f"strangers in other pictures; refused {refused.share:.1%} ({refused.errors:,} of "
            f"{refused.trials:,}) of genuine pairs of single pictures, below the grey zone "
            f"{below.share:.1%}. "
            f"Evidence: Cllr {self.cost:.3f} bits, {self.cost - self.least_cost:.3f} above the least."
        )

    @property
    def operating(self) -> OperatingPoint:
        """The point as a pack has it."""
        line = Evidence(self.slope, self.offset, self.strangers, self.genuine)
        return OperatingPoint(self.same, self.uncertain, self.figures, line)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A pack's points, and the drawn cohort that belongs to one of them."""

    points: dict[str, Point]  # raw, normalised, drawn
    same_face: float
    other_face: float
    cohort: np.ndarray  # (3000, d) int8


@dataclass(frozen=True, slots=True)
class People:
    """Vectors of pictures; ``half`` is 0 or 1 by person."""

    vectors: np.ndarray  # (n, d)
    person: np.ndarray  # (n,) str
    sex: np.ndarray  # (n,) str, empty where unknown
    group: np.ndarray  # (n,) str
    half: np.ndarray  # (n,) int

    def of(self, chosen: np.ndarray) -> People:
        return People(*(getattr(self, name)[chosen] for name in self.__slots__))


def people_of(measured: Measured, *, old: bool = False) -> People:
    """Everybody measured, or only those known to be ``old``."""
    rows = [
        (vector, one)
        for vector, one in zip(measured.vectors, measured.pictures, strict=True)
        if not old or (one.age is not None and one.age >= OLD)
    ]
    return People(
        np.stack([vector for vector, _ in rows]),
        *(np.array([getattr(one, name) for _, one in rows]) for name in ("person", "sex", "group")),
        np.array([half_of(one.person) for _, one in rows]),
    )


class Half:
    """All scores within one half of the people, plain or normalised by a cohort made of the other half."""

    def __init__(self, people: People, old: People, half: int, cohort_by: CohortBy | None):
        cohort = cohort_by and cohort_by(people.of(people.half != half), old.of(old.half != half))
        mine, theirs = people.of(people.half == half), old.of(old.half == half)
        scores = scores_between(theirs.vectors, cohort)
        upper = np.triu(np.ones(scores.shape, bool), 1)
        alike = upper & (theirs.sex[:, None] == theirs.sex[None]) & (theirs.sex != "")[:, None]
        self.old = scores[alike]
        self.groups = {
            str(name): scores[alike & ((theirs.group == name)[:, None] & (theirs.group == name)[None])]
            for name in np.unique(old.group[old.group != ""])
        }
        scores = scores_between(mine.vectors, cohort)
        upper = np.triu(np.ones(scores.shape, bool), 1)
        one = mine.person[:, None] == mine.person[None]
        self.genuine, self.people = scores[upper & one], scores[upper & ~one]


CohortBy = Callable[[People, People], np.ndarray]
Halves = list[Half]


def calibrate(people: Measured, strangers: Measured) -> Calibration:
    """Set a pack's thresholds on its vectors of ``people`` (several pictures each) and of ``strangers``.

    Raises NotCalibrated where a rate that is to be set or reported is not measurable with the pairs there
    are, and for networks that tell nobody apart.
    """
    check_enough(people.pictures, strangers.pictures)
    everybody, old = people_of(people), people_of(strangers, old=True)
    halves = halves_of(everybody, old, None)
    raw = point_of(halves)
    if raw.rates["refused"].share > MOST_REFUSED:
        raise NotCalibrated(
            f"these networks refuse {raw.rates['refused'].share:.0%} of the rightful where 1 in 10,000 old "
            "strangers passes; are side, colour, mean, deviation and points what their makers say?"
        )
    drawn = drawn_by(raw.same)
    return Calibration(
        {
            "raw": raw,
            "normalised": point_of(halves_of(everybody, old, one_of_each)),
            "drawn": point_of(halves_of(everybody, old, drawn)),
        },
        same_face=raw.same,
        other_face=float(np.quantile(np.concatenate([half.genuine for half in halves]), NEVER_SHARE)),
        cohort=draw(old.vectors, raw.same, _SEED_SHIPPED),
    )


def halves_of(people: People, old: People, cohort_by: CohortBy | None) -> Halves:
    """Both halves of the people, each normalised by what ``cohort_by`` makes of the other; None: not."""
    return [Half(people, old, half, cohort_by) for half in (0, 1)]


def one_of_each(people: People, old: People) -> np.ndarray:
    """A cohort of one picture of each person."""
    _, first = np.unique(people.person, return_index=True)
    return np.concatenate([people.vectors[first], old.vectors])


def drawn_by(apart: float) -> CohortBy:
    """A cohort of vectors drawn from how the old ones lie, none of which is one of them by ``apart``."""
    return lambda _, old: unit(draw(old.vectors, apart, _SEED_MEASURED))


def point_of(halves: Halves) -> Point:
    """Thresholds over both halves, and what each half's own do to the other."""
    pairs = np.concatenate([half.old for half in halves])
    genuine = np.concatenate([half.genuine for half in halves])
    crossed = {
        share: [threshold_at(other.old, share) for other in reversed(halves)]
        for share in (SAME_SHARE, GREY_SHARE)
    }
    usual = [threshold_at(other.people, SAME_SHARE) for other in reversed(halves)]
    same, grey = crossed[SAME_SHARE], crossed[GREY_SHARE]
    rates = {
        "old": _passing([half.old for half in halves], same),
        "old_grey": _passing([half.old for half in halves], grey),
        "old_usual": _passing([half.old for half in halves], usual),
        **{
            f"group {name}": _passing([half.groups[name] for half in halves], same)
            for name in halves[0].groups
        },
        "people": _passing([half.people for half in halves], same),
        "refused": _failing(halves, same),
        "below_grey": _failing(halves, grey),
    }
    slope, offset = _line(genuine, pairs)
    lines = [_line(other.genuine, other.old) for other in reversed(halves)]
    said, said_of_strangers = (
        np.concatenate(
            [
                np.clip(
                    a * getattr(half, name) + b, -math.log10(len(genuine) / 3), math.log10(len(pairs) / 3)
                )
                for half, (a, b) in zip(halves, lines, strict=True)
            ]
        )
        for name in ("genuine", "old")
    )
    return Point(
        same=threshold_at(pairs, SAME_SHARE),
        uncertain=threshold_at(pairs, GREY_SHARE),
        slope=slope,
        offset=offset,
        strangers=len(pairs),
        genuine=len(genuine),
        rates=rates,
        cost=evidence.cost(said, said_of_strangers),
        least_cost=evidence.least_cost(said, said_of_strangers),
    )


def runnable(name: str) -> Networks:
    """What the deployment brings as ``name``, with a face tried on it.

    Raises models.ModelMissing where it brings nothing such or a file is not there, NotCalibrated where a
    network does not run as it is entered, or the pack's name has the thresholds of other networks.
    """
    networks = brought_pack(name)
    kept = _kept_networks(calibration_of(name))
    if kept and kept != fingerprint(networks):
        raise NotCalibrated(
            f"{calibration_of(name)} is of other networks, and faces modelled with those cannot be compared "
            "with these: give the new pack another name, or delete the file if no face was ever modelled so "
            f"/ {calibration_of(name)} 属于其他网络，其建立的人脸模型不能与新网络比对：请为新模型包另取名称；"
            "若从未用其建模，可删除该文件"
        )
    for net in networks.recognition:
        try:
            alone = replace(networks, recognition=(net,))
            Embedder(alone).embed(np.zeros((net.side, net.side, 3), np.uint8), np.array(net.points))
        except (RuntimeError, ValueError) as problem:
            why = str(problem).strip().splitlines()[-1]
            raise NotCalibrated(
                f"{net.file} does not run with faces of {net.side} pixels: {why}"
            ) from problem
    return networks


def keep(networks: Networks, found: Calibration, people: Measured, strangers: Measured, on: date) -> Path:
    """Write thresholds, figures and cohort beside the file that enters the pack, and return where."""
    path, drawn = calibration_of(networks.name), cohort_of(networks.name)
    buffer = io.BytesIO()
    np.save(buffer, found.cohort)
    _replace(drawn, buffer.getvalue())
    told = {
        "pack": networks.name,
        "on": on.isoformat(),
        "networks": fingerprint(networks),
        "files": {name: model_files()[name].sha256 for name in networks.files},
        "cohort": sha256_of(drawn),
        "data": {name: _size(measured) for name, measured in (("people", people), ("strangers", strangers))},
        "same_face": found.same_face,
        "other_face": found.other_face,
        "points": {name: asdict(point.operating) for name, point in found.points.items()},
        "rates": {
            name: {what: asdict(rate) for what, rate in point.rates.items()}
            for name, point in found.points.items()
        },
    }
    _replace(path, json.dumps(told, ensure_ascii=False, indent=1).encode())
    return path


def _kept_networks(path: Path) -> str | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["networks"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _size(measured: Measured) -> dict:
    return {
        "pictures": len(measured.pictures),
        "people": len({one.person for one in measured.pictures}),
        "without_a_face": sum(map(len, measured.missed.values())),
    }


def check_enough(people: Sequence[Picture], strangers: Sequence[Picture]) -> None:
    """Raises NotCalibrated where the rule of three says that a threshold cannot be set on each half alone."""
    old = [one for one in strangers if one.age is not None and one.age >= OLD]
    for half in (0, 1):
        pictures = Counter(one.person for one in people if half_of(one.person) == half)
        theirs = [one for one in old if half_of(one.person) == half]
        genuine = sum(map(_pairs, pictures.values()))
        for there, needed, what in (
            (
                sum(map(_pairs, Counter(one.sex for one in theirs if one.sex).values())),
                3 / SAME_SHARE,
                f"pairs of strangers who are known to be {OLD} or older and of one sex",
            ),
            (_pairs(sum(pictures.values())) - genuine, 3 / SAME_SHARE, "pairs of pictures of two people"),
            (genuine, 3 / NEVER_SHARE, "pairs of pictures of one person"),
            (len(theirs), 10 * COMPONENTS, f"strangers of {OLD} and older"),
            (len(pictures) + len(theirs), SMALLEST_COHORT, "people and old strangers"),
        ):
            if there < needed:
                raise NotCalibrated(
                    f"half of the data, kept apart to check the other, holds {there:,} {what}; "
                    f"thresholds take {math.ceil(needed):,}"
                )


def half_of(person: str) -> int:
    """Which half of the people somebody is in: 0 or 1, the same in every run."""
    return crc32(person.encode()) % 2


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _line(genuine: np.ndarray, strangers: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the log10 likelihood ratio."""
    slope, offset = evidence.regress(genuine[:, None], strangers[:, None]) / math.log(10)
    return float(slope), float(offset)


def _passing(scores: list[np.ndarray], thresholds: list[float]) -> Rate:
    """Strangers at or above each half's own threshold."""
    errors = sum(int((half >= own).sum()) for half, own in zip(scores, thresholds, strict=True))
    return rate(errors, sum(map(len, scores)))


def _failing(halves: Halves, thresholds: list[float]) -> Rate:
    """Genuine pairs below each half's own threshold."""
    errors = sum(int((half.genuine < own).sum()) for half, own in zip(halves, thresholds, strict=True))
    return rate(errors, sum(len(half.genuine) for half in halves))


def _share(found: Rate) -> str:
    return f"{found.share:.1e} ({found.errors:,} of {found.trials:,})" if found.trials else "none of none"
