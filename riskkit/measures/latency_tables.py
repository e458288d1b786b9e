"""Latency by what it may depend on: the length of the prompt, the calls under way at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskkit.measures.latency import ERROR, latency_quantiles

LENGTHS = ("input_tokens", "prompt_chars")
FEWEST = 20
"""Calls below which a row would say nothing."""


def latency_by_length(calls: pd.DataFrame, *, bands: int = 4, level: float = 0.95) -> pd.DataFrame:
    """One row a band of prompt length (equally many calls each): calls, and the median and 95 % quantile with interval.

    Length is in input tokens, or in characters where tokens are not known; empty where neither is.
    """
    name = next((n for n in LENGTHS if n in calls and calls[n].notna().any()), None)
    if name is None or "latency" not in calls:
        return pd.DataFrame()
    table = calls[calls[name].notna() & calls["latency"].notna()]
    if len(table) < FEWEST:
        return pd.DataFrame()
    cut = pd.qcut(table[name], bands, duplicates="drop")
    rows = []
    for band, group in table.groupby(cut, observed=True):
        length = f"{group[name].min():,.0f} to {group[name].max():,.0f}"
        rows.append({name: length, "middle": float(band.mid), "calls": len(group)} | _quantiles(group, level))
    return pd.DataFrame(rows)


def throughput(calls: pd.DataFrame) -> pd.DataFrame:
    """One row a band of calls under way at once: seconds spent so, calls answered, calls a second.

    Needs ``at`` (when a call was answered) and ``latency``; a call is under way from ``at`` less its latency. Empty
    where fewer than 20 calls tell both, where all moments are alike, or where moments are whole seconds and calls take
    less than two: then nobody knows what was under way.
    """
    if not {"at", "latency"} <= set(calls):
        return pd.DataFrame()
    table = calls[calls["at"].notna() & calls["latency"].notna()]
    if len(table) < FEWEST or table["at"].nunique() < 2 or _too_coarse(table):
        return pd.DataFrame()
    end = (table["at"] - table["at"].min()).dt.total_seconds().to_numpy()
    moment = np.concatenate([end - table["latency"].to_numpy(float), end])
    step = np.concatenate([np.ones(len(end)), -np.ones(len(end))])
    order = np.lexsort((step, moment))
    moment, step = moment[order], step[order]
    under_way = np.cumsum(step)
    just_before = np.concatenate([[0.0], under_way])[np.searchsorted(moment, moment)]
    found = pd.DataFrame(
        {"seconds": pd.Series(np.append(np.diff(moment), 0.0)).groupby(_bands(under_way)).sum()}
    )
    found["answered"] = pd.Series(step < 0).groupby(_bands(just_before)).sum()
    found = found.fillna(0).query("index > 0 and seconds > 0")
    found["calls_per_second"] = found["answered"] / found["seconds"]
    found.insert(0, "calls_at_once", [_band(int(top)) for top in found.index])
    return found.astype({"answered": int}).reset_index(drop=True)


def _too_coarse(table: pd.DataFrame) -> bool:
    whole = bool((table["at"].dt.microsecond == 0).all())
    return whole and float(table["latency"].median()) < 2


def _bands(counts: np.ndarray) -> np.ndarray:
    """The upper end of each count's band: 0, 1, 2, 4, 8 and so on."""
    return np.where(counts > 0, 2 ** np.ceil(np.log2(np.maximum(counts, 1))), 0)


def _band(top: int) -> str:
    return str(top) if top <= 2 else f"{top // 2 + 1} to {top}"


def _quantiles(group: pd.DataFrame, level: float) -> dict[str, float | None]:
    answered = group[group["status"] != ERROR] if "status" in group else group
    found: dict[str, float | None] = {}
    median, slow, _ = latency_quantiles(answered, level=level)
    for name, m in (("p50", median), ("p95", slow)):
        found |= {name: m.value, f"{name}_low": m.low, f"{name}_high": m.high}
    return found
