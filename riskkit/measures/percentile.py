"""Intervals of the register beside the percentile intervals that fairlearn would print for the same disparities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.cells import large
from riskkit.measures.confusion import METRICS, percentile_intervals
from riskkit.measures.counting import count
from riskkit.measures.counts import BETWEEN, CountTable
from riskkit.model import Measurement

THEIRS = {
    "selection_rate_ratio": ("selection_rate", "ratio"),
    "equalized_odds_difference": ("equalized_odds", "difference"),
}
"""Measures that fairlearn defines too, and where its interval stands among percentile intervals."""
COLUMNS = ["measure", "segment", "value", "low", "high", "percentile_low", "percentile_high"]


def beside_percentile(
    measurements: Iterable[Measurement],
    table: Any,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    min_cell: int = 30,
) -> pd.DataFrame:
    """Each disparity with both of its intervals, named: ours, and that of ``MetricFrame(n_boot=...)``.

    ``low`` and ``high`` are the register's. ``percentile_low`` and ``percentile_high`` are the quantiles of the same
    disparity in resampled rows; they agree with fairlearn's as two of its seeds do, and they do not cover: of equal
    groups they always show a difference. Measures that fairlearn does not define are left out.
    """
    rows = []
    for m in measurements:
        if m.measure not in THEIRS or m.value is None:
            continue
        grouping = m.segment.split(BETWEEN)
        by_label = m.measure == "equalized_odds_difference"
        counts = large(count(table, grouping, by_label=by_label), min_cell)[0]
        names = ["true_positive_rate", "false_positive_rate"] if by_label else ["selection_rate"]
        found = percentile_intervals(
            _by_label(counts),
            level=level,
            seed=seed,
            replicates=replicates,
            metrics={n: METRICS[n] for n in names},
        )["between_groups"]
        low, high = found.loc[[THEIRS[m.measure]]].to_numpy(dtype=float)[0]
        rows.append((m.measure, m.segment, m.value, m.low, m.high, float(low), float(high)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_label(counts: CountTable) -> CountTable:
    """A table with a label; where it has none, every label counts as false, which selection rates do not notice."""
    if counts.counts.ndim == 3:
        return counts
    both = np.stack([counts.counts, np.zeros_like(counts.counts)], axis=1)
    return CountTable(counts.names, counts.cells, both)
