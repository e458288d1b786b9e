"""How cost and latency changed between two versions that answered the same prompts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from riskkit.measures.call_pricing import call_costs
from riskkit.measures.intervals import clustered_mean
from riskkit.measures.prices import Price
from riskkit.model import Measurement


def cost_changes(
    before: pd.DataFrame, after: pd.DataFrame, *, prices: Mapping[str, Price], level: float = 0.95
) -> tuple[Measurement, ...]:
    """The change of cost a call, and of latency where both tell it; nothing where no earlier calls are named."""
    if before.empty or after.empty:
        return ()
    timed = "latency" in before and "latency" in after
    found = cost_change_usd(before, after, prices=prices, level=level)
    return (found, latency_change_seconds(before, after, level=level)) if timed else (found,)


def cost_change_usd(
    before: pd.DataFrame, after: pd.DataFrame, *, prices: Mapping[str, Price], level: float = 0.95
) -> Measurement:
    """How many US dollars more a call costs than before, prompt by prompt; tables as usage targets give them."""
    what = {"measure": "cost_per_call_change_usd", "unit": "USD", "level": level}
    tables = (table.assign(value=call_costs(table, prices=prices)) for table in (before, after))
    return _paired(*tables, what=what)


def latency_change_seconds(before: pd.DataFrame, after: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """How many seconds longer a call takes than before, prompt by prompt; both tables need a column latency."""
    what = {"measure": "latency_change_seconds", "unit": "seconds", "level": level}
    if "latency" not in before or "latency" not in after:
        return _undefined(what, "the calls do not tell their latency")
    tables = (table.assign(value=table["latency"].astype(float)) for table in (before, after))
    return _paired(*tables, what=what)


def _paired(before: pd.DataFrame, after: pd.DataFrame, *, what: dict[str, object]) -> Measurement:
    """The mean difference over prompts that both tables hold, with Student's t between prompts."""
    if "prompt_id" not in before or "prompt_id" not in after:
        return _undefined(what, "the calls do not name their prompts (prompt_id), so they cannot be paired")
    old, new = (
        table.dropna(subset=["value"]).groupby(table["prompt_id"].astype(str))["value"].mean()
        for table in (before, after)
    )
    pairs = pd.DataFrame({"old": old, "new": new}).dropna()
    if len(pairs) < 2:
        return _undefined(what, f"{len(pairs)} prompts were put to both")
    difference = pairs["new"] - pairs["old"]
    found = clustered_mean(difference.to_numpy(), pairs.index.tolist(), level=float(str(what["level"])))
    unpaired = len(old) + len(new) - 2 * len(pairs)
    mean_old, mean_new = pairs["old"].mean(), pairs["new"].mean()
    times = f" (x {mean_new / mean_old:.3g})" if mean_old else ""
    return Measurement.model_validate(
        {
            **what,
            "value": found.mean,
            "low": found.low,
            "high": found.high,
            "n": len(pairs),
            "method": "mean paired difference over prompts, t interval",
            "note": f"mean {mean_old:.5g} before, {mean_new:.5g} after{times}"
            + (f"; {unpaired} prompts without a partner are left out" if unpaired else ""),
        }
    )


def _undefined(what: dict[str, object], why: str) -> Measurement:
    return Measurement.model_validate({**what, "value": None, "n": 0, "method": "paired", "undefined": why})
