"""The monthly bill over a horizon, with how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskkit.measures.intervals import wilson
from riskkit.measures.simulation import Floats, Growth, Moments, bills, resampled_moments
from riskkit.model import Measurement

RESAMPLES = 2000
"""Most resamples of the observed calls; the paths share them."""
OUTER, INNER = 200, 1000
"""Resamples of the observed calls, and paths for each, behind the interval of the exceedance probability."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Simulated futures and what they assume.

    ``months`` has the columns month (1 is the first), p10, p50, p90, p99 and exceed, the share of paths whose bill of
    that month is above the budget. ``draws`` is USD by month and path, ``costs`` the observed USD a call.
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
        last: Floats = self.draws[-1]
        return last

    @property
    def assumptions(self) -> str:
        """What the futures rest on, in words."""
        low, mode, high = self.monthly_growth
        volume = f"{low:.1%} to {high:.1%} (likeliest {mode:.1%})" if low < high else f"{mode:.1%}"
        return (
            f"{self.calls_per_month:,.0f} calls in month 1, growth a month of volume {volume}, of tokens a call "
            f"{self.token_growth:.2%}, {len(self.draws)} months, {len(self.costs):,} observed calls"
        )


def project(
    costs: ArrayLike,
    *,
    calls_per_month: float,
    monthly_growth: Sequence[float] | float,
    months: int,
    monthly_budget_usd: float,
    token_growth: float = 0.0,
    paths: int = 10_000,
    seed: int,
) -> Projection:
    """Simulate the monthly bill: ``paths`` futures over ``months``, reproducible from ``seed``.

    Every path resamples the observed calls (so that a small sample shows as width), draws one growth of volume, and
    sums each month's calls from its resample; see :func:`riskkit.measures.simulation.bills`.

    Parameters
    ----------
    costs : USD of each observed call.
    calls_per_month : calls in the first month.
    monthly_growth : (lowest, likeliest, highest) growth of calls a month, drawn from the triangular distribution; or
        one number.
    token_growth : growth of tokens, and so of cost, per call a month.

    Raises
    ------
    ValueError
        One line for the first thing that cannot be: no calls, negative costs, an empty horizon, growth out of order.
    """
    observed, growth = np.asarray(costs, dtype=float), _growth(monthly_growth)
    _check_costs(observed)
    _check_amounts(calls_per_month, months, monthly_budget_usd, token_growth, paths)
    rng = np.random.default_rng(seed)
    resamples = resampled_moments(observed, min(paths, RESAMPLES), rng)
    shared = Moments(*(column[np.arange(paths) % len(column)] for column in resamples))
    draws = bills(
        shared, calls=calls_per_month, growth=growth, months=months, token_growth=token_growth, rng=rng
    )
    return Projection(
        months=_summary(draws, monthly_budget_usd),
        draws=draws,
        costs=observed,
        calls_per_month=calls_per_month,
        monthly_growth=growth,
        token_growth=token_growth,
        monthly_budget_usd=monthly_budget_usd,
        seed=seed,
    )


def monthly_cost_usd(projection: Projection, *, month: int | None = None, level: float = 0.95) -> Measurement:
    """The median bill of the last month (or of ``month``) with a predictive interval; ``n`` counts observed calls."""
    horizon, paths = projection.draws.shape
    at = horizon if month is None else month
    if not 1 <= at <= horizon:
        raise ValueError(f"month {at} is not within the horizon of {horizon} months")
    low, median, high = np.quantile(projection.draws[at - 1], ((1 - level) / 2, 0.5, (1 + level) / 2))
    return Measurement(
        measure="monthly_cost_usd",
        segment="" if month is None else f"month {at}",
        value=float(median),
        low=float(low),
        high=float(high),
        level=level,
        n=len(projection.costs),
        unit="USD a month",
        method=f"median and predictive interval of month {at} in {paths:,} simulated futures",
        note=projection.assumptions,
    )


def budget_exceedance_probability(projection: Projection, *, level: float = 0.95) -> Measurement:
    """The probability that the bill of at least one month is above the budget; ``n`` counts observed calls.

    The interval shows two errors: that of the sample of calls (the simulation is repeated on resamples of it) and
    that of simulating. It does not show the error of the assumptions about volume.
    """
    p, rng = projection, np.random.default_rng([projection.seed, 1])
    over = [
        (_simulated(p, Moments(*moments), rng) > p.monthly_budget_usd).any(axis=0).sum()
        for moments in zip(*resampled_moments(p.costs, OUTER, rng), strict=True)
    ]
    low, high = np.quantile(over, ((1 - level) / 2, (1 + level) / 2))
    value = float((p.draws > p.monthly_budget_usd).any(axis=0).mean())
    return Measurement(
        measure="budget_exceedance_probability",
        value=value,
        low=min(value, wilson(float(low), INNER, level=level)[0]),
        high=max(value, wilson(float(high), INNER, level=level)[1]),
        level=level,
        n=len(p.costs),
        unit="probability",
        method=f"share of {p.draws.shape[1]:,} simulated futures with a month above the budget; interval: {OUTER} "
        "resamples of the calls, and simulation error",
        note=f"budget {p.monthly_budget_usd:,.2f} USD a month; {p.assumptions}",
    )


def _simulated(p: Projection, moments: Moments, rng: np.random.Generator) -> Floats:
    alike = Moments(*(np.full(INNER, moment) for moment in moments))
    return bills(
        alike,
        calls=p.calls_per_month,
        growth=p.monthly_growth,
        months=len(p.draws),
        token_growth=p.token_growth,
        rng=rng,
    )


def _summary(draws: Floats, budget: float) -> pd.DataFrame:
    p10, p50, p90, p99 = np.quantile(draws, (0.1, 0.5, 0.9, 0.99), axis=1)
    return pd.DataFrame(
        {
            "month": np.arange(1, len(draws) + 1),
            "p10": p10,
            "p50": p50,
            "p90": p90,
            "p99": p99,
            "exceed": (draws > budget).mean(axis=1),
        }
    )


def _growth(value: Sequence[float] | float) -> Growth:
    given = [value] * 3 if isinstance(value, int | float) else list(value)
    if len(given) != 3 or not all(map(isfinite, given)) or not -1 < given[0] <= given[1] <= given[2]:
        right = "give one number, or lowest <= likeliest <= highest above -1, for example [0, 0.02, 0.05]"
        raise ValueError(f"monthly_growth is {value!r}; {right}")
    return Growth(*map(float, given))


def _check_costs(costs: Floats) -> None:
    if costs.ndim != 1 or not len(costs):
        raise ValueError("costs holds no call to project from")
    bad = int((~(np.isfinite(costs) & (costs >= 0))).sum())
    if bad:
        raise ValueError(f"{bad} of {len(costs)} costs are negative or no number")


def _check_amounts(calls: float, months: int, budget: float, token_growth: float, paths: int) -> None:
    for name, count in (("months", months), ("paths", paths)):
        if int(count) != count or count < 1:
            raise ValueError(f"{name} is {count!r}; it must be a whole number of at least 1")
    for name, amount in (("calls_per_month", calls), ("monthly_budget_usd", budget)):
        if not (isfinite(amount) and amount >= 0):
            raise ValueError(f"{name} is {amount!r}; it must be 0 or more")
    if not (isfinite(token_growth) and token_growth > -1):
        raise ValueError(
            f"token_growth is {token_growth!r}; it must be above -1, for example 0.02 for 2 % a month"
        )
