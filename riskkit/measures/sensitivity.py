"""Which assumption moves the bill, and which would change the verdict on the budget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskkit.measures.distributions import Distribution, short
from riskkit.measures.projection import Projection
from riskkit.measures.simulation import draw, simulate, task_of, walk
from riskkit.model import Threshold

Floats = NDArray[np.float64]
SAMPLES = 4096
"""Pairs of draws behind the shares of variance."""
PATHS, SEARCH = 2000, 10
"""Futures of each trial, and trials, when a flip is searched."""
REACH = 10.0
"""A number that is known exactly is tried from a tenth of its value to ten times it."""


def expected_total(projection: Projection, held: Mapping[str, ArrayLike], paths: int, seed: int) -> Floats:
    """Expected USD over the horizon of each path: the bill without the chance of single calls."""
    drawn = draw(projection.given, paths=paths, seed=seed, held=held)
    task = task_of(projection.given, drawn)
    once = task.mean + sum(task.checks.values(), np.zeros(()))
    months = walk(projection.given, drawn, len(projection.draws))
    total = sum((m.tasks * (m.scale * once + task.review) + m.events for m in months), np.zeros(()))
    found: Floats = np.broadcast_to(total, paths)
    return found


def tornado(projection: Projection) -> pd.DataFrame:
    """One row an uncertain assumption, the strongest first: how far it moves the bill over the horizon.

    Columns: assumption, low and high (the values that one case in ten lies below and above), total_low and total_high
    (mean USD over the horizon at these), alone (share of the variance of the total that it explains by itself), joint
    (that with all its interactions) and interaction (the difference); ``attrs["expected"]`` is the mean total. Shares
    are the first-order and total indices of I. M. Sobol, by the estimators of A. Saltelli et al. (2010), Computer
    Physics Communications 181, 259-270, table 2.
    """
    given, names = projection.given, projection.given.uncertain
    first = draw(given, paths=SAMPLES, seed=projection.seed + 11)
    second = draw(given, paths=SAMPLES, seed=projection.seed + 12)
    a, b = (expected_total(projection, drawn, SAMPLES, projection.seed) for drawn in (first, second))
    variance = float(np.concatenate([a, b]).var())
    rows = []
    for name in names:
        mixed = expected_total(projection, {**first, name: second[name]}, SAMPLES, projection.seed)
        alone = float(((b - b.mean()) * (mixed - a)).mean()) / variance if variance else 0.0
        joint = float(((a - mixed) ** 2).mean()) / 2 / variance if variance else 0.0
        low, high = _ends(projection, name)
        moved = [
            float(expected_total(projection, {**first, name: v}, SAMPLES, 0).mean()) for v in (low, high)
        ]
        alone = min(max(alone, 0.0), joint)
        rows.append((name, low, high, *moved, alone, joint, joint - alone))
    columns = ["assumption", "low", "high", "total_low", "total_high", "alone", "joint", "interaction"]
    found = pd.DataFrame(rows, columns=columns)
    order = (found["total_high"] - found["total_low"]).abs().sort_values(ascending=False, kind="stable").index
    ordered = found.loc[order].reset_index(drop=True)
    ordered.attrs["expected"] = float(a.mean())
    return ordered


def flips(projection: Projection, *, bound: Threshold | None = None) -> pd.DataFrame:
    """One row an assumption that alone would change the verdict on the budget, the nearest first.

    The verdict is whether the probability that some month is above the budget is at most that of the ``bound``
    (0.05 without one). Each assumption
    is moved while the others stay as they are: through 99 % of its range where it is uncertain, down to a tenth and up
    to ten times its value where it is not (growth: ten points either way). Columns: assumption, now (its
    middle, or its probability), flips_at, change (relative), distance (the share of the way to the end that was tried),
    verdict_now, verdict_then.
    """
    accepted = 0.05 if bound is None or bound.at_most is None else bound.at_most
    verdict = _exceed(projection, {}) <= accepted
    rows = []
    for name, found in projection.given.inputs.items():
        middle = found.numbers[0] if found.kind == "chance" else float(found.at(0.5))
        for end in _tried(name, found):
            value = _flip(projection, name, middle, end, accepted, verdict)
            if value is not None:
                distance = abs(value - middle) / abs(end - middle)
                change = value / middle - 1 if middle else float("nan")
                rows.append((name, middle, value, change, distance, _told(verdict), _told(not verdict)))
    columns = ["assumption", "now", "flips_at", "change", "distance", "verdict_now", "verdict_then"]
    found_rows = pd.DataFrame(rows, columns=columns)
    return found_rows.sort_values("distance", kind="stable").reset_index(drop=True)


def nearest_flip(table: pd.DataFrame) -> str:
    """The first assumption that would change the verdict, in words."""
    if table.empty:
        return "no single assumption changes the verdict on the budget within its range"
    row = table.iloc[0]
    return (
        f"the verdict on the budget ({row['verdict_now']}) flips when {row['assumption']} goes from "
        f"{short(row['now'])} to {short(row['flips_at'])}"
    )


def _ends(projection: Projection, name: str) -> tuple[float, float]:
    found = projection.given.inputs[name]
    low, high = (0.0, 1.0) if found.kind == "chance" else found.at([0.1, 0.9])
    return float(low), float(high)


def _tried(name: str, found: Distribution) -> list[float]:
    """How far each way a number is moved."""
    middle = float(found.at(0.5))
    if found.kind == "chance" or name.endswith(".chance"):
        ends = [0.0, 1.0]
    elif not found.fixed:
        ends = [float(end) for end in found.at([0.005, 0.995])]
    elif name.endswith("growth"):
        ends = [middle - 0.1, middle + 0.1]
    else:
        ends = [middle / REACH, middle * REACH]
    return [end for end in np.clip(ends, found.least, found.most).tolist() if end != middle]


def _flip(
    projection: Projection, name: str, start: float, end: float, accepted: float, verdict: bool
) -> float | None:
    """The value between ``start`` and ``end`` where the verdict changes, or None; found by halving."""
    if (_exceed(projection, {name: end}) <= accepted) == verdict:
        return None
    for _ in range(0 if name.endswith(".chance") else SEARCH):
        middle = (start + end) / 2
        if (_exceed(projection, {name: middle}) <= accepted) == verdict:
            start = middle
        else:
            end = middle
    return end


def _exceed(projection: Projection, held: Mapping[str, float]) -> float:
    draws = simulate(
        projection.given, months=len(projection.draws), paths=PATHS, seed=projection.seed, held=held
    )
    return float((draws > projection.monthly_budget_usd).any(axis=0).mean())


def _told(verdict: bool) -> str:
    return "the budget holds" if verdict else "the budget is exceeded"
