"""How much longer, slower or dearer the answers of one version are than those of another."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from riskkit.measures.paired import mean_interval, means_by, ratio_of_means
from riskkit.measures.version_pairs import AFTER, BEFORE
from riskkit.model import Measurement

RATIOS = {
    "length_ratio": ("chars", "characters"),
    "latency_ratio": ("latency", "seconds"),
    "token_ratio": ("tokens", "tokens"),
    "cost_ratio": ("cost_usd", "USD"),
}
"""Measure to its column and unit."""
MEANS = {
    "mean_length_chars": "chars",
    "mean_latency_seconds": "latency",
    "mean_tokens": "tokens",
    "mean_cost_usd": "cost_usd",
}


def magnitude_ratios(table: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """Mean length, latency, tokens and cost of an answer after over before; undefined where they are not recorded.

    ``table`` is that of :func:`version_pairs.compare`; ``n`` counts prompts.
    """
    return tuple(_ratio(table, measure, level) for measure in RATIOS)


def magnitude_means(table: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """Mean length, latency, tokens and cost of an answer of each version, where they are recorded."""
    found = []
    for measure, column in MEANS.items():
        for side in (BEFORE, AFTER):
            values = means_by(table[table["side"] == side], column).dropna().to_numpy(float)
            if len(values) >= 2:
                low, high = mean_interval(values, level=level)
                found.append(
                    Measurement(
                        measure=measure,
                        segment=side,
                        value=float(values.mean()),
                        low=max(0.0, low),
                        high=high,
                        level=level,
                        n=len(values),
                        method="mean over prompts; Student's interval over prompts",
                    )
                )
    return tuple(found)


def latency_p95_seconds(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The time that 95 of 100 answers of the later version stay within; ``n`` counts prompts.

    The interval is that of order statistics: exact for independent answers, whatever their distribution. The slowest
    answer to each prompt counts, so several answers to one prompt are not taken for independent.

    Formula: order statistic at 0.95 of the slowest answer to each prompt.
    Limits: The load and the place of the day it was measured.
    """
    side = table[(table["side"] == AFTER) & table["latency"].notna()]
    values = np.sort(side.groupby("prompt_id")["latency"].max().to_numpy(float))
    return quantile_measurement("latency_p95_seconds", values, level=level)


def quantile_measurement(
    measure: str, ordered: np.ndarray, *, share: float = 0.95, level: float = 0.95
) -> Measurement:
    """The quantile of ``ordered`` values at ``share`` with the interval of order statistics."""
    n = len(ordered)
    what: dict[str, Any] = {
        "measure": measure, "level": level, "n": n, "unit": "seconds",
        "method": f"quantile {share:g} of the slowest answer to each prompt; interval of order statistics",
    }  # fmt: skip
    low = int(stats.binom.ppf((1 - level) / 2, n, share)) if n else 0
    high = int(stats.binom.ppf(0.5 + level / 2, n, share)) + 1
    if n < 2 or high > n:
        why = f"{n} answers have a latency: too few for an interval at this quantile"
        return Measurement(**what, value=None, undefined=why)
    place = share * (n - 1)
    value = float(np.interp(place, [floor(place), ceil(place) + 1e-9], ordered[[floor(place), ceil(place)]]))
    return Measurement(
        **what, value=value, low=float(ordered[max(0, low - 1)]), high=float(ordered[high - 1])
    )


def _ratio(table: pd.DataFrame, measure: str, level: float) -> Measurement:
    column, unit = RATIOS[measure]
    one, two = (means_by(table[table["side"] == side], column) for side in (BEFORE, AFTER))
    found = ratio_of_means(one, two, level=level)
    n = len(one.dropna().index.intersection(two.dropna().index))
    what: dict[str, Any] = {"measure": measure, "level": level, "n": n, "unit": "ratio"}
    if found is None:
        why = f"{column} is not recorded for both versions" if n < 2 else f"{column} is 0 in one version"
        return Measurement(**what, value=None, method="mean after over mean before", undefined=why)
    said = f"{one.mean():.4g} {unit} before, {two.mean():.4g} after"
    return Measurement(
        **what, value=found.value, low=found.low, high=found.high, method=found.method, note=said
    )
