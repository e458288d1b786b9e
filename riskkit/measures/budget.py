"""What a projected bill says of a budget: the last month, the probability of exceeding it, a bad case."""

from __future__ import annotations

from math import sqrt

import numpy as np

from riskkit.measures.intervals import wilson
from riskkit.measures.projection import Projection
from riskkit.measures.simulation import simulate
from riskkit.model import Measurement

OUTER, INNER = 200, 500
"""Resamples of the observed calls, and paths for each, behind the interval of the exceedance probability."""


def monthly_cost_usd(projection: Projection, *, month: int | None = None, level: float = 0.95) -> Measurement:
    """The median bill of the last month (or of ``month``) with a predictive interval; ``n`` counts observed calls.

    Formula: median over simulated futures of calls x cost of a call.
    Limits: Rests on the assumptions about volume, growth and price, whose error the interval does not show.
    """
    horizon, paths = projection.draws.shape
    at = horizon if month is None else month
    if not 1 <= at <= horizon:
        raise ValueError(f"month {at} is not within the horizon of {horizon} months")
    low, median, high = np.quantile(projection.draws[at - 1], ((1 - level) / 2, 0.5, (1 + level) / 2))
    error = float(projection.months["p50_error"].iloc[at - 1])
    return Measurement(
        measure="monthly_cost_usd",
        segment="" if month is None else f"month {at}",
        value=float(median),
        low=float(low),
        high=float(high),
        level=level,
        n=projection.given.call.n,
        unit="USD a month",
        method=f"median and predictive interval of month {at} in {paths:,} simulated futures",
        note=f"{projection.assumptions}; simulating moves the median by {error:.2g} USD (standard error)",
    )


def budget_exceedance_probability(projection: Projection, *, level: float = 0.95) -> Measurement:
    """The probability that the bill of at least one month is above the budget; ``n`` counts observed calls.

    The interval shows two errors: that of the sample of calls (the simulation is repeated for possible means of it) and
    that of simulating. It does not show the error of the assumptions about volume.

    Formula: futures with at least one month above the budget / futures.
    Limits: Rests on the assumptions about volume, growth and price.
    """
    p = projection
    means = p.given.call.sampled.at((np.arange(OUTER) + 0.5) / OUTER)
    again = simulate(
        p.given,
        months=len(p.draws),
        paths=OUTER * INNER,
        seed=p.seed + 1,
        held={"call_cost": np.repeat(means, INNER)},
    )
    over = (again > p.monthly_budget_usd).any(axis=0).reshape(OUTER, INNER).sum(axis=1)
    low, high = np.quantile(over, ((1 - level) / 2, (1 + level) / 2))
    value = float((p.draws > p.monthly_budget_usd).any(axis=0).mean())
    return Measurement(
        measure="budget_exceedance_probability",
        value=value,
        low=min(value, wilson(float(low), INNER, level=level)[0]),
        high=max(value, wilson(float(high), INNER, level=level)[1]),
        level=level,
        n=p.given.call.n,
        unit="probability",
        method=f"share of {p.draws.shape[1]:,} simulated futures with a month above the budget; interval: {OUTER} "
        "possible means of the calls, and simulation error",
        note=f"budget {p.monthly_budget_usd:,.2f} USD a month; {p.assumptions}",
    )


def value_at_risk_usd(projection: Projection, *, tail: float = 0.05, level: float = 0.95) -> Measurement:
    """What the whole horizon costs at most in all but the worst ``tail`` of futures; the note has the mean beyond it.

    The interval holds the error of simulating alone (order statistics).

    Formula: quantile of the whole horizon's cost over simulated futures.
    Source: P. Artzner et al. (1999), Coherent Measures of Risk, for the mean beyond it.
    Limits: No statement about what lies outside the assumptions.
    """
    total = np.sort(projection.total)
    paths = len(total)
    at = float(np.quantile(total, 1 - tail))
    reach = 1.96 * sqrt(paths * tail * (1 - tail))
    low, high = (
        float(total[int(np.clip(round(paths * (1 - tail) + s * reach), 0, paths - 1))]) for s in (-1, 1)
    )
    beyond = float(total[total >= at].mean())
    return Measurement(
        measure="value_at_risk_usd",
        segment=f"{1 - tail:.0%}",
        value=at,
        low=min(low, at),
        high=max(high, at),
        level=level,
        n=projection.given.call.n,
        unit="USD over the horizon",
        method=f"quantile of the summed bills of {paths:,} simulated futures; interval: order statistics",
        note=f"expected {float(total.mean()):,.2f} USD, mean of the worst {tail:.0%} {beyond:,.2f} USD",
    )
