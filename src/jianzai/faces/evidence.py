"""How much a score says: fitted to pairs of one person and of two, and told apart from how it is fitted.

A likelihood ratio says how many times as often a score like this one is seen between pictures of one person
as between strangers. Its logarithm is taken as a straight line over the score, which logistic regression
fits with both kinds of pairs weighing the same (Bruemmer and du Preez, Computer Speech and Language 2006).
What it costs is measured by Cllr, in bits: 0 for certain and right, 1 for saying nothing. The least Cllr that
any rising curve over the same scores would cost is taken off for the cost of the line itself.
"""

from __future__ import annotations

import numpy as np

_STEPS = 100  # of Newton's method; it takes about ten


def regress(same: np.ndarray, strangers: np.ndarray) -> np.ndarray:
    """Weights (k + 1,) of k scores and a constant, giving the natural logarithm of the likelihood ratio.

    ``same`` (n, k) are scores of pairs of one person, ``strangers`` (m, k) of two. Targets are Platt's
    (Advances in Large Margin Classifiers, 1999), which keep weights finite where the kinds lie apart.
    """
    rows = np.concatenate([same, strangers]).astype(np.float64)
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    rows = np.column_stack([(rows - centre) / spread, np.ones(len(rows))])
    targets = np.repeat([1 - 1 / (len(same) + 2), 1 / (len(strangers) + 2)], [len(same), len(strangers)])
    shares = np.repeat([0.5 / len(same), 0.5 / len(strangers)], [len(same), len(strangers)])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-np.clip(rows @ weights, -500, 500)))
        slope = rows.T @ (shares * (said - targets))
        curve = (rows * (shares * said * (1 - said))[:, None]).T @ rows
        step = np.linalg.solve(curve + 1e-12 * np.eye(len(curve)), slope)
        step *= min(1.0, 5 / np.abs(step).max())  # far from the answer the curve is too flat to be believed
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    plain = weights[:-1] / spread
    return np.append(plain, weights[-1] - plain @ centre)


def cost(same: np.ndarray, strangers: np.ndarray) -> float:
    """Cllr in bits of log10 likelihood ratios (n,) of pairs of one person and (m,) of two."""
    nature = np.log(10)
    return float(
        (np.logaddexp(0, -nature * same).mean() + np.logaddexp(0, nature * strangers).mean()) / np.log(4)
    )


def least_cost(same: np.ndarray, strangers: np.ndarray) -> float:
    """The least Cllr of any likelihood ratio that never falls as these scores rise."""
    kinds = np.repeat([1, 0], [len(same), len(strangers)])
    # Among equal scores those of one person come first, so that they are pooled with the others below.
    kinds = kinds[np.lexsort((-kinds, np.concatenate([same, strangers])))]
    shares = np.where(kinds == 1, 0.5 / len(same), 0.5 / len(strangers))
    pools: list[list[float]] = []  # share of one person, share of both; ratios rise from pool to pool
    for kind, share in zip(kinds, shares, strict=True):
        pools.append([share * kind, share])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            one, both = pools.pop()
            pools[-1][0] += one
            pools[-1][1] += both
    ones, boths = np.array(pools).T
    others = np.maximum(boths - ones, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(ones > 0, ones * np.log2(boths / ones), 0) + np.where(
            others > 0, others * np.log2(boths / others), 0
        )
    return float(bits.sum())
