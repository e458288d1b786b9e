"""How well scores order and match what happened, for each group, from a table of binned scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from riskkit.measures.counting import groupings
from riskkit.measures.intervals import wilson
from riskkit.measures.score_table import ScoreTable, count_scores

Floats = NDArray[np.float64]
CURVE = 16
"""Bands of a calibration curve; divides the number of bins."""
COLUMNS = [
    "grouping", "group", "n", "positives", "auc", "auc_low", "auc_high", "auc_error", "brier", "brier_low",
    "brier_high", "score_minus_rate", "gap_low", "gap_high", "calibration_error", "error_by_chance",
]  # fmt: skip


class Auc(NamedTuple):
    """The area under the ROC curve of each group, its interval, and the most that binning can have moved it."""

    value: Floats
    low: Floats
    high: Floats
    error: Floats


def auc(table: ScoreTable, *, level: float = 0.95) -> Auc:
    """The chance that a true row scores above a false one, equal scores counting half.

    Within a bin scores count as equal, which moves the value by at most ``error``; scores of at most three digits lose
    nothing. The interval is that of E. DeLong, D. DeLong, D. Clarke-Pearson (1988), Biometrics 44, 837-845, on the
    logit scale (M. Pepe 2003, 5.2), so that it never leaves 0 and 1; where all pairs are in order, which leaves no
    spread to see, it is Wilson's for as many pairs as the rarer label has rows. NaN where a label does not occur.
    """
    false, true = (table.counts[..., i].astype(float) for i in (0, 1))
    negatives, positives = false.sum(axis=1), true.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        beaten = (np.cumsum(false, axis=1) - false / 2) / negatives[:, None]
        beating = 1 - (np.cumsum(true, axis=1) - true / 2) / positives[:, None]
        value = (beaten * true).sum(axis=1) / positives
        spread = (true * (beaten - value[:, None]) ** 2).sum(axis=1) / (positives - 1) / positives
        spread += (false * (beating - value[:, None]) ** 2).sum(axis=1) / (negatives - 1) / negatives
        error = 0.5 * (false * true).sum(axis=1) / (negatives * positives)
        reach = float(special.ndtri(0.5 + level / 2)) * np.sqrt(spread) / (value * (1 - value))
        low, high = (special.expit(special.logit(value) + sign * reach) for sign in (-1, 1))
    for i in np.flatnonzero((value > 0) & (value < 1) & np.isfinite(reach) == 0):
        if not np.isnan(value[i]):
            pairs = min(positives[i], negatives[i])
            low[i], high[i] = wilson(float(value[i] * pairs), float(pairs), level=level)
    return Auc(value, np.where(np.isnan(value), np.nan, low), np.where(np.isnan(value), np.nan, high), error)


def scores_by_group(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 1000,
) -> pd.DataFrame:
    """Order and calibration of the scores of every group, a row a group.

    Columns: grouping, group, n, positives; auc with interval and ``auc_error`` (see :func:`auc`); the Brier score with
    interval; ``score_minus_rate``, the mean score less the share whose label is true, with interval; and
    ``calibration_error``, the mean distance between score and share over 16 bands (ECE) beside ``error_by_chance``,
    what calibrated scores of this size stay below as often as ``level`` says.
    """
    if not {"score", "label"} <= set(table):
        return pd.DataFrame(columns=COLUMNS)
    rows = [
        row
        for grouping in groupings(table, groups)
        for row in table_rows(
            count_scores(table, grouping), level=level, seed=seed, replicates=replicates
        ).itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def calibration_curves(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """The share whose label is true in each of 16 bands of score: grouping, group, score, n, share, low, high (Wilson).

    Empty where the table has no score or no label. Every single group column when ``groups`` is not given.
    """
    columns = ["grouping", "group", "score", "n", "share", "low", "high"]
    if not {"score", "label"} <= set(table):
        return pd.DataFrame(columns=columns)
    wanted = groups or [g[0] for g in groupings(table) if len(g) == 1]
    rows: list[tuple[Any, ...]] = []
    for grouping in groupings(table, wanted):
        counted = count_scores(table, grouping)
        n, positives, sums = bands(counted)
        rows += [
            (" x ".join(grouping), group, s / m, int(m), k / m, *wilson(float(k), float(m), level=level))
            for group, *parts in zip(counted.groups, n, positives, sums, strict=True)
            for m, k, s in zip(*parts, strict=True)
            if m
        ]
    return pd.DataFrame(rows, columns=columns)


def table_rows(
    table: ScoreTable, *, level: float = 0.95, seed: int = 0, replicates: int = 1000
) -> pd.DataFrame:
    """The rows of :func:`scores_by_group` for a table of binned scores."""
    n, positives = table.counts.sum(axis=(1, 2)), table.counts[..., 1].sum(axis=1)
    z = float(special.ndtri(0.5 + level / 2))
    one, two, _, four = (table.errors[:, i] / n for i in range(4))
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = z * np.sqrt((two - one**2) / (n - 1))
        wide = z * np.sqrt(np.maximum(four - two**2, 0) / (n - 1))
    error, chance = _calibration(table, level, np.random.default_rng(seed), replicates)
    columns = (
        n, positives, *auc(table, level=level), two, np.maximum(two - wide, 0), np.minimum(two + wide, 1),
        one, one - gap, one + gap, error, chance,
    )  # fmt: skip
    found = pd.DataFrame(dict(zip(COLUMNS[2:], columns, strict=True)))
    found.insert(0, "group", list(table.groups))
    found.insert(0, "grouping", " x ".join(table.names))
    return found


def bands(table: ScoreTable) -> tuple[Floats, Floats, Floats]:
    """Shape (groups, bands): rows, rows whose label is true, and sums of scores of each group and band."""
    groups, bins, _ = table.counts.shape
    if bins % CURVE:
        raise ValueError(f"{bins} bins do not make {CURVE} bands of equal width")
    cube, sums = (part.reshape(groups, CURVE, -1, 2).sum(axis=2) for part in (table.counts, table.sums))
    return cube.sum(axis=2).astype(float), cube[..., 1].astype(float), sums.sum(axis=2)


def _calibration(
    table: ScoreTable, level: float, rng: np.random.Generator, replicates: int
) -> tuple[Floats, Floats]:
    """The mean distance between score and share, and the quantile it has where scores are calibrated."""
    n, positives, sums = bands(table)
    total = n.sum(axis=1)
    mean = np.divide(sums, n, out=np.zeros_like(sums), where=n > 0).clip(0, 1)
    drawn = rng.binomial(n.astype(np.int64), mean, size=(replicates, *n.shape))
    chance = np.abs(drawn - sums).sum(axis=2) / total
    return np.abs(positives - sums).sum(axis=1) / total, np.quantile(chance, level, axis=0)
