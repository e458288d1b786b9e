"""How long calls take: quantiles with intervals, the time to a first token, failures."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from riskkit.measures.intervals import clopper_pearson, clustered_mean
from riskkit.measures.paired_calls import latency_change_seconds
from riskkit.model import Measurement, Sample

__all__ = [
    "call_failures", "changes", "first_token_seconds", "from_answers", "latency_change_seconds", "latency_quantiles",
    "quantile", "seconds_per_token",
]  # fmt: skip

Floats = NDArray[np.float64]
SHARES = (0.5, 0.95, 0.99)
TIMEOUT, ERROR = "timeout", "error"


def from_answers(answers: Iterable[Sample]) -> pd.DataFrame:
    """One row an answer: prompt_id, version, model, latency, first_token, tokens, prompt_chars, status, tries, at.

    The status is ``timeout`` or ``error`` where the finish reason says so, missing where there is none, else ``ok``.
    Seconds until the first token are taken from an attribute first_token.
    """
    rows = [
        {
            "prompt_id": s.prompt_id,
            "model": s.model,
            "version": s.version,
            "latency": s.latency,
            "first_token": s.attributes.get("first_token"),
            "input_tokens": s.usage.input_tokens if s.usage else None,
            "output_tokens": s.usage.output_tokens if s.usage else None,
            "prompt_chars": len(s.prompt) + len(s.context) or None,
            "status": None if s.finish_reason is None else _status(s.finish_reason),
            "tries": s.tries,
            "at": s.at,
        }
        for s in answers
    ]
    table = pd.DataFrame(rows)
    for name in ("latency", "first_token", "input_tokens", "output_tokens", "prompt_chars"):
        table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    table["at"] = pd.to_datetime(table["at"], utc=True, errors="coerce", format="ISO8601")
    return table


def latency_quantiles(calls: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The seconds that half, 95 and 99 of a hundred calls stay within: ``latency_p50_seconds`` and so on.

    A call that timed out took longer than any other; one that failed otherwise does not count. See :func:`quantile`.

    Measures: latency_p50_seconds, latency_p99_seconds
    Formula: order statistic of the seconds of all calls.
    Limits: The load and the place of the day it was measured.
    """
    seconds, prompts = _seconds(calls)
    return tuple(
        quantile(seconds, prompts, share, f"latency_p{share * 100:g}_seconds", level) for share in SHARES
    )


def changes(before: pd.DataFrame, calls: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The change of latency against earlier calls to the same prompts; nothing where no earlier calls are named."""
    return () if before.empty else (latency_change_seconds(before, calls, level=level),)


def first_token_seconds(calls: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The seconds until the first token that half and 95 of a hundred streamed calls stay within."""
    table = calls[calls["first_token"].notna()] if "first_token" in calls else calls.iloc[:0]
    seconds = table["first_token"].to_numpy(float) if len(table) else np.zeros(0)
    return tuple(
        quantile(
            seconds, _prompts(table), share, f"first_token_p{share * 100:g}_seconds", level, "streamed calls"
        )
        for share in SHARES[:2]
    )


def seconds_per_token(calls: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The median of the seconds a token of output takes, after the first where that is known."""
    usable = calls.iloc[:0]
    if {"latency", "output_tokens"} <= set(calls):
        usable = calls[(calls["output_tokens"] > 0) & calls["latency"].notna()]
    begun = usable["first_token"].fillna(0) if "first_token" in usable else 0.0
    each = (
        ((usable["latency"] - begun) / usable["output_tokens"]).to_numpy(float)
        if len(usable)
        else np.zeros(0)
    )
    return quantile(
        each, _prompts(usable), 0.5, "seconds_per_output_token", level, "calls with tokens and a latency"
    )


def call_failures(calls: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The share of calls that failed, and that of calls that timed out; unknown where no call tells how it ended.

    ``n`` counts prompts where they repeat, else calls.
    """
    told = calls[calls["status"].notna()] if "status" in calls else calls.iloc[:0]
    status = told["status"].map(_status) if len(told) else pd.Series(dtype=str)
    failed = {"call_error_rate": status.isin([ERROR, TIMEOUT]), "call_timeout_rate": status == TIMEOUT}
    return tuple(
        _rate(name, np.asarray(hit, dtype=float), _prompts(told), level) for name, hit in failed.items()
    )


def quantile(
    seconds: Floats,
    prompts: list[Any],
    share: float,
    measure: str,
    level: float,
    what: str = "calls with a latency",
) -> Measurement:
    """The quantile at ``share`` with an interval of order statistics; ``n`` counts prompts where they repeat.

    Where every call stands alone the interval is exact whatever the distribution: binomial ranks (H. A. David,
    H. N. Nagaraja 2003, Order Statistics, 7.1). Where prompts repeat, the share of calls below the quantile gets its
    interval clustered by prompt, which is carried over to the ordered values (R. S. Woodruff 1952, Journal of the
    American Statistical Association 47, 635-646). Too few calls for an end of the interval leave it undefined.
    """
    n, units = len(seconds), len(set(prompts))
    told: dict[str, Any] = {"measure": measure, "level": level, "n": units, "unit": "seconds"}
    method = f"{share:.0%} quantile; interval of order statistics" + (
        "" if units == n else ", clustered by prompt"
    )
    if n == 0:
        return Measurement(**told, value=None, method=method, undefined=f"there are no {what}")
    ordered = np.sort(seconds)
    at = float(ordered[min(n - 1, ceil(share * n) - 1)])
    ranks = _ranks(seconds <= at, prompts, share, level, n, units)
    if ranks is None:
        needed = ceil(np.log((1 - level) / 2) / np.log(max(share, 1 - share)))
        why = f"{units} {'calls' if units == n else 'prompts'} are too few (at least {needed})"
        return Measurement(**told, value=None, method=method, undefined=why)
    low, high = (float(ordered[r]) for r in ranks)
    if not np.isfinite([at, high]).all():
        late = int(np.isinf(seconds).sum())
        return Measurement(
            **told, value=None, method=method, undefined=f"too many calls timed out ({late} of {n})"
        )
    return Measurement(
        **told, value=at, low=min(low, at), high=max(high, at), method=method, note=f"{n:,} {what}"
    )


def _ranks(
    below: NDArray[np.bool_], prompts: list[Any], share: float, level: float, n: int, units: int
) -> tuple[int, int] | None:
    """Ranks (from 0) of the ends of the interval, or None where the data hold no such end."""
    if units == n:
        low, high = (int(stats.binom.ppf(p, n, share)) for p in ((1 - level) / 2, (1 + level) / 2))
        return (low - 1, high) if low >= 1 and high < n else None
    if units < 2 or units < np.log((1 - level) / 2) / np.log(max(share, 1 - share)):
        return None
    found = clustered_mean(below.astype(float), prompts, level=level, proportion=True)
    reach_low, reach_high = found.mean - found.low, found.high - found.mean
    low, high = int(np.floor((share - reach_low) * n)) - 1, ceil((share + reach_high) * n) - 1
    return (low, high) if low >= 0 and high < n else None


def _rate(measure: str, hit: Floats, prompts: list[Any], level: float) -> Measurement:
    units = len(set(prompts))
    told: dict[str, Any] = {"measure": measure, "level": level, "n": units, "unit": "share of calls"}
    if not len(hit):
        return Measurement(
            **told, value=None, method="share", undefined="no call tells how it ended (status, finish_reason)"
        )
    note = f"{int(hit.sum())} of {len(hit)} calls"
    if units == len(hit) or units < 2:
        low, high = clopper_pearson(float(hit.sum()), len(hit), level=level)
        return Measurement(
            **told, value=float(hit.mean()), low=low, high=high, method="share; exact interval", note=note
        )
    found = clustered_mean(hit, prompts, level=level, proportion=True)
    return Measurement(
        **told,
        value=found.mean,
        low=found.low,
        high=found.high,
        method="share; clustered by prompt",
        note=note,
    )


def _seconds(calls: pd.DataFrame) -> tuple[Floats, list[Any]]:
    if "latency" not in calls:
        return np.zeros(0), []
    status = calls["status"].map(_status) if "status" in calls else pd.Series("", index=calls.index)
    seconds = calls["latency"].astype(float).mask(status == TIMEOUT, np.inf)
    used = seconds.notna() & (status != ERROR)
    return np.asarray(seconds[used], dtype=float), _prompts(calls[used])


def _prompts(table: pd.DataFrame) -> list[Any]:
    """What calls belong together: the prompt they repeat, else each stands alone."""
    if "prompt_id" in table and table["prompt_id"].notna().all():
        return [str(prompt) for prompt in table["prompt_id"]]
    return list(range(len(table)))


def _status(reason: object) -> str:
    """How a call ended, in one of three words; missing stays empty."""
    if not isinstance(reason, str):
        return ""
    text = reason.lower()
    if "timeout" in text or "timed" in text or text == "504":
        return TIMEOUT
    return ERROR if "error" in text or "fail" in text or text.startswith(("4", "5")) else "ok"
