"""The monthly bill over a horizon, with how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskkit.measures.assumptions import Assumptions, assumptions
from riskkit.measures.call_cost import CallCost, observed
from riskkit.measures.distributions import TENTH, Distribution, fixed
from riskkit.measures.simulation import components, simulate
from riskkit.model import Measurement

Floats = NDArray[np.float64]
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p99": 0.99}


@dataclass(frozen=True, eq=False)
class Projection:
    """Simulated futures and what they rest on.

    ``months`` has the columns month (1 is the first), p10, p50, p90, p99, exceed (the share of paths whose bill of that
    month is above the budget), exceeded_by_then (that of paths with such a month so far) and p50_error and p99_error,
    the standard errors of simulating. ``draws`` is USD by month and path.
    """

    months: pd.DataFrame
    draws: Floats
    given: Assumptions
    monthly_budget_usd: float
    seed: int

    @property
    def final(self) -> Floats:
        """USD of the last month, one a path."""
        last: Floats = self.draws[-1]
        return last

    @property
    def total(self) -> Floats:
        """USD of the whole horizon, one a path."""
        summed: Floats = self.draws.sum(axis=0)
        return summed

    @property
    def assumptions(self) -> str:
        """What the futures rest on, in words."""
        return f"{len(self.draws)} months; {self.given.words}"

    @property
    def parts(self) -> pd.DataFrame:
        """Expected USD of each month by component of the bill, one column each."""
        found = components(
            self.given, months=len(self.draws), paths=min(2000, self.draws.shape[1]), seed=self.seed
        )
        return pd.DataFrame({"month": self.months["month"], **found})


def project(
    costs: ArrayLike | CallCost,
    *,
    calls_per_month: object,
    monthly_growth: object,
    months: int,
    monthly_budget_usd: float,
    token_growth: Measurement | float | list[float] = 0.0,
    declared: Mapping[str, Any] | None = None,
    paths: int = 10_000,
    seed: int,
) -> Projection:
    """Simulate the monthly bill: ``paths`` futures over ``months``, reproducible from ``seed``.

    Parameters
    ----------
    costs : USD of each observed call, or what is known of the cost of a call.
    calls_per_month, monthly_growth, declared : see :func:`riskkit.measures.assumptions.assumptions`.
    token_growth : growth of tokens a call a month; a measured growth is uncertain as its interval says, goes on from
        the middle of the observed calls, and is none where it is undefined.

    Raises
    ------
    ValueError
        One line for the first thing that cannot be: no calls, negative costs, an empty horizon, growth out of order.
    """
    call = costs if isinstance(costs, CallCost) else observed(costs)
    for name, count in (("months", months), ("paths", paths)):
        if int(count) != count or count < 1:
            raise ValueError(f"{name} is {count!r}; it must be a whole number of at least 1")
    if not (isfinite(monthly_budget_usd) and monthly_budget_usd >= 0):
        raise ValueError(f"monthly_budget_usd is {monthly_budget_usd!r}; it must be 0 or more")
    growth = trend(token_growth) if isinstance(token_growth, Measurement) else token_growth
    if not isinstance(token_growth, Measurement) or "token_growth" in (declared or {}):
        call = replace(call, age=0.0)
    given = assumptions(
        call,
        calls_per_month=calls_per_month,
        monthly_growth=monthly_growth,
        token_growth=growth,
        declared=declared,
    )
    return projected(given, months=months, monthly_budget_usd=monthly_budget_usd, paths=paths, seed=seed)


def projected(
    given: Assumptions, *, months: int, monthly_budget_usd: float, paths: int, seed: int
) -> Projection:
    """The projection of assumptions that were read."""
    draws = simulate(given, months=months, paths=paths, seed=seed)
    return Projection(_summary(draws, monthly_budget_usd), draws, given, monthly_budget_usd, seed)


def trend(growth: Measurement) -> Distribution:
    """The growth of tokens as uncertain as its interval; none where it is undefined."""
    if growth.value is None or growth.low is None or growth.high is None:
        return fixed(0)
    reach = TENTH / 1.96 * (growth.high - growth.low) / 2
    if not reach:
        return fixed(growth.value)
    return Distribution("normal", (growth.value - reach, growth.value + reach), least=-0.99)


def _summary(draws: Floats, budget: float) -> pd.DataFrame:
    ordered = (np.sort(row) for row in draws)
    rows = [
        {name: _quantile(row, q) for name, q in QUANTILES.items()}
        | {f"{name}_error": _error(row, QUANTILES[name]) for name in ("p50", "p99")}
        for row in ordered
    ]
    over = draws > budget
    found = pd.DataFrame(rows)
    found.insert(0, "month", np.arange(1, len(draws) + 1))
    found.insert(5, "exceed", over.mean(axis=1))
    found.insert(6, "exceeded_by_then", np.logical_or.accumulate(over, axis=0).mean(axis=1))
    return found


def _quantile(ordered: Floats, q: float) -> float:
    at = q * (len(ordered) - 1)
    low, share = int(at), at - int(at)
    return float(ordered[low] * (1 - share) + ordered[min(low + 1, len(ordered) - 1)] * share)


def _error(ordered: Floats, q: float) -> float:
    """Standard error of a quantile: half the distance of the order statistics one deviation off."""
    reach = sqrt(q * (1 - q) / len(ordered))
    return (_quantile(ordered, min(1, q + reach)) - _quantile(ordered, max(0, q - reach))) / 2
