"""The ratio of the lowest to the highest selection rate among groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.by_chance import ratio_by_chance, said
from riskkit.measures.cells import cell, joined, large, named, too_few
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.extremes import SHORTFALL, Rates, gap_interval
from riskkit.measures.four_fifths import null_failure_probability
from riskkit.model import Measurement


def selection_rate_ratios(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    min_cell: int = 30,
) -> tuple[Measurement, ...]:
    """Lowest selection rate over the highest, a measurement a grouping; groups below ``min_cell`` rows are left out.

    This is the impact ratio of 29 CFR 1607.4(D) and ``fairlearn.metrics.demographic_parity_ratio``. The lowest over the
    highest of a sample lies below the truth even where all rates are equal, and resampling lowers it once more: with
    twelve equal groups of 100 a percentile interval always lies below 0.8. So the interval is found by asking which
    ratios the observed one fits, see :func:`riskkit.measures.extremes.gap_interval`.

    Measures: selection_rate_ratio
    Formula: lowest group's selected / n over the highest group's selected / n.
    Source: 29 CFR 1607.4(D), the four-fifths rule of the Uniform Guidelines.
    Limits: Says nothing of why rates differ, nor whether decisions were right; small groups are left out.
    """
    rng = np.random.default_rng(seed)
    return tuple(_ratio(counts, level, rng, (seed, replicates), min_cell) for counts in tables(table, groups))


def ratio_of_counts(
    counts: CountTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000, min_cell: int = 30
) -> Measurement:
    """The same for one count table, whatever the number of rows it counts."""
    return _ratio(counts, level, np.random.default_rng(seed), (seed, replicates), min_cell)


def _ratio(
    counts: CountTable, level: float, rng: np.random.Generator, dealing: tuple[int, int], min_cell: int
) -> Measurement:
    seed, replicates = dealing
    used, left_out = large(counts, min_cell)
    method = f"lowest over highest selection rate among groups of at least {min_cell} rows"
    what: dict[str, Any] = {
        "measure": "selection_rate_ratio",
        "segment": counts.grouping,
        "level": level,
        "n": int(used.n.sum()),
        "unit": "ratio",
    }
    why = too_few(used, min_cell) or (
        "" if used.selected.any() else "nobody was selected in any of these groups"
    )
    if why:
        return Measurement(**what, value=None, method=method, undefined=why, note=left_out)
    lowest, highest = _extremes(used)
    (k1, n1), (k2, n2) = cell(used, lowest), cell(used, highest)
    value = (k1 / n1) / (k2 / n2)
    gaps = gap_interval(
        [Rates(used.selected, used.n)], SHORTFALL, level=level, rng=rng, replicates=replicates
    )
    chance = ratio_by_chance(used, level=level, rng=np.random.default_rng(seed), replicates=replicates)
    by_chance = null_failure_probability(used, replicates=5 * replicates)
    return Measurement(
        **what,
        value=value,
        low=min(value, 1 - gaps[1]),
        high=max(value, 1 - gaps[0]),
        method=f"{method}; interval: ratios that {replicates} simulated samples of these sizes do not rule out",
        note=joined(
            f"lowest {named(used, lowest)}, highest {named(used, highest)}",
            f"with equal rates, {by_chance:.1%} of samples of these sizes would fall below 0.8",
            said(chance),
            left_out,
        ),
    )


def _extremes(counts: CountTable) -> tuple[int, int]:
    """The cells with the lowest and the highest rate; two different ones where all rates are equal."""
    rates: NDArray[np.float64] = counts.selected / counts.n
    lowest = int(rates.argmin())
    highest = int(rates.argmax())
    return lowest, highest if highest != lowest else len(rates) - 1
