"""Error rates with the interval their counts allow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of trials that went wrong, with a 95 % interval."""

    errors: int
    trials: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Errors over trials; NaN without trials."""
        return self.errors / self.trials if self.trials else math.nan

    def __str__(self) -> str:
        return (
            f"{self.share:.2e} ({self.errors:,} of {self.trials:,}; 95 %: {self.low:.1e} to {self.high:.1e})"
        )


def rate(errors: int, trials: int, confidence: float = 0.95) -> Rate:
    """A rate with its exact interval (Clopper and Pearson, Biometrika 1934).

    The interval takes trials for independent. Pairs that share people are not, so it is too narrow for them.
    """
    if not 0 <= errors <= trials:
        raise ValueError(f"{errors} errors of {trials} trials")
    tail = (1 - confidence) / 2
    low = 0.0 if errors == 0 else _beta_quantile(tail, errors, trials - errors + 1)
    high = 1.0 if errors == trials else _beta_quantile(1 - tail, errors + 1, trials - errors)
    return Rate(errors, trials, low, high)


def threshold_at(strangers: np.ndarray, share: float) -> float:
    """The lowest threshold at which at most ``share`` of strangers' scores (n,) pass, by score >= threshold.

    Raises ValueError where the rule of three says that ``share`` cannot be measured with n scores.
    """
    if len(strangers) * share < 3:
        raise ValueError(f"{share:g} is not measurable with {len(strangers):,} pairs")
    allowed = int(len(strangers) * share)
    highest = np.partition(strangers, len(strangers) - allowed - 1)[len(strangers) - allowed - 1]
    return float(np.nextafter(highest, np.inf, dtype=np.float64))


def _beta_quantile(share: float, a: float, b: float) -> float:
    """Where the beta distribution reaches ``share``, by halving: exact to a double's precision near 0 too."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if _beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_share(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function, by its continued fraction (DLMF 8.17.22, Lentz's algorithm)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(1 - x, b, a)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    numerator, denominator = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    result = denominator
    for m in range(1, 2000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for coefficient in (even, odd):
            denominator = 1 / (1 + coefficient * denominator)
            numerator = 1 + coefficient / numerator
            result *= numerator * denominator
        if abs(numerator * denominator - 1) < 1e-15:
            break
    return math.exp(logarithm) * result / a


def bootstrap(
    errors: np.ndarray, trials: np.ndarray, rounds: int = 1000, seed: int = 1
) -> tuple[float, float]:
    """95 % interval of a rate whose trials share people: people are drawn anew, with all their trials.

    ``errors`` and ``trials`` are counts by person (n,), or by pair of people (n, n), the upper triangle
    filled: then both sides of a pair are drawn (subsets bootstrap; Bolle, Ratha and Pankanti, CVIU 2004).
    Seeded. NaN where there are no trials.
    """
    if not trials.sum():
        return math.nan, math.nan
    random = np.random.default_rng(seed)
    people = len(trials)
    shares = []
    for _ in range(rounds):
        weights = np.bincount(random.integers(people, size=people), minlength=people).astype(np.float64)
        drawn = (errors @ weights, trials @ weights)
        if errors.ndim == 2:
            drawn = tuple(weights @ value for value in drawn)
        if drawn[1]:
            shares.append(drawn[0] / drawn[1])
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)
