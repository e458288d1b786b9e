"""How far apart groups are in the errors made about them, where it is known what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.by_chance import odds_by_chance, said
from riskkit.measures.cells import joined, plural
from riskkit.measures.counting import rows_column, tables
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import newcombe, wilson
from riskkit.model import Measurement

RATES = (("true positive rate", 1), ("false positive rate", 0))
"""Selected among the rows whose label is true, and among those whose label is false."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """The widest gap of one rate: its name, size, the two groups and their counts, and how many were compared."""

    rate: str
    size: float
    groups: tuple[str, str]
    pair: tuple[int, int, int, int]
    compared: int


def error_rates_by_group(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """True and false positive rates of every group: columns grouping, group, rate_of, n, selected, rate, low, high.

    ``n`` is the denominator: rows whose label is true, or false. Without any the rate is missing, not 0.
    """
    rows = [
        (
            counts.grouping,
            group,
            name,
            int(n),
            int(k),
            k / n if n else float("nan"),
            *wilson(int(k), int(n), level=level),
        )
        for counts in tables(table, groups, by_label=True)
        for name, label in RATES
        for group, (k, n) in zip(counts.groups, _parts(counts.counts[:, label]), strict=True)
    ]
    return pd.DataFrame(
        rows, columns=["grouping", "group", "rate_of", "n", "selected", "rate", "low", "high"]
    )


def equalized_odds_differences(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    min_cell: int = 30,
) -> tuple[Measurement, ...]:
    """The wider of the gaps in true and in false positive rate between groups, a measurement a grouping.

    Empty where no label is known. As ``fairlearn.metrics.equalized_odds_difference``, but a rate with fewer than
    ``min_cell`` rows in its denominator is left out, where fairlearn counts 0 of 0 as 0. The gap of a sample lies above
    the truth, and resampling widens it once more, so the upper end is the quantile in resampled count tables and the
    lower end Newcombe's limit for the two groups seen at the extremes, corrected (Bonferroni) for the pairs they were
    picked from.
    """
    if "label" not in table:
        return ()
    rng = np.random.default_rng(seed)
    unlabelled = without_label(table)
    note = f"{unlabelled} rows without a label left out" if unlabelled else ""
    return tuple(
        _difference(counts, level, rng, (seed, replicates), min_cell, note)
        for counts in tables(table, groups, by_label=True)
    )


def without_label(table: pd.DataFrame) -> int:
    """How many decisions have no label."""
    if "label" not in table or table["label"].dtype == bool:
        return 0
    missing, rows = table["label"].isna(), rows_column(table)
    return int(missing.sum() if rows is None else table.loc[missing, rows].sum())


def _difference(
    counts: CountTable,
    level: float,
    rng: np.random.Generator,
    dealing: tuple[int, int],
    min_cell: int,
    note: str,
) -> Measurement:
    seed, replicates = dealing
    what: dict[str, Any] = {
        "measure": "equalized_odds_difference",
        "segment": counts.grouping,
        "level": level,
        "n": int(counts.n.sum()),
        "unit": "difference",
    }
    method = f"widest gap in true or false positive rate among groups with at least {min_cell} such rows"
    gaps = [g for name, label in RATES if (g := _gap(counts, name, label, min_cell)) is not None]
    if len(gaps) < len(RATES):
        why = f"fewer than two groups have {min_cell} rows whose label is true, or whose label is false"
        return Measurement(**what, value=None, method=method, undefined=why, note=note)
    widest = max(gaps, key=lambda g: g.size)
    pairs = sum(comb(g.compared, 2) for g in gaps)
    once = newcombe(*widest.pair, level=level)
    low, high = (
        newcombe(*widest.pair, level=1 - (1 - level) / pairs)[0],
        _resampled(counts, level, rng, replicates, min_cell),
    )
    chance = odds_by_chance(
        counts, min_cell=min_cell, level=level, rng=np.random.default_rng(seed), replicates=replicates
    )
    (k1, n1, k2, n2), (first, second) = widest.pair, widest.groups
    return Measurement(
        **what,
        value=widest.size,
        low=max(0.0, low),
        high=min(1.0, max(once[1], high)),
        method=f"{method}; lower end: Newcombe, corrected for {plural(pairs, 'pair')}; upper end: {replicates} "
        "multinomial resamplings of the count table",
        note=joined(
            f"{widest.rate}: {first} ({k1} of {n1}) against {second} ({k2} of {n2})", said(chance), note
        ),
    )


def _gap(counts: CountTable, name: str, label: int, min_cell: int) -> _Gap | None:
    parts = [
        (g, k, n)
        for g, (k, n) in zip(counts.groups, _parts(counts.counts[:, label]), strict=True)
        if n >= min_cell
    ]
    if len(parts) < 2:
        return None
    (high, k1, n1), (low, k2, n2) = (pick(parts, key=lambda p: p[1] / p[2]) for pick in (max, min))
    return _Gap(name, k1 / n1 - k2 / n2, (high, low), (k1, n1, k2, n2), len(parts))


def _parts(counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Selected and all rows of each cell, for one label."""
    return [(int(k), int(n)) for k, n in zip(counts[:, 1], counts.sum(axis=1), strict=True)]


def _resampled(
    counts: CountTable, level: float, rng: np.random.Generator, replicates: int, min_cell: int
) -> float:
    """The upper quantile of the widest gap in resampled tables, over the rates with enough rows."""
    flat = counts.counts.ravel()
    drawn = rng.multinomial(int(flat.sum()), flat / flat.sum(), size=replicates).reshape(replicates, -1, 2, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = drawn[:, :, :, 1] / drawn.sum(axis=3)
    rates[:, counts.counts.sum(axis=2) < min_cell] = np.nan
    gaps = np.fmax.reduce(rates, axis=1) - np.fmin.reduce(rates, axis=1)
    return float(np.quantile(np.fmax.reduce(gaps, axis=1), (1 + level) / 2))
