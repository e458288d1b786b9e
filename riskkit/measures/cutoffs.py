"""What selection rate ratios would be if the score alone decided, at one cut-off or another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.counting import count, groupings
from riskkit.measures.counts import CountTable
from riskkit.measures.rate_ratio import ratio_of_counts
from riskkit.model import Threshold, judge

SHARES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
"""Shares of all people whom the cut-offs shown would select, where none are named."""
COLUMNS = [
    "grouping", "cutoff", "selected", "share", "n", "ratio", "low", "high", "lowest_and_highest", "verdict"
]  # fmt: skip


def ratios_by_cutoff(
    table: pd.DataFrame,
    *,
    bound: Threshold | None = None,
    cutoffs: Sequence[float] = (),
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 1000,
    min_cell: int = 30,
) -> pd.DataFrame:
    """The selection rate ratio if everybody scoring at least the cut-off were selected: a row a grouping and cut-off.

    Columns: grouping, cutoff, selected, share, n, ratio with interval, lowest_and_highest (who), and the verdict at
    ``bound``. Cut-offs are deciles of the score unless named. The rows are read once, so another cut-off costs
    milliseconds whatever their number. Empty without scores; people without a score are left out.
    """
    if "score" not in table:
        return pd.DataFrame(columns=COLUMNS)
    scored = table[table["score"].notna()]
    at = sorted(set(cutoffs)) or _deciles(scored["score"])
    steps = [(g, *step) for g in groupings(table, groups) for step in counts_by_cutoff(scored, g, at)]
    rows = [
        _row(grouping, cut, counts, bound, (level, seed, replicates, min_cell))
        for grouping, cut, counts in steps
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def counts_by_cutoff(
    table: pd.DataFrame, grouping: Sequence[str], cutoffs: Sequence[float]
) -> list[tuple[float, CountTable]]:
    """For each of the rising ``cutoffs`` the count table of who scores at least that, from one pass over the rows."""
    band = np.searchsorted(np.asarray(cutoffs, dtype=float), table["score"].to_numpy(float), side="right")
    names = [f"{i:06d}" for i in range(len(cutoffs) + 1)]
    banded = table[list(grouping)].assign(
        selected=table["selected"], band=pd.Categorical.from_codes(band, categories=pd.Index(names))
    )
    counted = count(banded, [*grouping, "band"])
    cells = list(dict.fromkeys(cell[:-1] for cell in counted.cells))
    cube = np.zeros((len(cells), len(names)), dtype=np.int64)
    for cell, n in zip(counted.cells, counted.n, strict=True):
        cube[cells.index(cell[:-1]), int(cell[-1])] = n
    total, below = cube.sum(axis=1), np.cumsum(cube, axis=1)
    return [
        (cut, CountTable(tuple(grouping), tuple(cells), np.stack([below[:, i], total - below[:, i]], axis=1)))
        for i, cut in enumerate(cutoffs)
    ]


def _deciles(score: pd.Series[float]) -> list[float]:
    if not len(score):
        return []
    return sorted({float(v) for v in np.quantile(score, [1 - share for share in SHARES], method="higher")})


def _row(
    grouping: Sequence[str],
    cut: float,
    counts: CountTable,
    bound: Threshold | None,
    how: tuple[float, int, int, int],
) -> tuple[Any, ...]:
    level, seed, replicates, min_cell = how
    m = ratio_of_counts(counts, level=level, seed=seed, replicates=replicates, min_cell=min_cell)
    selected, n = int(counts.selected.sum()), int(counts.n.sum())
    said = judge(m, bound).verdict.value if bound else "no bound"
    who = m.undefined if m.value is None else m.note.partition(";")[0]
    return (m.segment, cut, selected, selected / n, m.n, m.value, m.low, m.high, who, said)
