"""Simulated futures of a monthly bill, from a sample of calls and assumptions about volume."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskkit.measures.intervals import wilson
from riskkit.model import Measurement

Floats = NDArray[np.float64]
RESAMPLES = 2000
"""Most resamples of the usage sample; the paths share them."""
OUTER, INNER = 200, 2000
"""Resamples of the usage sample, and paths for each, behind the interval of the exceedance probability."""


class Growth(NamedTuple):
    """Growth of calls a month: lowest, likeliest, highest; 0.02 is two percent a month."""

    low: float
    mode: float
    high: float


@dataclass(frozen=True, eq=False)
class Projection:
    """Simulated futures: ``draws`` is USD by path and month, ``months`` its summary, the rest what was assumed.

    ``months`` has the columns month (1 is the first), p10, p50, p90, p99 and exceed, the share of paths whose bill
    of that month is above the budget.
    """

    months: pd.DataFrame
    draws: Floats
    costs: Floats
    calls_per_month: float
    monthly_growth: Growth
    token_growth: float
    monthly_budget_usd: float
    seed: int

    @property
    def final(self) -> Floats:
        """USD of the last month, one a path."""
        return self.draws[:, -1]

    @property
    def horizon(self) -> int:
        """How many months."""
        return int(self.draws.shape[1])


def project(
    costs: ArrayLike,
    *,
    calls_per_month: float,
    monthly_growth: Growth | tuple[float, float, float] | list[float] | float,
    months: int,
    monthly_budget_usd: float,
    token_growth: float = 0.0,
    paths: int = 10_000,
    seed: int,
) -> Projection:
    """Simulate the monthly bill: ``paths`` futures over ``months``, reproducible from ``seed``.

    Every path resamples the observed calls (so that a small sample shows as width), draws one growth of volume from
    the triangular distribution, and sums each month's calls from its resample: by the sum's own mean, variance and
    skewness (a shifted gamma distribution), which keeps heavy tails without drawing every call.

    Parameters
    ----------
    costs : USD of each observed call.
    calls_per_month : calls in the first month.
    monthly_growth : (lowest, likeliest, highest) growth of calls a month, or one number.
    token_growth : growth of tokens, and so of cost, per call a month.

    Raises
    ------
    ValueError
        One line for the first thing that cannot be: no calls, negative costs, an empty horizon, growth out of order.
    """
    observed = np.asarray(costs, dtype=float)
    growth = _growth(monthly_growth)
    _check(observed, calls_per_month, months, monthly_budget_usd, token_growth, paths)
    rng = np.random.default_rng(seed)
    moments = _resampled(observed, min(paths, RESAMPLES), rng)[:, np.arange(paths) % min(paths, RESAMPLES)]
    draws = _bills(moments, calls_per_month, growth, months, token_growth, rng)
    p10, p50, p90, p99 = np.quantile(draws, (0.1, 0.5, 0.9, 0.99), axis=0)
    exceed = (draws > monthly_budget_usd).mean(axis=0)
    table = pd.DataFrame(
        {"month": np.arange(1, months + 1), "p10": p10, "p50": p50, "p90": p90, "p99": p99, "exceed": exceed}
    )
    return Projection(table, draws, observed, calls_per_month, growth, token_growth, monthly_budget_usd, seed)


def monthly_cost_usd(projection: Projection, *, month: int | None = None, level: float = 0.95) -> Measurement:
    """The median bill of the last month (or of ``month``) with a predictive interval; ``n`` counts observed calls."""
    at = projection.horizon if month is None else month
    if not 1 <= at <= projection.horizon:
        raise ValueError(f"month {at} is not within the horizon of {projection.horizon} months")
    low, median, high = np.quantile(projection.draws[:, at - 1], ((1 - level) / 2, 0.5, (1 + level) / 2))
    return Measurement(
        measure="monthly_cost_usd",
        segment="" if month is None else f"month {at}",
        value=float(median),
        low=float(low),
        high=float(high),
        level=level,
        n=len(projection.costs),
        unit="USD a month",
        method=f"median and predictive interval of {len(projection.draws)} simulated futures, month {at}",
        note=_assumed(projection),
    )


def budget_exceedance_probability(projection: Projection, *, level: float = 0.95) -> Measurement:
    """The probability that the bill of at least one month is above the budget; ``n`` counts observed calls.

    The interval shows two errors: that of the usage sample (the simulation is repeated on resamples of the calls) and
    that of simulating. It does not show the error of the assumptions about volume.
    """
    rng = np.random.default_rng([projection.seed, 1])
    moments = _resampled(projection.costs, OUTER, rng).repeat(INNER, axis=1)
    bills = _bills(
        moments,
        projection.calls_per_month,
        projection.monthly_growth,
        projection.horizon,
        projection.token_growth,
        rng,
    )
    over = (bills > projection.monthly_budget_usd).any(axis=1).reshape(OUTER, INNER).sum(axis=1)
    low, high = np.quantile(over, ((1 - level) / 2, (1 + level) / 2))
    value = float((projection.draws > projection.monthly_budget_usd).any(axis=1).mean())
    return Measurement(
        measure="budget_exceedance_probability",
        value=value,
        low=min(value, wilson(float(low), INNER, level=level)[0]),
        high=max(value, wilson(float(high), INNER, level=level)[1]),
        level=level,
        n=len(projection.costs),
        unit="probability",
        method=f"share of {len(projection.draws)} simulated futures with a month above the budget; interval: {OUTER} "
        "resamples of the calls and simulation error",
        note=f"budget {projection.monthly_budget_usd:,.2f} USD a month; {_assumed(projection)}",
    )


def _assumed(p: Projection) -> str:
    low, mode, high = p.monthly_growth
    growth = f"{low:.1%} to {high:.1%} (likeliest {mode:.1%})" if low < high else f"{mode:.1%}"
    return (
        f"{p.calls_per_month:,.0f} calls in month 1, volume growth {growth} and token growth {p.token_growth:.2%} a month, "
        f"{p.horizon} months, {len(p.costs)} observed calls"
    )


def _resampled(costs: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Mean, standard deviation and skewness of resamples of the calls: shape (3, resamples)."""
    n = len(costs)
    parts = []
    for start in range(0, resamples, step := max(1, 2_000_000 // n)):
        drawn = costs[rng.integers(0, n, size=(min(step, resamples - start), n))]
        mean = drawn.mean(axis=1)
        drawn -= mean[:, None]
        deviation = np.sqrt(np.einsum("ij,ij->i", drawn, drawn) / n)
        cubed = np.einsum("ij,ij,ij->i", drawn, drawn, drawn) / n
        known = deviation > 1e-12 * np.maximum(mean, 1e-300)
        parts.append(
            np.stack(
                [
                    mean,
                    np.where(known, deviation, 0),
                    np.where(known, cubed / np.where(known, deviation, 1) ** 3, 0),
                ]
            )
        )
    return np.concatenate(parts, axis=1)


def _bills(
    moments: Floats, calls: float, growth: Growth, months: int, token_growth: float, rng: np.random.Generator
) -> Floats:
    """USD by path and month for paths with these moments of a call's cost."""
    mean, deviation, skew = moments[:, :, None]
    paths = moments.shape[1]
    rate = rng.triangular(*growth, size=paths) if growth.low < growth.high else np.full(paths, growth.mode)
    volume = calls * (1 + rate[:, None]) ** np.arange(months)
    root = np.sqrt(volume)
    lean = np.maximum(np.abs(skew) / root, 1e-3)
    shape = 4 / lean**2
    standard = (rng.standard_gamma(shape) - shape) / np.sqrt(shape) * np.where(skew < 0, -1.0, 1.0)
    bills = np.maximum(0.0, volume * mean + root * deviation * standard)
    result: Floats = bills * (1 + token_growth) ** np.arange(months)
    return result


def _growth(value: Growth | tuple[float, float, float] | list[float] | float) -> Growth:
    given = [value] * 3 if isinstance(value, int | float) else list(value)
    if len(given) != 3 or not all(isfinite(g) for g in given) or not -1 < given[0] <= given[1] <= given[2]:
        raise ValueError(
            f"monthly_growth is {value!r}; give one number, or lowest <= likeliest <= highest above -1, as [0, 0.02, 0.05]"
        )
    return Growth(*map(float, given))


def _check(costs: Floats, calls: float, months: int, budget: float, token_growth: float, paths: int) -> None:
    if costs.ndim != 1 or not len(costs):
        raise ValueError("costs holds no call to project from")
    if not np.isfinite(costs).all() or (costs < 0).any():
        raise ValueError(f"{int((~(costs >= 0)).sum())} of {len(costs)} costs are negative or no number")
    for name, value, least in (("months", months, 1), ("paths", paths, 1)):
        if int(value) != value or value < least:
            raise ValueError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    for name, amount in (("calls_per_month", calls), ("monthly_budget_usd", budget)):
        if not (isfinite(amount) and amount >= 0):
            raise ValueError(f"{name} is {amount!r}; it must be 0 or more")
    if not (isfinite(token_growth) and token_growth > -1):
        raise ValueError(
            f"token_growth is {token_growth!r}; it must be above -1, for example 0.02 for 2 % a month"
        )
