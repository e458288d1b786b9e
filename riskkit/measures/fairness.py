"""How groups of people fare in decisions: everything an audit of a table of decisions needs, under one name.

The table has one row a decision: ``selected`` (bool), the group columns named in ``table.attrs["groups"]``, where known
``label`` (bool) and ``score``; ``table.attrs["reference"]`` may name a reference group for a column.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskkit.measures.chance_bands import chance_bands
from riskkit.measures.counting import count, groupings, tables
from riskkit.measures.counts import CountTable
from riskkit.measures.error_rates import equalized_odds_differences, error_rates_by_group
from riskkit.measures.four_fifths import four_fifths, null_failure_probability
from riskkit.measures.intervals import wilson
from riskkit.measures.multiple import benjamini_hochberg, holm
from riskkit.measures.parity import statistical_parity_differences
from riskkit.measures.rate_ratio import selection_rate_ratios
from riskkit.measures.strata import adjusted_differences, mantel_haenszel

__all__ = [
    "CountTable", "adjusted_differences", "benjamini_hochberg", "chance_bands", "count", "equalized_odds_differences",
    "error_rates_by_group", "four_fifths", "groupings", "holm", "mantel_haenszel", "null_failure_probability",
    "rates_by_group", "selection_rate_ratios", "statistical_parity_differences", "tables",
]  # fmt: skip


def rates_by_group(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """The selection rate of every group: columns grouping, group, n, selected, rate, low, high (Wilson)."""
    rows = [
        (counts.grouping, group, int(n), int(k), k / n, *wilson(int(k), int(n), level=level))
        for counts in tables(table, groups)
        for group, n, k in zip(counts.groups, counts.n, counts.selected, strict=True)
    ]
    return pd.DataFrame(rows, columns=["grouping", "group", "n", "selected", "rate", "low", "high"])
