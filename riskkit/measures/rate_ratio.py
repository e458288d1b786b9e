"""The ratio of the lowest to the highest selection rate among groups."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.by_chance import ratio_by_chance, said
from riskkit.measures.cells import cell, joined, large, named, plural, too_few
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.four_fifths import null_failure_probability
from riskkit.measures.intervals import ratio_of_proportions
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
    twelve equal groups of 100 a percentile interval always lies below 0.8. So the two ends are found differently. The
    lower is the quantile of the ratio in resampled count tables (resampling rows is a multinomial draw of the cells),
    or the closed-form limit if that is lower. The upper is the closed-form limit for the two groups seen at the
    extremes, at a level corrected (Bonferroni) for the pairs they were picked from.
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
    pair, pairs = (*cell(used, lowest), *cell(used, highest)), comb(len(used.cells), 2)
    value = (pair[0] / pair[1]) / (pair[2] / pair[3])
    chance = ratio_by_chance(used, level=level, rng=np.random.default_rng(seed), replicates=replicates)
    by_chance = null_failure_probability(used)
    return Measurement(
        **what,
        value=value,
        low=min(value, _resampled(used, level, rng, replicates), ratio_of_proportions(*pair, level=level)[0]),
        high=min(1.0, ratio_of_proportions(*pair, level=1 - (1 - level) / pairs)[1]),
        method=f"{method}; lower end: {replicates} multinomial resamplings of the count table; upper end: Wilson "
        f"limits of the two (MOVER), corrected for {plural(pairs, 'pair')}",
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


def _resampled(counts: CountTable, level: float, rng: np.random.Generator, replicates: int) -> float:
    """The lower quantile of lowest over highest rate in resampled tables; replicates without a rate are set aside."""
    flat = counts.decisions.ravel()
    drawn = rng.multinomial(int(flat.sum()), flat / flat.sum(), size=replicates).reshape(replicates, -1, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = drawn[:, :, 1] / drawn.sum(axis=2)
        ratios = np.fmin.reduce(rates, axis=1) / np.fmax.reduce(rates, axis=1)
    known = ratios[np.isfinite(ratios)]
    return float(np.quantile(known, (1 - level) / 2)) if len(known) else 0.0
