"""What calls cost, and what they will cost over a horizon with how much certainty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from riskkit.measures.alternatives import alternatives
from riskkit.measures.assumptions import assumptions
from riskkit.measures.budget import budget_exceedance_probability, monthly_cost_usd, value_at_risk_usd
from riskkit.measures.call_cost import CallCost
from riskkit.measures.call_pricing import (
    REQUIRED,
    call_cost,
    call_costs,
    call_parts,
    check_usage,
    declared_call,
)
from riskkit.measures.intervals import clustered_mean
from riskkit.measures.paired_calls import cost_change_usd, cost_changes
from riskkit.measures.prices import Price, contract_prices, frozen, price_of, rate
from riskkit.measures.projection import Projection, project, projected
from riskkit.measures.scenarios import scenarios
from riskkit.measures.self_hosting import self_hosting
from riskkit.measures.sensitivity import flips, nearest_flip, tornado
from riskkit.measures.simulation import simulate
from riskkit.measures.stated import stated
from riskkit.measures.token_growth import token_growth_rate
from riskkit.model import Measurement

__all__ = [
    "CallCost", "Price", "Projection", "alternatives", "assumptions", "budget_exceedance_probability",
    "call_cost", "call_costs", "call_parts", "contract_prices", "cost_change_usd", "cost_changes", "cost_per_call_usd",
    "declared_call", "flips", "frozen", "monthly_cost_usd", "nearest_flip", "price_of", "prices_for", "project",
    "projected", "rate", "recorded", "scenarios", "self_hosting", "simulate", "stated", "token_growth_rate", "tornado",
    "usage_summary", "value_at_risk_usd",
]  # fmt: skip


def recorded(usage: Callable[[str], pd.DataFrame], target: str) -> pd.DataFrame:
    """The calls of ``target`` as ``usage`` reads them, or none where no target is named."""
    if target:
        return usage(target)
    # Made here: the first table of a process takes a gigabyte of addresses, which no process to fork from may hold.
    return pd.DataFrame({"model": [], "input_tokens": [], "output_tokens": []})


def prices_for(
    usage: pd.DataFrame,
    *,
    on: date | str,
    contract: Mapping[str, Any] | None = None,
    usd_per: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
) -> dict[str, Price]:
    """The price on a day (``YYYY-MM-DD`` or a date) of every model in ``usage``: by contract, else the list price.

    ``contract`` and ``usd_per`` are as :func:`contract_prices` takes them; ``also`` holds whatever else names a
    ``model``, such as declared tokens or alternatives. Calls whose cost was recorded need no price.
    """
    try:
        day = date.fromisoformat(on) if isinstance(on, str) else on
    except ValueError:
        raise ValueError(f"{on!r} is not a day (YYYY-MM-DD, for example 2026-11-01)") from None
    stated = contract_prices(contract or {}, usd_per=usd_per, on=day)
    models = _named(also)
    if len(usage) and "usd" not in usage:
        check_usage(usage)
        models |= set(map(str, usage["model"].unique()))
    return {model: stated.get(model) or price_of(model, on=day) for model in sorted(models)}


def cost_per_call_usd(
    usage: pd.DataFrame, *, prices: Mapping[str, Price], level: float = 0.95
) -> Measurement:
    """The mean cost of a call, with an interval clustered by prompt where ``prompt_id`` is known.

    Formula: sum of the price of each call's tokens / calls.
    Limits: The calls that were seen; prices as declared on their day.
    """
    what = {"measure": "cost_per_call_usd", "level": level, "unit": "USD", "method": "mean of calls"}
    if len(usage) < 2:
        return Measurement(**what, value=None, n=len(usage), undefined=f"{len(usage)} calls were recorded")
    costs = call_costs(usage, prices=prices)
    units = usage["prompt_id"].tolist() if "prompt_id" in usage else list(range(len(usage)))
    if len(set(units)) < 2:
        return Measurement(**what, value=None, n=1, undefined="all calls are of one prompt")
    found = clustered_mean(costs.to_numpy(), units, level=level)
    return Measurement(
        **what, value=found.mean, low=max(0.0, found.low), high=found.high, n=found.n_clusters,
        note=f"{len(usage):,} calls; the dearest {costs.max():.3g}, the median {costs.median():.3g} USD",
    )  # fmt: skip


def usage_summary(usage: pd.DataFrame, *, prices: Mapping[str, Price]) -> pd.DataFrame:
    """One row a model: calls, mean tokens, USD a thousand calls, and the price used with its day and source."""
    if usage.empty:
        return pd.DataFrame([_priced(price) for price in prices.values()], index=list(prices))
    costs = call_costs(usage, prices=prices)
    rows = []
    for model, calls in usage.groupby(usage["model"].astype(str)):
        tokens = {
            f"mean_{name}": round(float(calls[name].mean()), 1)
            for name in ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
            if name in calls and (name in REQUIRED or calls[name].any())
        }
        row = {"model": model, "calls": len(calls), **tokens}
        row["usd_per_1000_calls"] = float(costs.loc[calls.index].mean()) * 1000
        rows.append(
            row | (_priced(prices[str(model)]) if str(model) in prices else {"source": "recorded cost"})
        )
    return pd.DataFrame(rows)


def _priced(price: Price) -> dict[str, Any]:
    return {
        "input_usd_per_million": price.input,
        "output_usd_per_million": price.output,
        "price_as_of": price.as_of.isoformat(),
        "source": price.source,
    }


def _named(also: object) -> set[str]:
    """Every model that nested declarations name."""
    if not isinstance(also, Mapping):
        return set()
    own = {str(also["model"])} if isinstance(also.get("model"), str) else set()
    return own.union(*(_named(value) for value in also.values()))
