"""What one call costs, by part, with how much calls differ."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskkit.measures.distributions import Distribution, fixed

Floats = NDArray[np.float64]
PARTS = ("input", "cached", "output", "reasoning")
"""Tokens read, those of them that were in a cache, tokens written, those of them that were thoughts not shown."""


@dataclass(frozen=True)
class CallCost:
    """US dollars of one call at today's prices.

    ``parts`` is USD by part (see :data:`PARTS`; ``all`` where parts are not known): the mean of observed calls, or USD
    a token where tokens are declared, which ``tokens`` then holds. ``variation`` is the standard deviation over the
    mean and ``skewness`` the third standardised moment among calls, ``error`` the relative standard error of the mean,
    ``within`` the lowest and highest call over the mean, ``age`` the months from the middle of the observed calls to
    the middle of the first month to come, through which a trend goes on, ``n`` the independent units, 0 where nothing
    was observed.
    """

    parts: Mapping[str, float]
    variation: float
    skewness: float
    error: float
    n: int
    what: str
    tokens: Mapping[str, Distribution] = field(default_factory=dict)
    within: tuple[float, float] = (0.0, inf)
    age: float = 0.0

    @property
    def sampled(self) -> Distribution:
        """The factor by which the true mean may differ from the observed one.

        The mean of a resample of the calls (the bootstrap) is a sum of independent draws; so it is drawn by its own
        mean, variance and skewness, and the tails of the calls are kept without drawing each.
        """
        if not self.error:
            return fixed(1)
        return Distribution("sampled", (self.error, self.skewness / sqrt(self.n)), *self.within)


def observed(
    costs: ArrayLike,
    *,
    parts: pd.DataFrame | None = None,
    clusters: Sequence[Hashable] | ArrayLike | None = None,
) -> CallCost:
    """The cost of a call as the ``costs`` (USD, one a call) show it.

    ``parts`` splits each cost; ``clusters`` names what calls belong together (such as the prompt they repeat), which
    widens the error of the mean.

    Raises
    ------
    ValueError
        When there is no call, or a cost is negative or no number.
    """
    values = np.asarray(costs, dtype=float)
    if values.ndim != 1 or not len(values):
        raise ValueError("costs holds no call to project from")
    if bad := int((~(np.isfinite(values) & (values >= 0))).sum()):
        raise ValueError(f"{bad} of {len(values)} costs are negative or no number")
    mean, deviation = float(values.mean()), float(values.std())
    if deviation <= 1e-12 * mean or not mean:
        deviation = 0.0
    skewness = float((((values - mean) / deviation) ** 3).mean()) if deviation else 0.0
    error, n = _error(values, mean, clusters)
    return CallCost(
        parts={str(k): float(v) for k, v in parts.mean().items()} if parts is not None else {"all": mean},
        variation=deviation / mean if mean else 0.0,
        skewness=skewness,
        error=error / mean if deviation else 0.0,
        n=n,
        what=f"{len(values):,} observed calls",
        within=(float(values.min()) / mean, float(values.max()) / mean) if deviation else (1.0, 1.0),
    )


def _error(values: Floats, mean: float, clusters: object) -> tuple[float, int]:
    """Standard error of the mean between clusters, and their number."""
    codes = np.arange(len(values))
    if clusters is not None:
        codes = pd.factorize(np.asarray(clusters, dtype=object), use_na_sentinel=False)[0]
    surplus = np.bincount(codes, weights=values - mean)
    count = len(surplus)
    return (sqrt(count / (count - 1) * float(surplus @ surplus)) / len(values) if count > 1 else 0.0), count
