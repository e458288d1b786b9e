"""Single columns that predict the outcome too well to be known before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.auroc import auroc
from riskkit.model import Measurement

Floats = NDArray[np.float64]
FOLDS, BINS = 5, 20
FEWEST = 20
"""Rows of the rarer outcome that are needed."""
MOST = 50
"""Columns that become measurements; of more, those that predict best."""


def target_leakage_auc(
    table: pd.DataFrame, *, label: str, ignore: tuple[str, ...] = (), seed: int = 0, level: float = 0.95
) -> tuple[Measurement, ...]:
    """How well each column alone tells the two outcomes apart, a measurement a column, best first.

    0.5 is chance; near 1 the column may be the outcome under another name, or be filled in after it. Numbers are cut
    into twentieths, and a missing value is a value of its own, so that a column that is filled in for one outcome only
    is found as well. Each row is scored by the other four fifths of the rows, so many rare values do not fit by chance.
    Intervals are corrected (Bonferroni) for the columns.

    Formula: AUROC of the outcome's share per band of one column, scored across five folds.
    Limits: A good column and a leak look alike: a person must know when it is filled in.

    Raises
    ------
    ValueError
        When there is no column ``label``, or it has not two values with 20 rows each.
    """
    outcome = _outcome(table, label)
    columns = [c for c in table.columns if c != label and c not in ignore]
    alone = 1 - (1 - level) / max(1, len(columns))
    fold = np.random.default_rng(seed).permutation(len(table)) % FOLDS
    found = [
        _measured(str(c), _scores(table[c], outcome, fold), outcome, alone, level, len(columns))
        for c in columns
    ]
    return tuple(sorted(found, key=lambda m: -(m.value or 0.0))[:MOST])


def _outcome(table: pd.DataFrame, label: str) -> NDArray[np.bool_]:
    if label not in table.columns:
        raise ValueError(f"there is no column {label!r} (it has {', '.join(map(str, table.columns))})")
    cells = table[label]
    values = sorted(cells.dropna().unique().tolist(), key=str)
    if cells.isna().any() or len(values) != 2:
        shown = f"{int(cells.isna().sum())} missing, values {', '.join(map(str, values[:5]))}"
        raise ValueError(f"{label} must have two values in every row ({shown})")
    positive: NDArray[np.bool_] = (cells == values[1]).to_numpy(bool)
    if min(positive.sum(), (~positive).sum()) < FEWEST:
        raise ValueError(
            f"{label} needs {FEWEST} rows of each value; there are {positive.sum()} and {(~positive).sum()}"
        )
    return positive


def _scores(cells: pd.Series[Any], outcome: NDArray[np.bool_], fold: NDArray[np.int64]) -> Floats:
    """For each row the smoothed share of the outcome among rows of the other folds with the same value."""
    codes = _codes(cells)
    scores = np.zeros(len(codes))
    for held_out in range(FOLDS):
        rest = fold != held_out
        overall = outcome[rest].mean()
        count = np.bincount(codes[rest], minlength=codes.max() + 1)
        hits = np.bincount(codes[rest], weights=outcome[rest], minlength=codes.max() + 1)
        scores[~rest] = ((hits + 2 * overall) / (count + 2))[codes[~rest]]
    return scores


def _codes(cells: pd.Series[Any]) -> NDArray[np.int64]:
    """A number for each value, or each twentieth of numbers; missing cells have their own."""
    if pd.api.types.is_numeric_dtype(cells) and cells.nunique() > BINS:
        known = cells.dropna().to_numpy(float)
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
        codes = np.searchsorted(edges, cells.to_numpy(float), "left")
        return np.where(cells.isna(), len(edges) + 1, codes).astype(np.int64)
    codes, _ = pd.factorize(cells, use_na_sentinel=False)
    return np.asarray(codes, dtype=np.int64)


def _measured(
    name: str, scores: Floats, outcome: NDArray[np.bool_], alone: float, level: float, columns: int
) -> Measurement:
    found = auroc(scores, outcome, level=alone)
    return Measurement(
        measure="target_leakage_auc", segment=name, value=found.auroc, low=found.low, high=found.high, level=level,
        n=len(scores), unit="AUROC",
        method=f"one column alone, rows scored by the other folds; DeLong interval, corrected for {columns} columns",
        note=f"{found.positives} and {found.negatives} rows of the two outcomes",
    )  # fmt: skip
