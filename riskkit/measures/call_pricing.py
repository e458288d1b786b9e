"""Calls with their tokens, at prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskkit.errors import printable
from riskkit.measures.call_cost import PARTS, CallCost, observed
from riskkit.measures.distributions import distribution
from riskkit.measures.prices import Price, near
from riskkit.measures.token_growth import DAYS_A_MONTH

REQUIRED = ("model", "input_tokens", "output_tokens")


def call_parts(usage: pd.DataFrame, *, prices: Mapping[str, Price]) -> pd.DataFrame:
    """US dollars of each call by part, indexed as ``usage``: input, cached, output, reasoning.

    Parameters
    ----------
    usage : one row a call: model, input_tokens, output_tokens and, where known, cached_tokens (the part of input_tokens
        that was read from a cache) and reasoning_tokens (the part of output_tokens that was thought and not shown).
        A column usd is what a call did cost; then there is one part, called all.
    prices : model name to price.

    Raises
    ------
    ValueError
        When a column or a price is missing, or a number of tokens is missing, negative or not finite.
    """
    if "usd" in usage:
        _checked(usage, "usd")
        return pd.DataFrame({"all": usage["usd"].astype(float)})
    check_usage(usage)
    models = usage["model"].astype(str)
    if unknown := sorted(set(models) - set(prices)):
        raise ValueError(f"no price is given for model {unknown[0]!r}; {near(unknown[0], prices)}")
    cached, fresh = _split(usage, "cached_tokens", "input_tokens")
    thought, shown = _split(usage, "reasoning_tokens", "output_tokens")
    per_input, per_output, per_cached = (
        models.map(_column(prices, name)) / 1e6 for name in ("input", "output", "cached")
    )
    columns = (fresh * per_input, cached * per_cached, shown * per_output, thought * per_output)
    return pd.DataFrame(dict(zip(PARTS, columns, strict=True)))


def call_costs(usage: pd.DataFrame, *, prices: Mapping[str, Price]) -> pd.Series[float]:
    """US dollars of each call, indexed as ``usage``; see :func:`call_parts`."""
    return call_parts(usage, prices=prices).sum(axis=1).rename("usd")


def call_cost(
    usage: pd.DataFrame, *, prices: Mapping[str, Price], tokens: Mapping[str, Any] | None = None
) -> CallCost:
    """What one call costs, as observed, or as ``tokens`` declares where no call was recorded.

    Calls with a ``task_id`` are summed into tasks, and then a task counts as one call. The error of the mean is between
    prompts where ``prompt_id`` repeats.
    """
    if tokens:
        return declared_call(tokens, prices=prices)
    if usage.empty:
        raise ValueError(
            "no target with recorded calls is named and no tokens are declared; give one of them"
        )
    parts = call_parts(usage, prices=prices)
    if "task_id" in usage:
        parts = parts.groupby(usage["task_id"].to_numpy()).sum()
        return replace(observed(parts.sum(axis=1), parts=parts), age=_age(usage))
    clusters = usage["prompt_id"].tolist() if "prompt_id" in usage else None
    return replace(observed(parts.sum(axis=1), parts=parts, clusters=clusters), age=_age(usage))


def declared_call(tokens: Mapping[str, Any], *, prices: Mapping[str, Price]) -> CallCost:
    """What one call costs by declared numbers of tokens, each perhaps a distribution.

    Parameters
    ----------
    tokens : ``model``, ``input`` and ``output``, perhaps ``cached`` (read from a cache, beside the input),
        ``reasoning`` (beside the output) and ``variation`` (standard deviation over mean among calls, 0 when left out).
    """
    known = ("model", "variation", *PARTS)
    if unknown := [name for name in tokens if name not in known]:
        raise ValueError(f"tokens: there is no {printable(unknown[0], 40)}; {near(unknown[0], known)}")
    if missing := [name for name in ("model", "input", "output") if name not in tokens]:
        raise ValueError(f"tokens lacks {', '.join(missing)}")
    price = prices[str(tokens["model"])]
    per = {"input": price.input, "output": price.output, "reasoning": price.output}
    per["cached"] = price.input if price.cached is None else price.cached
    given = {
        part: distribution(tokens[part], name=f"tokens.{part}", least=0) for part in PARTS if part in tokens
    }
    variation = distribution(tokens.get("variation", 0.0), name="tokens.variation", least=0)
    spread = float(variation.at(0.5))
    return CallCost(
        parts={part: per[part] / 1e6 for part in given},
        variation=spread,
        skewness=spread**3 + 3 * spread,
        error=0.0,
        n=0,
        what="declared tokens",
        tokens=given,
    )


def _age(usage: pd.DataFrame) -> float:
    """Months from the mean moment of the calls to half a month after the last; 0 where moments are not known."""
    if "at" not in usage or usage["at"].isna().all():
        return 0.0
    at = pd.to_datetime(usage["at"], utc=True, errors="coerce", format="ISO8601").dropna()
    days = (at.max() - at.mean()).total_seconds() / 86_400
    return 0.5 + float(days) / DAYS_A_MONTH


def _split(usage: pd.DataFrame, part: str, whole: str) -> tuple[pd.Series[float], pd.Series[float]]:
    """A count that is part of another (0 where it is not told), and the rest of the other."""
    total = usage[whole].astype(float)
    found = usage[part].astype(float) if part in usage else pd.Series(0.0, index=usage.index)
    if above := int((found > total).sum()):
        raise ValueError(f"{part} exceed {whole} in {above} calls; they are a part of them")
    return found, total - found


def _column(prices: Mapping[str, Price], name: str) -> dict[str, float]:
    found = {model: getattr(price, name) for model, price in prices.items()}
    return {model: prices[model].input if value is None else float(value) for model, value in found.items()}


def check_usage(usage: pd.DataFrame) -> None:
    """Refuse a table of calls that cannot be priced, in one line."""
    missing = [c for c in REQUIRED if c not in usage]
    if missing:
        raise ValueError(
            f"usage has no column {', '.join(missing)} (it has {', '.join(map(str, usage.columns))})"
        )
    if usage.empty:
        raise ValueError("usage holds no call")
    for column in ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"):
        if column in usage:
            _checked(usage, column)
    if usage["model"].isna().any():
        raise ValueError(f"model is missing in {int(usage['model'].isna().sum())} of {len(usage)} calls")


def _checked(usage: pd.DataFrame, column: str) -> None:
    values = pd.to_numeric(usage[column], errors="coerce").to_numpy(dtype=float)
    if bad := int((~np.isfinite(values) | (values < 0)).sum()):
        raise ValueError(f"{column} is missing, negative or no number in {bad} of {len(values)} calls")
