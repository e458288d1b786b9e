"""Growth of tokens a call over time, from the dates of calls."""

from __future__ import annotations

from math import exp

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from riskkit.model import Measurement

DAYS_A_MONTH = 365.25 / 12
FEWEST_CLUSTERS = 5
"""Fewer days (or prompts) than this give no trend worth an interval."""


def token_growth_rate(usage: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """Relative growth of tokens a call per month: 0.05 is five percent; ``n`` counts days (or prompts, where known).

    Least squares of log tokens (input and output) on time; the interval is clustered by ``prompt_id`` where the column
    exists, else by day, with Student's t (the linearised variance of K.-Y. Liang, S. L. Zeger 1986, Biometrika 73,
    times G / (G - 1)). Needs a column ``at`` with dates; calls without a date or tokens are left out.

    Formula: exp(slope of log tokens on time, in months) - 1.
    Source: K.-Y. Liang, S. L. Zeger (1986), Biometrika 73, for the variance.
    Limits: A trend of the window that was seen, not a forecast of a change of use.
    """
    what = {"measure": "token_growth_rate", "level": level, "unit": "per month"}
    method = "least squares of log tokens a call on time"
    if "at" not in usage or usage["at"].isna().all():
        return Measurement(
            **what, value=None, n=0, method=method, undefined="the calls carry no dates (column at)"
        )
    tokens = usage["input_tokens"].astype(float) + usage["output_tokens"].astype(float)
    at = pd.to_datetime(usage["at"], utc=True, errors="coerce", format="ISO8601")
    used = at.notna() & (tokens > 0)
    days = (at[used] - at[used].min()).dt.total_seconds().to_numpy() / 86_400
    by_prompt = "prompt_id" in usage
    units = usage.loc[used, "prompt_id"].astype(str) if by_prompt else at[used].dt.date
    clusters, names = pd.factorize(units)
    unit = "prompt" if by_prompt else "day"
    if len(names) < FEWEST_CLUSTERS or not np.ptp(days) > 0:
        why = f"a trend needs at least {FEWEST_CLUSTERS} {unit}s at different times; there are {len(names)}"
        return Measurement(**what, value=None, n=len(names), method=method, undefined=why)
    slope, error = _slope(days / DAYS_A_MONTH, np.log(tokens[used].to_numpy()), clusters)
    reach = float(special.stdtrit(len(names) - 1, 0.5 + level / 2)) * error
    return Measurement(
        **what,
        value=exp(slope) - 1,
        low=exp(slope - reach) - 1,
        high=exp(slope + reach) - 1,
        n=len(names),
        method=f"{method}; interval clustered by {unit}",
        note=f"{int(used.sum())} of {len(usage)} calls over {np.ptp(days):.0f} days",
    )


def _slope(x: NDArray[np.float64], y: NDArray[np.float64], clusters: NDArray[np.intp]) -> tuple[float, float]:
    """Slope and its standard error with residuals summed within clusters."""
    x = x - x.mean()
    spread = float(x @ x)
    slope = float(x @ y) / spread
    scores = np.bincount(clusters, weights=x * (y - y.mean() - slope * x))
    count = len(scores)
    return slope, float(np.sqrt(count / (count - 1) * (scores @ scores))) / spread
