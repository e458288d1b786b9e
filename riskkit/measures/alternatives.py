"""What other ways of doing the work would cost, beside their quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from riskkit.errors import printable
from riskkit.measures.call_cost import CallCost
from riskkit.measures.call_pricing import call_cost
from riskkit.measures.distributions import distribution
from riskkit.measures.prices import Price
from riskkit.measures.projection import Projection, projected

NOW = "as now"
KNOWN = ("model", "token_factor", "cached_share", "batch_share", "batch_discount", "quality")


def alternatives(
    projection: Projection,
    declared: Mapping[str, Any],
    *,
    usage: pd.DataFrame,
    prices: Mapping[str, Price],
    tokens: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """One row an alternative, as now first: what the last month and the horizon cost, and its quality.

    Columns: alternative, usd_p10, usd_p50, usd_p90 (last month), total_p50 (horizon), saving (share of the median total
    against now), exceed (probability that some month is above the budget), quality, quality_low, quality_high (NaN
    where nobody stated one) and frontier (no other is both cheaper and at least as good; missing without a quality).
    Rows share their draws, so their differences hold little noise of simulating.

    Parameters
    ----------
    declared : name to any of ``model``, ``token_factor`` (its tokens over those of today), ``cached_share`` (of input
        tokens read from a cache), ``batch_share`` and ``batch_discount`` (share of calls that can wait, and
        the discount for it), ``quality`` (a number or [low, value, high], measured elsewhere), which
        ``as now`` may state too.
    """
    ways = {NOW: {}, **declared}
    rows = [
        _row(projection, name, _checked(name, way), usage=usage, prices=prices, tokens=tokens or {})
        for name, way in ways.items()
    ]
    found = pd.DataFrame(rows)
    found.insert(5, "saving", 1 - found["total_p50"] / found["total_p50"].iloc[0])
    found["frontier"] = frontier(found["usd_p50"], found["quality"])
    return found


def frontier(cost: pd.Series[float], quality: pd.Series[float]) -> list[bool | None]:
    """Whether no other row is at least as good and cheaper, or as cheap and better; None without a quality."""
    pairs = list(zip(cost, quality, strict=True))
    return [
        None
        if np.isnan(q)
        else not any(c2 <= c and q2 >= q and (c2 < c or q2 > q) for c2, q2 in pairs if not np.isnan(q2))
        for c, q in pairs
    ]


def _row(
    projection: Projection,
    name: str,
    way: Mapping[str, Any],
    *,
    usage: pd.DataFrame,
    prices: Mapping[str, Price],
    tokens: Mapping[str, Any],
) -> dict[str, Any]:
    call = projection.given.call
    if {"model", "token_factor", "cached_share"} & set(way):
        call = _other(way, usage, prices, tokens)
    call = _batched(call, way)
    given = replace(projection.given, call=call, inputs={**projection.given.inputs, **_tokens(call)})
    future = projected(
        given,
        months=len(projection.draws),
        monthly_budget_usd=projection.monthly_budget_usd,
        paths=projection.draws.shape[1],
        seed=projection.seed,
    )
    low, quality, high = _quality(way.get("quality"), name)
    last = future.months.iloc[-1]
    return {
        "alternative": name,
        "usd_p10": last["p10"],
        "usd_p50": last["p50"],
        "usd_p90": last["p90"],
        "total_p50": float(np.median(future.total)),
        "exceed": float(last["exceeded_by_then"]),
        "quality": quality,
        "quality_low": low,
        "quality_high": high,
    }


def _tokens(call: CallCost) -> dict[str, Any]:
    return {"call_cost": call.sampled, **{f"tokens.{part}": found for part, found in call.tokens.items()}}


def _other(
    way: Mapping[str, Any], usage: pd.DataFrame, prices: Mapping[str, Price], tokens: Mapping[str, Any]
) -> CallCost:
    """The cost of a call with another model, other lengths or a cache."""
    if usage.empty:
        changed = {**tokens, **({"model": way["model"]} if "model" in way else {})}
        if "cached_share" in way:
            raise ValueError("cached_share needs recorded calls; state tokens.cached instead")
        call = call_cost(usage, prices=prices, tokens=changed)
    elif "usd" in usage:
        raise ValueError("another model needs the tokens of calls; the target states only what they cost")
    else:
        share = way.get("cached_share")
        cached = {} if share is None else {"cached_tokens": usage["input_tokens"] * share}
        call = call_cost(
            usage.assign(**({"model": way["model"]} if "model" in way else {}), **cached), prices=prices
        )
    factor = way.get("token_factor", 1.0)
    return replace(call, parts={part: usd * factor for part, usd in call.parts.items()})


def _batched(call: CallCost, way: Mapping[str, Any]) -> CallCost:
    factor = 1 - way.get("batch_share", 0.0) * way.get("batch_discount", 0.5)
    return call if factor == 1 else replace(call, parts={p: usd * factor for p, usd in call.parts.items()})


def _quality(given: object, name: str) -> tuple[float, float, float]:
    if given is None:
        return float("nan"), float("nan"), float("nan")
    values = given if isinstance(given, list | tuple) else [given] * 3
    read = distribution(list(values), name=f"alternatives.{name}.quality")
    low, middle, high = read.numbers
    return low, middle, high


def _checked(name: str, way: object) -> Mapping[str, Any]:
    at = f"alternatives.{printable(name, 60)}"
    if not isinstance(way, Mapping):
        raise ValueError(f"{at} is {printable(way, 60)}; give any of {', '.join(KNOWN)}")
    if unknown := [key for key in way if key not in KNOWN]:
        close = get_close_matches(str(unknown[0]), KNOWN, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(KNOWN)}"
        raise ValueError(f"{at}: there is no {printable(unknown[0], 40)}; {hint}")
    for key in ("token_factor", "cached_share", "batch_share", "batch_discount"):
        read = distribution(
            way.get(key, 0.0), name=f"{at}.{key}", least=0, most=np.inf if key == "token_factor" else 1
        )
        if not read.fixed:
            raise ValueError(f"{at}.{key} is a range; give one number, or two alternatives")
    return way
