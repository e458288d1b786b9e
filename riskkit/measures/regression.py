"""How far predicted numbers are off for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from riskkit.measures import encoding
from riskkit.measures.counting import groupings
from riskkit.measures.counts import BETWEEN

COLUMNS = [
    "grouping", "group", "n", "mean_error", "error_low", "error_high", "mean_absolute_error", "absolute_low",
    "absolute_high", "root_mean_square_error",
]  # fmt: skip


def errors_by_group(
    table: Any, *, prediction: str, truth: str, groups: Sequence[str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Prediction less truth, by group: its mean and its mean size with Student's intervals, and its root mean square.

    All from five sums a group, so tables of any size need one pass. Rows where either is missing are left out. With one
    row there is no interval (NaN).
    """
    off = (
        encoding.column(table, prediction).to_numpy(dtype=float, na_value=np.nan)
        - encoding.column(table, truth).to_numpy(dtype=float, na_value=np.nan)
    )  # fmt: skip
    rows = [row for grouping in groupings(table, groups) for row in _rows(table, grouping, off, level)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    table: Any, grouping: Sequence[str], off: NDArray[np.float64], level: float
) -> list[tuple[Any, ...]]:
    where = encoding.places(table, grouping)
    known = np.isfinite(off)
    key, off = where.keys[known], off[known]
    n, one, two, size_of = (np.bincount(key, weights=v) for v in (None, off, off * off, np.abs(off)))
    rows = []
    for i in np.flatnonzero(n):
        m = int(n[i])
        quantile = float(special.stdtrit(m - 1, 0.5 + level / 2)) if m > 1 else np.nan
        mean, size, square = one[i] / m, size_of[i] / m, two[i] / m
        reach, wide = (
            quantile * np.sqrt(max(0.0, square - v * v) / (m - 1)) if m > 1 else np.nan for v in (mean, size)
        )
        group = ", ".join(where.parts(int(i)))
        rows.append(
            (
                BETWEEN.join(grouping), group, m, mean, mean - reach, mean + reach, size, max(0.0, size - wide),
                size + wide, np.sqrt(square),
            )
        )  # fmt: skip
    return rows
