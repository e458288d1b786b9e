"""Intervals for proportions, means and the gaps between two groups."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
FEW = 4
"""Clusters with an event below which nothing is concluded about how alike the values of a cluster are."""


class ClusteredMean(NamedTuple):
    """A mean over values that come in clusters; ``icc`` is None where no cluster holds two values."""

    mean: float
    low: float
    high: float
    n_clusters: int
    icc: float | None


def wilson(k: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Score interval for a proportion of ``k`` in ``n``; with ``n = 0`` nothing is known and it is (0, 1).

    E. B. Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    _check(k, n, level)
    return _score(k / n, n, float(special.ndtri(0.5 + level / 2))) if n else (0.0, 1.0)


def clopper_pearson(k: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Exact interval for a proportion: covers at least ``level`` at every rate, so it suits gates.

    C. J. Clopper, E. S. Pearson (1934), Biometrika 26, 404-413. With ``n = 0`` it is (0, 1).
    """
    _check(k, n, level)
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(special.betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def newcombe(k1: float, n1: float, k2: float, n2: float, *, level: float = 0.95) -> tuple[float, float]:
    """Interval for the difference ``k1/n1 - k2/n2`` of two independent proportions.

    R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: the Wilson limits of both, squared
    and added, so that it never leaves [-1, 1]. Without rows on one side it is (-1, 1).
    """
    (l1, u1), (l2, u2) = wilson(k1, n1, level=level), wilson(k2, n2, level=level)
    if not n1 or not n2:
        return -1.0, 1.0
    p1, p2 = k1 / n1, k2 / n2
    return p1 - p2 - sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2), p1 - p2 + sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)


def ratio_of_proportions(
    k1: float, n1: float, k2: float, n2: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Interval for the ratio ``(k1/n1) / (k2/n2)``; the upper end is infinite where ``k2/n2`` may be 0.

    A. Donner, G. Y. Zou (2012), Statistical Methods in Medical Research 21, 347-359: the ratio's limits
    recovered from the Wilson limits of both proportions.
    """
    (l1, u1), (l2, u2) = wilson(k1, n1, level=level), wilson(k2, n2, level=level)
    if not n1 or not n2:
        return 0.0, float("inf")
    p1, p2 = k1 / n1, k2 / n2
    low = (p1 * p2 - sqrt(max(0.0, (p1 * p2) ** 2 - l1 * u2 * (2 * p1 - l1) * (2 * p2 - u2)))) / (
        u2 * (2 * p2 - u2)
    )
    if l2 <= 0:
        return max(0.0, low), float("inf")
    high = (p1 * p2 + sqrt(max(0.0, (p1 * p2) ** 2 - u1 * l2 * (2 * p1 - u1) * (2 * p2 - l2)))) / (
        l2 * (2 * p2 - l2)
    )
    return max(0.0, low), high


def clustered_mean(
    values: ArrayLike,
    clusters: Sequence[Hashable] | ArrayLike,
    *,
    level: float = 0.95,
    proportion: bool = False,
) -> ClusteredMean:
    """Mean of ``values`` with an interval that counts clusters, not values, as independent.

    The mean is over values (a ratio estimator: large clusters weigh more), its variance the linearised one between
    clusters, with Student's t on ``clusters - 1`` degrees of freedom; at equal cluster sizes this is the t interval
    of the cluster means. E. Miller (2024), arXiv 2411.00640; W. G. Cochran (1977), Sampling Techniques, 6.3.

    With ``proportion`` (values within [0, 1]) a score interval at the effective sample size takes its place and never
    leaves [0, 1]; see :func:`_effective_size`.

    Raises
    ------
    ValueError
        With fewer than two clusters, values that are not numbers, or proportions outside [0, 1].
    """
    _check(0, 1, level)
    data, codes, sizes = _grouped(values, clusters)
    mean, count = float(data.mean()), len(sizes)
    surplus = np.bincount(codes, weights=data - mean, minlength=count)
    variance = count / (count - 1) * float(surplus @ surplus) / len(data) ** 2
    quantile = float(special.stdtrit(count - 1, 0.5 + level / 2))
    if not proportion:
        low, high = mean - quantile * sqrt(variance), mean + quantile * sqrt(variance)
    elif data.min() < 0 or data.max() > 1:
        raise ValueError(f"proportions lie within 0 and 1; found {data.min():g} to {data.max():g}")
    else:
        low, high = _score(mean, _effective_size(data, codes, sizes, variance), quantile)
    return ClusteredMean(mean, low, high, count, _icc(data, codes, sizes))


def _effective_size(data: Floats, codes: Ints, sizes: Ints, variance: float) -> float:
    """How many independent draws say as much: ``p (1 - p) / variance``, but no more than the data can vouch for.

    P. S. Kott, D. A. Carr (1997), Journal of Official Statistics 13, 337-348. Values of 0 and 1 count once each at
    most, and where fewer than four clusters hold the rarer of them, which tells little about how alike the values of
    one cluster are, every cluster counts once.
    """
    mean, count = float(data.mean()), len(sizes)
    size = mean * (1 - mean) / variance if variance > 1e-15 else float(count)
    if not np.isin(data, (0.0, 1.0)).all():
        return size
    rarer = np.bincount(codes, weights=data if mean <= 0.5 else 1 - data)
    return min(size, float(len(data) if np.count_nonzero(rarer) >= FEW else count))


def _check(k: float, n: float, level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; a confidence level lies between 0 and 1, for example 0.95")
    if not 0 <= k <= n:
        raise ValueError(f"{k!r} of {n!r} is not a count of events (0 <= k <= n)")


def _score(p: float, n: float, z: float) -> tuple[float, float]:
    centre, scale = p + z * z / (2 * n), 1 + z * z / n
    reach = z * sqrt(max(0.0, p * (1 - p) / n) + z * z / (4 * n * n))
    low = 0.0 if p <= 0 else max(0.0, (centre - reach) / scale)
    return low, 1.0 if p >= 1 else min(1.0, (centre + reach) / scale)


def _grouped(values: ArrayLike, clusters: Any) -> tuple[Floats, Ints, Ints]:
    data = np.asarray(values, dtype=float)
    codes, _ = pd.factorize(np.asarray(clusters, dtype=object), use_na_sentinel=False)
    if len(data) != len(codes):
        raise ValueError(f"{len(data)} values but {len(codes)} cluster names")
    if not np.isfinite(data).all():
        raise ValueError(f"{int((~np.isfinite(data)).sum())} values are not numbers")
    sizes = np.bincount(codes)
    if len(sizes) < 2:
        raise ValueError(f"an interval needs at least two clusters; there is {len(sizes)}")
    return data, codes, sizes


def _icc(data: Floats, codes: Ints, sizes: Ints) -> float | None:
    """Intra-cluster correlation by one-way analysis of variance (A. Donner 1986, Int. Statistical Review 54)."""
    total, count = len(data), len(sizes)
    if total == count:
        return None
    means = np.bincount(codes, weights=data) / sizes
    between = float(sizes @ (means - data.mean()) ** 2) / (count - 1)
    within = float(((data - means[codes]) ** 2).sum()) / (total - count)
    typical = (total - float(sizes @ sizes) / total) / (count - 1)
    spread = between + (typical - 1) * within
    return (between - within) / spread if spread > 0 else None
