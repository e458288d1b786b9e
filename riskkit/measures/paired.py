"""The same items measured twice: the change, its interval and its exact test."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from riskkit.measures.intervals import FEW, wilson

Floats = NDArray[np.float64]


class Change(NamedTuple):
    """A mean difference after minus before over ``n`` items, with its interval and how it was taken."""

    value: float
    low: float
    high: float
    n: int
    method: str


def mcnemar(lost: int, gained: int) -> float:
    """The exact two-sided p-value that items are lost and gained equally often; 1 where none moved.

    Q. McNemar (1947), Psychometrika 12, 153-157; the binomial form, valid at any number of discordant pairs.
    """
    moved = lost + gained
    return float(stats.binomtest(gained, moved, 0.5).pvalue) if moved else 1.0


def tango(lost: int, gained: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Score interval for the change ``(gained - lost) / n`` of a rate over ``n`` paired items.

    T. Tango (1998), Statistics in Medicine 17, 891-908: the changes that a score test with the nuisance rate at its
    restricted maximum likelihood does not reject. Stays within -1 and 1 and holds where nothing moved.
    """
    if not 0 <= lost + gained <= n or n < 1 or min(lost, gained) < 0:
        raise ValueError(f"{lost} lost and {gained} gained of {n} are not counts of pairs")
    z, value = float(special.ndtri(0.5 + level / 2)), (gained - lost) / n

    def reach(delta: float, sign: float) -> float:
        return sign * tango_statistic(lost, gained, n, delta) - z

    low = -1.0 if value <= -1 else _root(lambda d: reach(d, 1.0), -1.0, value)
    high = 1.0 if value >= 1 else _root(lambda d: reach(d, -1.0), 1.0, value)
    return low, high


def tango_statistic(lost: int, gained: int, n: int, delta: float) -> float:
    """The score statistic for the hypothesis that the rate changed by ``delta``."""
    b = -gained - lost + (2 * n - gained + lost) * delta
    c = -lost * delta * (1 - delta)
    fewer = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    spread = n * (2 * fewer + delta * (1 - delta))
    surplus = gained - lost - n * delta
    if spread <= 1e-12:
        return 0.0 if abs(surplus) < 1e-9 else float(np.sign(surplus)) * float("inf")
    return surplus / sqrt(spread)


def change(before: pd.Series[float], after: pd.Series[float], *, level: float = 0.95) -> Change | None:
    """The mean of ``after`` minus that of ``before`` over the items both know; None with fewer than two.

    Both are indexed by item. Values of 0 and 1 take Tango's interval; shares over several answers take Student's over
    items, or, where fewer than five items move, what so few of so many can vouch for (Wilson).
    """
    known = before.dropna().index.intersection(after.dropna().index)
    one, two = before.loc[known].to_numpy(float), after.loc[known].to_numpy(float)
    if len(known) < 2:
        return None
    moved = two - one
    if np.isin(one, (0, 1)).all() and np.isin(two, (0, 1)).all():
        low, high = tango(int((moved < 0).sum()), int((moved > 0).sum()), len(moved), level=level)
        return Change(float(moved.mean()), low, high, len(moved), "Tango's score interval for paired rates")
    low, high = mean_interval(moved, level=level)
    if np.count_nonzero(moved) < FEW:
        ups, downs = int((moved > 0).sum()), int((moved < 0).sum())
        low = min(low, -wilson(downs, len(moved), level=level)[1])
        high = max(high, wilson(ups, len(moved), level=level)[1])
    return Change(
        float(moved.mean()), max(-1.0, low), min(1.0, high), len(moved), "Student's interval over prompts"
    )


def mean_interval(values: ArrayLike, *, level: float = 0.95) -> tuple[float, float]:
    """Student's interval for the mean of independent ``values``."""
    data = np.asarray(values, dtype=float)
    reach = float(special.stdtrit(len(data) - 1, 0.5 + level / 2)) * float(data.std(ddof=1)) / sqrt(len(data))
    return float(data.mean()) - reach, float(data.mean()) + reach


def ratio_of_means(
    before: pd.Series[float], after: pd.Series[float], *, level: float = 0.95
) -> Change | None:
    """The mean of ``after`` over that of ``before``, items paired; None where fewer than two items are known in both.

    The interval is Student's on the logarithm, by linearisation (W. G. Cochran 1977, Sampling Techniques, 6.3).
    """
    known = before.dropna().index.intersection(after.dropna().index)
    one, two = before.loc[known].to_numpy(float), after.loc[known].to_numpy(float)
    if len(known) < 2 or one.mean() <= 0 or two.mean() <= 0:
        return None
    low, high = mean_interval(two / two.mean() - one / one.mean(), level=level)
    value = float(two.mean() / one.mean())
    method = "mean after over mean before; Student's interval on the logarithm over prompts"
    return Change(value, value * float(np.exp(low)), value * float(np.exp(high)), len(known), method)


def means_by(table: pd.DataFrame, column: str, item: Hashable = "prompt_id") -> pd.Series[float]:
    """The mean of ``column`` for each item, unknown values left out."""
    values = table[column].astype("Float64").astype(float)
    return values.groupby(table[item]).mean()


def _root(function: Callable[[float], float], start: float, end: float) -> float:
    """Where ``function`` crosses zero between two places; the start where it does not."""
    if function(start) <= 0:
        return start
    return float(optimize.brentq(function, start, end, xtol=1e-10))
