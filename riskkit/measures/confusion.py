"""Every metric of a confusion matrix, for each group and between groups, as functions of a count table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.counts import CountTable

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats, Floats, Floats], tuple[Floats, Floats]]
"""From true negatives, false positives, false negatives, true positives to a numerator and a denominator."""

METRICS: Mapping[str, Metric] = {
    "selection_rate": lambda tn, fp, fn, tp: (fp + tp, tn + fp + fn + tp),
    "true_positive_rate": lambda tn, fp, fn, tp: (tp, fn + tp),
    "false_positive_rate": lambda tn, fp, fn, tp: (fp, tn + fp),
    "false_negative_rate": lambda tn, fp, fn, tp: (fn, fn + tp),
    "true_negative_rate": lambda tn, fp, fn, tp: (tn, tn + fp),
    "precision": lambda tn, fp, fn, tp: (tp, fp + tp),
    "accuracy": lambda tn, fp, fn, tp: (tn + tp, tn + fp + fn + tp),
    "base_rate": lambda tn, fp, fn, tp: (fn + tp, tn + fp + fn + tp),
}
"""What fairlearn calls selection_rate, true_positive_rate and so on; base_rate is the share whose label is true."""
ODDS = ("true_positive_rate", "false_positive_rate")
"""The metrics whose wider gap is the equalized odds difference."""


def metric_frame(
    counts: CountTable, *, metrics: Mapping[str, Metric] = METRICS, zero: float | None = None
) -> pd.DataFrame:
    """Metrics of every group, and the number of its rows as ``count``, indexed by the columns of the grouping.

    A rate over nothing is NaN; with ``zero=0`` it is 0, as in fairlearn, for comparison with it. ``metrics`` may hold
    your own: functions of the four counts to a numerator and a denominator.
    """
    cells = _cells(counts)
    index: pd.Index[Any] = pd.MultiIndex.from_arrays(
        [[cell[i] for cell in counts.cells] for i in range(len(counts.names))], names=counts.names
    )
    if len(counts.names) == 1:
        index = index.get_level_values(0)
    return pd.DataFrame({"count": counts.n, **_rates(cells, metrics, zero)}, index=index)


def overall(
    counts: CountTable, *, metrics: Mapping[str, Metric] = METRICS, zero: float | None = None
) -> pd.Series[float]:
    """Metrics of all rows together."""
    cells = _cells(counts).sum(axis=0)
    return pd.Series({"count": float(cells.sum()), **_rates(cells, metrics, zero)})


def between_groups(
    counts: CountTable, *, metrics: Mapping[str, Metric] = METRICS, zero: float | None = None
) -> pd.DataFrame:
    """How far groups are apart, a row a metric: columns difference, ratio, lowest, highest.

    The highest minus the lowest, and the lowest over the highest, as ``MetricFrame.difference()`` and ``.ratio()``.
    Groups whose rate is undefined are left out.
    """
    found = _between(_rates(_cells(counts)[None], metrics, zero))
    return pd.DataFrame({what: {name: v[0] for name, v in part.items()} for what, part in found.items()})


def equalized_odds(counts: CountTable, *, zero: float | None = None) -> float:
    """The wider of the differences in true and in false positive rate."""
    return float(between_groups(counts, zero=zero)["difference"][list(ODDS)].max())


def percentile_intervals(
    counts: CountTable,
    *,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    metrics: Mapping[str, Metric] = METRICS,
    zero: float | None = None,
) -> dict[str, pd.DataFrame]:
    """Percentile intervals as ``fairlearn.metrics.MetricFrame(n_boot=...)`` defines them, for comparison with it.

    Resampling rows is a multinomial draw of the cells, so ``replicates`` tables are drawn, whatever the number of
    rows. Keys ``overall`` and ``between_groups`` (one row a metric, equalized_odds among them) and ``by_group`` (one a
    metric and group) hold columns ``low`` and ``high``.

    These intervals do not cover what they seem to: those of small groups are too narrow, and those of a difference or
    ratio between groups lie above 0 (below 1) even where all groups are equal. Reports take the measures instead.
    """
    drawn = resampled(counts, replicates=replicates, rng=np.random.default_rng(seed))
    quantiles = ((1 - level) / 2, (1 + level) / 2)
    by_group = _rates(drawn, metrics, zero)
    total = _rates(drawn.sum(axis=1), metrics, zero)
    found = {
        (name, what): values for what, part in _between(by_group).items() for name, values in part.items()
    }
    if set(ODDS) <= set(metrics):
        found["equalized_odds", "difference"] = np.maximum(*(found[name, "difference"] for name in ODDS))
    names = pd.Index(counts.groups, name=counts.grouping)
    return {
        "overall": _interval(np.stack(list(total.values()), 1), quantiles, pd.Index(total, name="metric")),
        "by_group": pd.concat({m: _interval(v, quantiles, names) for m, v in by_group.items()}, names=["metric"]),
        "between_groups": _interval(
            np.stack(list(found.values()), 1), quantiles, pd.MultiIndex.from_tuples(found, names=["metric", "of"])
        ),
    }  # fmt: skip


def resampled(counts: CountTable, *, replicates: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Count tables of as many rows drawn with replacement: shape (replicates, cells, 4)."""
    flat = _cells(counts).ravel()
    total = int(flat.sum())
    where = np.flatnonzero(flat)
    drawn = np.zeros((replicates, flat.size), dtype=np.int64)
    if total:
        drawn[:, where] = rng.multinomial(total, flat[where] / total, size=replicates)
    return drawn.reshape(replicates, -1, 4)


def quantiles_down(values: Floats, q: tuple[float, ...]) -> Floats:
    """Quantiles of each column, NaN set aside: as ``numpy.nanquantile(values, q, axis=0)``, which loops in Python."""
    ordered = np.sort(np.ascontiguousarray(values.T), axis=1)
    known = len(values) - np.isnan(ordered).sum(axis=1)
    at = np.multiply.outer(q, np.maximum(known - 1, 0))
    below = np.floor(at).astype(np.intp)
    row = np.arange(len(ordered))
    low, high = ordered[row, below], ordered[row, np.minimum(below + 1, np.maximum(known - 1, 0))]
    return np.where(known > 0, low + (high - low) * (at - below), np.nan)


def _cells(counts: CountTable) -> NDArray[np.int64]:
    if counts.counts.ndim != 3:
        raise ValueError("these metrics need a table counted by label: count(table, grouping, by_label=True)")
    return counts.counts.reshape(-1, 4)


def _rates(cells: NDArray[np.int64], metrics: Mapping[str, Metric], zero: float | None) -> dict[str, Floats]:
    """Each metric over the last axis; groups without a row stay NaN whatever ``zero`` says."""
    parts = np.ascontiguousarray(np.moveaxis(cells, -1, 0), dtype=float)
    found = {}
    for name, metric in metrics.items():
        above, below = metric(*parts)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = above / below
        found[name] = rate if zero is None else np.where((below == 0) & (parts.sum(axis=0) > 0), zero, rate)
    return found


def _between(by_group: Mapping[str, Floats]) -> dict[str, dict[str, Floats]]:
    """Difference, ratio, lowest and highest over the groups, which are the second axis."""
    lowest = {name: np.fmin.reduce(rates, axis=1) for name, rates in by_group.items()}
    highest = {name: np.fmax.reduce(rates, axis=1) for name, rates in by_group.items()}
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "difference": {name: highest[name] - lowest[name] for name in by_group},
            "ratio": {name: lowest[name] / highest[name] for name in by_group},
            "lowest": lowest,
            "highest": highest,
        }


def _interval(values: Floats, q: tuple[float, float], index: pd.Index) -> pd.DataFrame:
    low, high = quantiles_down(values, q)
    return pd.DataFrame({"low": low, "high": high}, index=index)
