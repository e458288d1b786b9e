"""How far apart groups are in the errors made about them, where it is known what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.by_chance import odds_by_chance, said
from riskkit.measures.cells import joined
from riskkit.measures.counting import rows_column, tables
from riskkit.measures.counts import CountTable
from riskkit.measures.extremes import DIFFERENCE, Rates, gap_interval
from riskkit.measures.intervals import wilson
from riskkit.model import Measurement

RATES = (("true positive rate", 1), ("false positive rate", 0))
"""Selected among the rows whose label is true, and among those whose label is false."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """The widest gap of one rate: its name, size, the two groups and their counts, and all that were compared."""

    rate: str
    size: float
    groups: tuple[str, str]
    pair: tuple[int, int, int, int]
    rates: Rates


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
    the truth, and resampling widens it once more, so the interval is found by asking which gaps the observed one fits,
    see :func:`riskkit.measures.extremes.gap_interval`.

    Measures: equalized_odds_difference
    Formula: max over true and false positive rate of (highest group's rate - lowest group's rate).
    Source: M. Hardt, E. Price, N. Srebro (2016), Equality of Opportunity in Supervised Learning.
    Limits: Needs labels that are right for every group; a label that carries the bias hides it.
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
    low, high = gap_interval([g.rates for g in gaps], DIFFERENCE, level=level, rng=rng, replicates=replicates)
    chance = odds_by_chance(
        counts, min_cell=min_cell, level=level, rng=np.random.default_rng(seed), replicates=replicates
    )
    (k1, n1, k2, n2), (first, second) = widest.pair, widest.groups
    return Measurement(
        **what,
        value=widest.size,
        low=min(widest.size, low),
        high=max(widest.size, high),
        method=f"{method}; interval: gaps that {replicates} simulated samples of these sizes do not rule out",
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
    compared = Rates(*np.array([(k, n) for _, k, n in parts]).T)
    (high, k1, n1), (low, k2, n2) = (pick(parts, key=lambda p: p[1] / p[2]) for pick in (max, min))
    return _Gap(name, k1 / n1 - k2 / n2, (high, low), (k1, n1, k2, n2), compared)


def _parts(counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Selected and all rows of each cell, for one label."""
    return [(int(k), int(n)) for k, n in zip(counts[:, 1], counts.sum(axis=1), strict=True)]
