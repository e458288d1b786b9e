"""What calls cost, and what they will cost over a horizon with how much certainty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from riskkit.measures.prices import Price, near, price_of
from riskkit.measures.projection import Projection, budget_exceedance_probability, monthly_cost_usd, project
from riskkit.measures.token_growth import token_growth_rate

__all__ = [
    "Price", "Projection", "budget_exceedance_probability", "call_costs", "monthly_cost_usd", "price_of",
    "prices_for", "project", "token_growth_rate", "usage_summary",
]  # fmt: skip

REQUIRED = ("model", "input_tokens", "output_tokens")


def prices_for(usage: pd.DataFrame, *, on: date | str) -> dict[str, Price]:
    """The list price on a day (``YYYY-MM-DD`` or a date) of every model in ``usage``; see :func:`price_of`."""
    _check(usage)
    try:
        day = date.fromisoformat(on) if isinstance(on, str) else on
    except ValueError:
        raise ValueError(f"{on!r} is not a day (YYYY-MM-DD, for example 2026-11-01)") from None
    return {model: price_of(model, on=day) for model in sorted(map(str, usage["model"].unique()))}


def call_costs(usage: pd.DataFrame, *, prices: Mapping[str, Price]) -> pd.Series[float]:
    """US dollars of each call, indexed as ``usage``.

    Parameters
    ----------
    usage : one row a call: model, input_tokens, output_tokens and, where known, cached_tokens (the part of
        input_tokens that was read from a cache).
    prices : model name to price.

    Raises
    ------
    ValueError
        When a column or a price is missing, or a number of tokens is missing, negative or not finite.
    """
    _check(usage)
    models = usage["model"].astype(str)
    unknown = sorted(set(models) - set(prices))
    if unknown:
        raise ValueError(f"no price is given for model {unknown[0]!r}; {near(unknown[0], prices)}")
    cached = (
        usage["cached_tokens"].astype(float)
        if "cached_tokens" in usage
        else pd.Series(0.0, index=usage.index)
    )
    fresh = usage["input_tokens"].astype(float) - cached
    if (fresh < 0).any():
        raise ValueError(
            f"cached_tokens exceed input_tokens in {int((fresh < 0).sum())} calls; they are a part of them"
        )
    per_input, per_output, per_cached = (
        models.map(_column(prices, name)) for name in ("input", "output", "cached")
    )
    total = fresh * per_input + cached * per_cached + usage["output_tokens"].astype(float) * per_output
    return (total / 1e6).rename("usd")


def usage_summary(usage: pd.DataFrame, *, prices: Mapping[str, Price]) -> pd.DataFrame:
    """One row a model: calls, mean tokens, USD a thousand calls, and the price used with its day and source."""
    costs = call_costs(usage, prices=prices)
    rows = []
    for model, calls in usage.groupby(usage["model"].astype(str)):
        price = prices[str(model)]
        rows.append(
            {
                "model": model,
                "calls": len(calls),
                "mean_input_tokens": round(float(calls["input_tokens"].mean()), 1),
                "mean_output_tokens": round(float(calls["output_tokens"].mean()), 1),
                "usd_per_1000_calls": float(costs.loc[calls.index].mean()) * 1000,
                "input_usd_per_million": price.input,
                "output_usd_per_million": price.output,
                "price_as_of": price.as_of.isoformat(),
                "source": price.source,
            }
        )
    return pd.DataFrame(rows)


def _column(prices: Mapping[str, Price], name: str) -> dict[str, float]:
    found = {model: getattr(price, name) for model, price in prices.items()}
    return {model: prices[model].input if value is None else float(value) for model, value in found.items()}


def _check(usage: pd.DataFrame) -> None:
    missing = [c for c in REQUIRED if c not in usage]
    if missing:
        raise ValueError(
            f"usage has no column {', '.join(missing)} (it has {', '.join(map(str, usage.columns))})"
        )
    if usage.empty:
        raise ValueError("usage holds no call")
    for column in ("input_tokens", "output_tokens", "cached_tokens"):
        if column not in usage:
            continue
        values = pd.to_numeric(usage[column], errors="coerce").to_numpy(dtype=float)
        bad = int((~np.isfinite(values) | (values < 0)).sum())
        if bad:
            raise ValueError(f"{column} is missing, negative or no number in {bad} of {len(values)} calls")
    if usage["model"].isna().any():
        raise ValueError(f"model is missing in {int(usage['model'].isna().sum())} of {len(usage)} calls")
