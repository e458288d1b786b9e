"""How groups of people fare in decisions: everything an audit of a table of decisions needs, under one name.

The table has one row a decision: ``selected`` (bool), the group columns named in ``table.attrs["groups"]``, where known
``label`` (bool) and ``score``; ``table.attrs["reference"]`` may name a reference group for a column.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskkit.measures.bounds import bounds_that_flip
from riskkit.measures.calibration import calibration_error_differences
from riskkit.measures.chance_bands import chance_bands
from riskkit.measures.counting import count, groupings, tables
from riskkit.measures.counts import CountTable
from riskkit.measures.cutoffs import ratios_by_cutoff
from riskkit.measures.error_rates import equalized_odds_differences, error_rates_by_group
from riskkit.measures.four_fifths import four_fifths, null_failure_probability
from riskkit.measures.impact_ratios import four_fifths_in_words, impact_ratios, scoring_ratios
from riskkit.measures.intervals import wilson
from riskkit.measures.mitigation import mitigation_preview, strongest_grouping
from riskkit.measures.multiple import benjamini_hochberg, holm
from riskkit.measures.overview import group_sizes, what_is_compared
from riskkit.measures.parity import statistical_parity_differences
from riskkit.measures.percentile import beside_percentile
from riskkit.measures.ranking import ranked_groups
from riskkit.measures.rate_ratio import selection_rate_ratios
from riskkit.measures.scores import calibration_curves, scores_by_group
from riskkit.measures.strata import adjusted_differences, mantel_haenszel
from riskkit.measures.weights import weighted_disparities, weighted_rates

__all__ = [
    "CountTable", "adjusted_differences", "audit_record", "benjamini_hochberg", "beside_percentile",
    "bounds_that_flip", "calibration_curves", "calibration_error_differences", "chance_bands", "count",
    "equalized_odds_differences", "error_rates_by_group", "four_fifths", "four_fifths_in_words",
    "group_sizes", "groupings", "holm", "impact_ratios", "mantel_haenszel", "mitigation_preview",
    "null_failure_probability", "ranked_groups", "rates_by_group", "ratios_by_cutoff", "scores_by_group",
    "scoring_ratios", "selection_rate_ratios", "statistical_parity_differences", "strongest_grouping", "tables",
    "weighted_disparities", "weighted_rates", "what_is_compared",
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


def audit_record(table: pd.DataFrame, *, least: int = 5) -> CountTable:
    """The count table over every declared group (and the label, where known): what a reviewer needs to redo the audit.

    It holds no person's row; cells of fewer than ``least`` decisions are pooled, since a cell of one is a person. It
    shows itself as JSON, which :meth:`CountTable.from_json` reads.
    """
    columns = list(dict.fromkeys(name for grouping in groupings(table) for name in grouping))
    return count(table, columns, by_label="label" in table).pooled(least)
