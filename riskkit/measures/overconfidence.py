"""Stated confidence beside how often it was right."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.correctness import Rule, check
from riskkit.measures.intervals import wilson
from riskkit.model import Measurement, Sample

_STATED = re.compile(
    r"\b(?:confiden(?:ce|t)|certain(?:ty)?|probability|sure)\b[^\d%\n]{0,30}?(\d{1,3}(?:\.\d+)?|0?\.\d+)\s*(%|percent)?"
    r"|(\d{1,3}(?:\.\d+)?)\s*(?:%|percent)\s+(?:confident|certain|sure)",
    re.IGNORECASE,
)
BINS = 10
Floats = NDArray[np.float64]


def stated_confidence(sample: Sample) -> float | None:
    """The confidence an answer states, 0 to 1: its attribute ``confidence``, else the last such statement in its text.

    Understood are *confidence: 80 %*, *0.8 confident*, *I am 80% sure*. None where it states none.
    """
    given = sample.attributes.get("confidence")
    if given is not None:
        return _read(given.rstrip("% "), percent="%" in given)
    found = list(_STATED.finditer(sample.response))
    if not found:
        return None
    number, percent, other = found[-1].groups()
    return _read(number or other, percent=bool(percent or other))


def confidence_table(samples: Sequence[Sample], *, rule: Rule = "lenient") -> pd.DataFrame:
    """One row an answer that states its confidence and could be compared: prompt_id, sample, confidence, right."""
    stated = {(s.prompt_id, s.sample): stated_confidence(s) for s in samples}
    checked = check(samples, rule=rule)
    checked["confidence"] = [
        stated.get(key) for key in zip(checked["prompt_id"], checked["sample"], strict=True)
    ]
    known = checked[checked["right"].notna() & checked["confidence"].notna()]
    table = known[["prompt_id", "sample", "confidence", "right"]].reset_index(drop=True)
    return table.astype({"confidence": float, "right": bool})


def reliability_curve(table: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """One row a tenth of stated confidence: bin, n, confidence (mean), right (share), low, high (Wilson)."""
    rows = []
    for number, part in table.groupby(_bins(table["confidence"].to_numpy())):
        low, high = wilson(int(part["right"].sum()), len(part), level=level)
        first = int(str(number))
        name = f"{first / BINS:.0%} to {(first + 1) / BINS:.0%}"
        rows.append((name, len(part), part["confidence"].mean(), part["right"].mean(), low, high))
    return pd.DataFrame(rows, columns=["bin", "n", "confidence", "right", "low", "high"])


def overconfidence_error(
    samples: Sequence[Sample],
    *,
    rule: Rule = "lenient",
    level: float = 0.95,
    seed: int = 0,
    resamples: int = 2000,
) -> Measurement:
    """How far stated confidence lies from the share that is right, averaged over tenths of confidence (ECE).

    0 is a model that is right as often as it says. The interval resamples prompts. ECE is never below 0, so with few
    answers it is too large by chance alone: the note gives the value expected of a model that states its confidence
    right. C. Guo et al. (2017), arXiv 1706.04599. ``n`` counts prompts.

    Formula: sum over tenths of n of the tenth / n x |mean confidence - share right|.
    Source: C. Guo et al. (2017), arXiv 1706.04599.
    Limits: Depends on the tenths; too large by chance in small samples.
    """
    table = confidence_table(samples, rule=rule)
    prompts = table["prompt_id"].nunique()
    what = {"measure": "overconfidence_error", "level": level, "n": prompts, "unit": "share"}
    method = f"expected calibration error over {BINS} bins of stated confidence; percentiles over resampled prompts"
    if prompts < 2:
        why = "fewer than two prompts have an answer that states its confidence and can be compared"
        return Measurement(**what, value=None, method=method, undefined=why)
    confidence, right = table["confidence"].to_numpy(), table["right"].to_numpy(dtype=float)
    rng, value = np.random.default_rng(seed), _ece(confidence, right)
    drawn = np.array([_ece(confidence[i], right[i]) for i in _resampled(table["prompt_id"], resamples, rng)])
    by_chance = np.mean(
        [_ece(confidence, (rng.random(len(right)) < confidence).astype(float)) for _ in range(200)]
    )
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    gap = float(confidence.mean() - right.mean())
    note = (
        f"{len(table)} of {len(samples)} answers state a confidence and can be compared; "
        f"stated {confidence.mean():.2f}, right {right.mean():.2f} "
        f"({'over' if gap > 0 else 'under'}confident by {abs(gap):.2f}); "
        f"{by_chance:.3f} is expected of a model that states it right"
    )
    return Measurement(
        **what,
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        method=method,
        note=note,
    )


def _read(text: str, *, percent: bool) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    value = value / 100 if percent or value > 1 else value
    return value if 0 <= value <= 1 else None


def _bins(confidence: Floats) -> NDArray[np.intp]:
    return np.minimum((confidence * BINS + 1e-9).astype(np.intp), BINS - 1)


def _ece(confidence: Floats, right: Floats) -> float:
    surplus = np.bincount(_bins(confidence), weights=confidence - right, minlength=BINS)
    return float(np.abs(surplus).sum() / len(right))


def _resampled(prompts: pd.Series[str], times: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    rows = [np.asarray(group) for group in prompts.groupby(prompts).indices.values()]
    return [np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))]) for _ in range(times)]
