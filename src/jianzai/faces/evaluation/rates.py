"""What vectors of pictures say of an engine: false matches and false non-matches, by whom and by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from ..comparison import scores_between
from ..drawn import COMPONENTS, draw, drawn_cohort, unit
from ..models import OperatingPoint, Pack
from . import usual
from .measuring import Measured
from .pictures import Pair, UnusableInput
from .statistics import Rate, bootstrap, rate, threshold_at

FALSE_MATCH_RATES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
AGES = ((0, 39), (40, 59), (60, 69), (70, 79), (80, 89), (90, 150))
YAWS = (10.0, 20.0, 30.0)  # degrees
EYES = (28.0, 40.0, 60.0)  # pixels between the eyes
ROUNDS = 200  # of the bootstrap over people
BINS = 60
WORSE = {  # measures by which pictures are discarded, and which end is worse
    "inter_eye": "low",
    "sharpness": "low",
    "luminance": "low",
    "over_exposed": "high",
    "under_exposed": "high",
    "contrast": "low",
    "dynamic_range": "low",
    "uniformity": "low",
    "backlight": "high",
    "unnatural_colour": "high",
    "yaw": "high",
    "pitch": "high",
    "roll": "high",
    "eye_opening": "low",
    "mouth_opening": "high",
    "head_size": "low",
}
DISCARDED = (0.0, 0.02, 0.05, 0.1, 0.2)  # shares of pictures
_SEED = 7  # of drawn cohorts


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate with its interval by the counts, and the one that people sharing pairs allow."""

    what: str
    rate: Rate
    low: float | None  # 95 %, bootstrap over people; None where people were not drawn anew
    high: float | None


@dataclass(frozen=True, slots=True)
class Miss:
    """False non-match rate where strangers pass at ``fmr``; no figure where the pairs are too few to tell."""

    fmr: float
    pairs: int  # of two people
    threshold: float | None
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of a pair list told rightly, each fold by the threshold that was best on the others."""

    share: float
    error: float  # standard error over folds
    folds: int
    pairs: int
    left_out: int  # pairs with a picture in which no face was found


@dataclass(frozen=True, slots=True)
class Discards:
    """Error versus discard (ISO/IEC 29794-1): what is refused without the pictures worst by a measure."""

    measure: str
    worse: str  # which end is discarded: low or high
    rates: tuple[Rate, ...]  # at the shares of DISCARDED


@dataclass(frozen=True, slots=True)
class Score:
    """How two vectors are compared, and by what they are told apart."""

    kind: str  # raw, normalised, or the usual engine's 1 minus distance
    point: OperatingPoint
    cohort: np.ndarray | None = None  # what scores are normalised against
    kinship: float = 0.0  # drawn vectors so alike to a person are drawn again, see drawn.draw
    distance: bool = False

    def between(self, vectors: np.ndarray, cohort: np.ndarray | None = None) -> np.ndarray:
        """(n, n) scores of vectors (n, d), by comparison.py's formula; ``cohort`` in place of its own."""
        if self.distance:
            scores = scores_between(vectors)
            squares = np.diag(scores)
            return 1 - np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * scores, 0))
        return scores_between(vectors, self.cohort if cohort is None else cohort)


def scores_of(pack: Pack) -> tuple[Score, ...]:
    """The kinds of score a pack is evaluated by: raw, and normalised where it has a drawn cohort."""
    raw = Score("raw", pack.raw)
    cohort = drawn_cohort(pack.name)
    if pack.drawn is None or cohort is None:
        return (raw,)
    return raw, Score("normalised", pack.drawn, cohort, pack.raw.same)


USUAL = Score("1 minus distance", usual.POINT, distance=True)


@dataclass(frozen=True, slots=True)
class Scoring:
    """Everything measured with one kind of score."""

    kind: str
    point: OperatingPoint
    genuine_pairs: int
    impostor_pairs: int
    misses: tuple[Miss, ...]
    accuracy: Accuracy | None
    at_point: tuple[Figure, ...]  # of the folder of people, at the pack's threshold
    genuine_by: dict[str, tuple[Figure, ...]]  # false non-match rate at the pack's threshold, by condition
    advised: tuple[Figure, ...]  # the same, of pairs with a picture that advice would have refused
    discards: tuple[Discards, ...]
    pooled: tuple[Miss, ...]  # as ``misses``, two pictures a side, of people with four or more
    pooled_at_point: tuple[Figure, ...]
    strangers: tuple[Figure, ...]  # false match rate at the pack's threshold, by who is compared
    strangers_at_press: tuple[Figure, ...]  # the same at the folder of people's FMR of 1e-4, where measurable
    curve: tuple[tuple[float, float], ...]  # FMR, FNMR
    edges: tuple[float, ...]
    genuine: tuple[int, ...]  # pairs between one edge and the next
    impostor: tuple[int, ...]


def evaluate(
    score: Score, people: Measured, strangers: Measured | None, pairs: Sequence[Pair] = ()
) -> Scoring:
    """Compare every picture with every other, and count.

    Normalised scores are against the pack's drawn cohort for the folder of people; for strangers against one
    drawn from the other half of them, where they are enough, since the pack's own may have been fitted to
    them. Raises UnusableInput where there is no pair of one person or of two.
    """
    point = score.point
    scores = score.between(people.vectors)
    names = np.array([one.person for one in people.pictures])
    pairs_of_one, pairs_of_two = _kinds(scores, names)
    genuine, impostor = scores[pairs_of_one], scores[pairs_of_two]
    if not len(genuine) or not len(impostor):
        raise UnusableInput("no two pictures of one person, or of two people, in which a face was found")
    misses = _misses(scores, names)
    twos, of_twos = twos_of(people.vectors, names)
    press = next((one.threshold for one in misses if one.fmr == 1e-4), None)
    low, high = min(genuine.min(), impostor.min()), max(genuine.max(), impostor.max())
    edges = np.linspace(low, high, BINS + 1)
    return Scoring(
        kind=score.kind,
        point=point,
        genuine_pairs=len(genuine),
        impostor_pairs=len(impostor),
        misses=misses,
        accuracy=accuracy(pairs, people, scores) if pairs else None,
        at_point=_at_point(scores, names, point),
        genuine_by=_by_condition(people, scores, names, pairs_of_one, point.same),
        advised=_advised(people, scores, names, pairs_of_one, point.same),
        discards=_discards(people, scores, pairs_of_one, point.same),
        pooled=_misses(score.between(twos), of_twos) if len(twos) else (),
        pooled_at_point=_at_point(score.between(twos), of_twos, point) if len(twos) else (),
        strangers=_strangers(score, strangers, point.same) if strangers else (),
        strangers_at_press=_strangers(score, strangers, press) if strangers and press else (),
        curve=_curve(genuine, impostor),
        edges=tuple(float(edge) for edge in edges),
        genuine=tuple(int(count) for count in np.histogram(genuine, edges)[0]),
        impostor=tuple(int(count) for count in np.histogram(impostor, edges)[0]),
    )


def twos_of(vectors: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of every two pictures of a person on end, for people with four or more; and whose they are.

    The score of two means is the mean of the four scores between their pictures.
    """
    places = [
        place[start : start + 2]
        for place in (np.flatnonzero(names == name) for name in np.unique(names))
        if len(place) >= 4
        for start in range(0, len(place) - 1, 2)
    ]
    if not places:
        return np.empty((0, vectors.shape[1]), np.float32), names[:0]
    return np.stack([vectors[place].mean(axis=0) for place in places]), names[[place[0] for place in places]]


def _kinds(scores: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs are of one person and which of two, each pair once."""
    upper = np.triu(np.ones(scores.shape, bool), 1)
    same = names[:, None] == names[None]
    return upper & same, upper & ~same


def _misses(scores: np.ndarray, names: np.ndarray) -> tuple[Miss, ...]:
    genuine, impostor = _kinds(scores, names)
    others = scores[impostor]
    found = []
    for fmr in FALSE_MATCH_RATES:
        try:
            threshold = threshold_at(others, fmr)
        except ValueError:
            found.append(Miss(fmr, len(others), None, None))
            continue
        found.append(
            Miss(
                fmr,
                len(others),
                threshold,
                _not_matched("rightful, refused", scores, names, genuine, threshold),
            )
        )
    return tuple(found)


def _at_point(scores: np.ndarray, names: np.ndarray, point: OperatingPoint) -> tuple[Figure, ...]:
    genuine, impostor = _kinds(scores, names)
    return (
        _not_matched("rightful, refused", scores, names, genuine, point.same),
        _not_matched("rightful, below the grey zone", scores, names, genuine, point.uncertain),
        _matched("strangers, let in", scores, names, impostor, point.same),
    )


def _not_matched(what: str, scores, names, chosen: np.ndarray, threshold: float) -> Figure:
    """The share of genuine pairs below ``threshold``; each belongs to one person."""
    _, person = np.unique(names, return_inverse=True)
    rows, columns = np.nonzero(chosen)
    below = scores[rows, columns] < threshold
    trials = np.bincount(person[rows], minlength=person.max() + 1)
    errors = np.bincount(person[rows], weights=below, minlength=person.max() + 1)
    return Figure(what, rate(int(below.sum()), len(rows)), *bootstrap(errors, trials, ROUNDS * 5))


def _matched(what: str, scores, names, chosen: np.ndarray, threshold: float) -> Figure:
    """The share of impostor pairs at or above ``threshold``; each belongs to two people."""
    _, person = np.unique(names, return_inverse=True)
    people = person.max() + 1
    rows, columns = np.nonzero(chosen)
    passed = scores[rows, columns] >= threshold
    place = person[rows] * people + person[columns]
    trials = np.bincount(place, minlength=people**2).reshape(people, people)
    errors = np.bincount(place[passed], minlength=people**2).reshape(people, people)
    return Figure(
        what,
        rate(int(passed.sum()), len(rows)),
        *bootstrap(errors.astype(np.float32), trials.astype(np.float32), ROUNDS),
    )


def _by_condition(people: Measured, scores, names, genuine, threshold) -> dict[str, tuple[Figure, ...]]:
    """False non-match rate by the worse picture of each pair."""
    if not people.measures:
        return {}
    yaw = np.maximum(people.measures["yaw"][:, None], people.measures["yaw"][None])
    eyes, sharp = (
        np.minimum(people.measures[name][:, None], people.measures[name][None])
        for name in ("inter_eye", "sharpness")
    )
    thirds = np.quantile(sharp[genuine], (1 / 3, 2 / 3))
    parts = {
        "turned by, degrees": _bands(yaw, YAWS),
        "eyes apart, pixels": _bands(eyes, EYES),
        "sharpness, thirds": _bands(sharp, tuple(thirds), digits=3),
    }
    return {
        name: tuple(
            _not_matched(label, scores, names, genuine & inside, threshold)
            for label, inside in bands
            if (genuine & inside).any()
        )
        for name, bands in parts.items()
    }


def _advised(people: Measured, scores, names, genuine, threshold) -> tuple[Figure, ...]:
    """False non-match rate of pairs with a picture that a person would have been told to take again."""
    found = []
    for reason, affected in [
        *((reason, people.advice == reason) for reason in sorted(set(people.advice.tolist()) - {""})),
        ("none", people.advice == ""),
    ]:
        either = (
            affected[:, None] | affected[None] if reason != "none" else affected[:, None] & affected[None]
        )
        if people.measures and (genuine & either).any():
            found.append(_not_matched(reason, scores, names, genuine & either, threshold))
    return tuple(found)


def _discards(people: Measured, scores, genuine, threshold) -> tuple[Discards, ...]:
    rows, columns = np.nonzero(genuine)
    below = scores[rows, columns] < threshold
    found = []
    for name, worse in WORSE.items():
        if name not in people.measures:
            continue
        goodness = people.measures[name] * (1 if worse == "low" else -1)
        # Ties are left out in the order of the pictures, so that a share is a share.
        place = np.empty(len(goodness), int)
        place[np.argsort(goodness, kind="stable")] = np.arange(len(goodness))
        kept = [place >= share * len(place) for share in DISCARDED]
        both = [one[rows] & one[columns] for one in kept]
        found.append(
            Discards(name, worse, tuple(rate(int(below[one].sum()), int(one.sum())) for one in both))
        )
    return tuple(found)


def _bands(values: np.ndarray, edges: Sequence[float], digits: int = 0) -> list[tuple[str, np.ndarray]]:
    ends = (-np.inf, *edges, np.inf)
    labels = [
        f"below {edges[0]:.{digits}f}",
        *(f"{low:.{digits}f} to {high:.{digits}f}" for low, high in zip(edges, edges[1:], strict=False)),
        f"{edges[-1]:.{digits}f} and more",
    ]
    return [
        (label, (values >= low) & (values < high))
        for label, low, high in zip(labels, ends, ends[1:], strict=False)
    ]


def _strangers(score: Score, strangers: Measured, threshold: float) -> tuple[Figure, ...]:
    """False match rate of every two, and of those alike; each half against a cohort of the other half."""
    names = np.array([one.person for one in strangers.pictures])
    half = np.array([crc32(name.encode()) % 2 for name in names])
    scores = np.full((len(names), len(names)), -np.inf, np.float32)
    if score.cohort is None or min(np.bincount(half, minlength=2)) < 10 * COMPONENTS:
        within = np.ones(scores.shape, bool)
        scores = score.between(strangers.vectors)
    else:
        within = half[:, None] == half[None]
        for number in (0, 1):
            mine = half == number
            cohort = unit(draw(strangers.vectors[~mine], score.kinship, _SEED))
            scores[np.ix_(mine, mine)] = score.between(strangers.vectors[mine], cohort)
    within &= np.triu(np.ones(scores.shape, bool), 1)
    figures = [
        _matched(label, scores, names, within & alike, threshold)
        for label, alike in _alike(strangers)
        if (within & alike).any()
    ]
    return tuple(figures)


def _alike(strangers: Measured) -> list[tuple[str, np.ndarray]]:
    """Which pairs of strangers are of one sex, group or age band, by label."""
    sex = np.array([one.sex for one in strangers.pictures])
    group = np.array([one.group for one in strangers.pictures])
    age = np.array([-1 if one.age is None else one.age for one in strangers.pictures])
    every = np.ones((len(sex), len(sex)), bool)
    same_sex = (sex[:, None] == sex[None]) & (sex != "")[:, None]
    both: Callable[[np.ndarray], np.ndarray] = lambda chosen: chosen[:, None] & chosen[None]  # noqa: E731
    parts = [("all", every), ("same sex", same_sex)]
    parts += [(f"{value}", both(sex == value)) for value in sorted(set(sex) - {""})]
    parts += [
        (f"{low} to {high} years, same sex", both((age >= low) & (age <= high)) & same_sex)
        for low, high in AGES
    ]
    parts += [(f"{value}, same sex", both(group == value) & same_sex) for value in sorted(set(group) - {""})]
    return parts


def accuracy(pairs: Sequence[Pair], people: Measured, scores: np.ndarray) -> Accuracy:
    """LFW's protocol, image-restricted: the mean over folds (Huang et al., 2007)."""
    place = {_number(one.path.name): index for index, one in enumerate(people.pictures)}
    told: dict[int, list[tuple[float, bool]]] = {}
    left_out = 0
    for pair in pairs:
        left, right = (place.get(side) for side in (pair.left, pair.right))
        if left is None or right is None:
            left_out += 1
        else:
            told.setdefault(pair.fold, []).append((float(scores[left, right]), pair.same))
    if len(told) < 2:
        raise UnusableInput("the pair list names fewer than two folds of pictures that are there")
    shares = []
    for fold, mine in told.items():
        others = np.array([row for other, rows in told.items() if other != fold for row in rows])
        threshold = _best(others[:, 0], others[:, 1] > 0.5)
        shares.append(np.mean([(score >= threshold) == same for score, same in mine]))
    return Accuracy(
        float(np.mean(shares)),
        float(np.std(shares, ddof=1) / np.sqrt(len(shares))),
        len(shares),
        sum(map(len, told.values())),
        left_out,
    )


def _number(name: str) -> tuple[str, int]:
    """Person and number of a file named as LFW names them, ``First_Last_0007.jpg``; (name, 0) for others."""
    person, _, number = name.rpartition(".")[0].rpartition("_")
    return (person, int(number)) if number.isdecimal() else (name, 0)


def _best(scores: np.ndarray, same: np.ndarray) -> float:
    """The threshold that tells most of these pairs rightly, midway between two scores."""
    order = np.argsort(scores)
    ends = np.concatenate([[-np.inf], scores[order], [np.inf]])
    # With a threshold above so many of them: strangers among those are told rightly, and the same above.
    right = (
        np.concatenate([[0], np.cumsum(~same[order])])
        + same.sum()
        - np.concatenate([[0], np.cumsum(same[order])])
    )
    best = int(np.argmax(right))
    return float((max(ends[best], scores.min() - 1) + min(ends[best + 1], scores.max() + 1)) / 2)


def _curve(genuine: np.ndarray, impostor: np.ndarray) -> tuple[tuple[float, float], ...]:
    """FMR and FNMR from 1 down to what three pairs can show, evenly in the logarithm."""
    impostor, genuine = np.sort(impostor), np.sort(genuine)
    shares = np.geomspace(1.0, max(3 / len(impostor), 1e-9), 60)
    points = []
    for share in shares:
        threshold = impostor[max(0, len(impostor) - int(len(impostor) * share))]
        points.append(
            (
                float(1 - np.searchsorted(impostor, threshold) / len(impostor)),
                float(np.searchsorted(genuine, threshold) / len(genuine)),
            )
        )
    return tuple(points)
