"""The interval of an estimate that is reported because it is the largest of several."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
SHARE = 0.1
"""Of the error, what goes to the limits that hold for all estimates at once."""


def picked_reach(values: Floats, covariance: Floats, picked: int, *, level: float) -> tuple[float, float]:
    """How many standard errors the interval reaches below and above ``values[picked]``, the largest in absolute size.

    Given that it was picked, an estimate is a normal value cut off where another would have been picked instead; the
    interval holds the truth of that one as often as ``level`` among such samples, whatever the other truths are. A
    truth below the cut can only be missed by estimates too large, so there the error is spent on that side; that keeps
    the estimate within its interval. The interval lies within the limits that hold for all estimates at once
    (Bonferroni), which keeps it short where two are nearly tied.

    I. Andrews, T. Kitagawa, A. McCloskey (2024), Quarterly Journal of Economics 139, 305-358, hybrid interval: it
    covers at least ``level``, and at most ``level / (1 - (1 - level) / 10)``.
    """
    error = 1 - level
    all_at_once = -float(ndtri(SHARE * error / (2 * len(values))))
    error = (1 - SHARE) * error / (1 - SHARE * error)
    sign, spread = (1.0 if values[picked] >= 0 else -1.0), float(np.sqrt(covariance[picked, picked]))
    seen, cut = abs(values[picked]) / spread, _cut(values, covariance, picked, sign) / spread

    def share_below(value: float, truth: float) -> float:
        start, stop = ndtr(max(cut - truth, -all_at_once)), ndtr(all_at_once)
        return float(max(0.0, ndtr(value - truth) - start) / (stop - start))

    def too_small(truth: float) -> bool:
        return share_below(seen, truth) < min(error / 2, share_below(truth, truth))

    def too_large(truth: float) -> bool:
        return 1 - share_below(seen, truth) < error - min(error / 2, share_below(truth, truth))

    below = _first(lambda reach: too_large(seen - reach), all_at_once)
    above = _first(lambda reach: too_small(seen + reach), all_at_once)
    return (below, above) if sign > 0 else (above, below)


def _cut(values: Floats, covariance: Floats, picked: int, sign: float) -> float:
    """The size below which another estimate would have been the largest, with all that is independent of it as seen."""
    others = np.delete(np.arange(len(values)), picked)
    along = covariance[others, picked] / covariance[picked, picked]
    rest = (values[others] - along * values[picked]) * sign
    return float(np.maximum(rest / (1 - along), -rest / (1 + along)).max(initial=0.0))


def _first(holds: Callable[[float], bool], stop: float) -> float:
    """Where between 0 and ``stop`` something begins to hold, by halving."""
    start = 0.0
    for _ in range(40):
        middle = (start + stop) / 2
        start, stop = (start, middle) if holds(middle) else (middle, stop)
    return stop
