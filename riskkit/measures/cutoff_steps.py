"""Selection rates and their ratio at many cut-offs of a score, ready to be looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.cells import large
from riskkit.measures.counting import groupings
from riskkit.measures.cutoffs import counts_by_cutoff, ratios_by_cutoff
from riskkit.measures.intervals import wilson

SHARES = tuple(np.arange(0.95, 0.04, -0.05).round(2))
"""Shares of all people whom the cut-offs would select, where none are named."""


def cutoff_steps(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    cutoffs: Sequence[float] = (),
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 1000,
    min_cell: int = 30,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables: the ratio at every cut-off (that of ``fairness.ratios_by_cutoff``), and the rate of every group.

    The columns of the second: grouping, cutoff, group, selected, n, rate with its Wilson interval. Both are empty
    without scores.
    """
    columns = ["grouping", "cutoff", "group", "selected", "n", "rate", "low", "high"]
    if "score" not in table or not table["score"].notna().any():
        return ratios_by_cutoff(table.drop(columns="score", errors="ignore")), pd.DataFrame(columns=columns)
    scored = table[table["score"].notna()]
    at = sorted(set(cutoffs)) or sorted(
        {float(v) for v in np.quantile(scored["score"], [1 - share for share in SHARES], method="higher")}
    )
    how: dict[str, Any] = {"level": level, "seed": seed, "replicates": replicates, "min_cell": min_cell}
    ratios = ratios_by_cutoff(scored, cutoffs=at, groups=groups, **how)
    rows = [
        (used.grouping, cut, group, int(k), int(n), k / n, *wilson(int(k), int(n), level=level))
        for grouping in groupings(table, groups)
        for cut, counts in counts_by_cutoff(scored, grouping, at)
        for used in [large(counts, min_cell)[0]]
        for group, k, n in zip(used.groups, used.selected, used.n, strict=True)
    ]
    return ratios, pd.DataFrame(rows, columns=columns)
