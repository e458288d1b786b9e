"""Sums of many calls, drawn by their moments so that heavy tails stay and no call need be drawn one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AT_ONCE = 2_000_000
"""Most calls drawn at once when resampling."""
NEARLY_NORMAL = 1e-3
"""Skewness of a sum below which it is drawn as if it had this much; no quantile shows the difference."""


class Growth(NamedTuple):
    """Growth of calls a month: lowest, likeliest, highest; 0.02 is two percent a month."""

    low: float
    mode: float
    high: float


class Moments(NamedTuple):
    """Mean, standard deviation and skewness of a call's cost, one each a resample of the observed calls."""

    mean: Floats
    deviation: Floats
    skewness: Floats


def resampled_moments(costs: Floats, resamples: int, rng: np.random.Generator) -> Moments:
    """The moments of ``resamples`` draws with replacement of as many calls as were observed."""
    n = len(costs)
    step = max(1, AT_ONCE // n)
    parts = [
        _moments(costs[rng.integers(0, n, (min(step, resamples - i), n))]) for i in range(0, resamples, step)
    ]
    return Moments(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def bills(
    moments: Moments,
    *,
    calls: float,
    growth: Growth,
    months: int,
    token_growth: float,
    rng: np.random.Generator,
) -> Floats:
    """USD by month and path, one path an item of ``moments``; a growth of volume is drawn for each path.

    A month's bill is the sum of its calls. The sum of N independent calls has N times their mean and variance, and
    their skewness over the root of N; a shifted gamma distribution (Pearson type III) with these three is drawn.
    """
    paths, month = len(moments.mean), np.arange(months)[:, None]
    rate = np.full(paths, growth.mode)
    if growth.low < growth.high:
        rate = np.asarray(rng.triangular(growth.low, growth.mode, growth.high, paths))
    volume = calls * (1 + rate) ** month
    root = np.sqrt(volume)
    skewness = np.abs(moments.skewness) / np.where(root > 0, root, 1)
    shape = 4 / np.maximum(skewness, NEARLY_NORMAL) ** 2
    surplus = (rng.standard_gamma(shape) - shape) / np.sqrt(shape) * np.where(moments.skewness < 0, -1.0, 1.0)
    total: Floats = np.maximum(0.0, volume * moments.mean + root * moments.deviation * surplus)
    return total * (1 + token_growth) ** month


def _moments(drawn: Floats) -> Moments:
    mean = drawn.mean(axis=1)
    drawn = drawn - mean[:, None]
    squared = drawn * drawn
    deviation = np.sqrt(squared.mean(axis=1))
    deviation[deviation <= 1e-12 * mean] = 0
    cubed = np.einsum("ij,ij->i", squared, drawn) / drawn.shape[1]
    return Moments(
        mean, deviation, np.divide(cubed, deviation**3, out=np.zeros_like(mean), where=deviation > 0)
    )
