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
    index: pd.Index[Any] = pd.MultiIndex.from_arrays(
        [[cell[i] for cell in counts.cells] for i in range(len(counts.names))], names=counts.names
    )
    if len(counts.names) == 1:
        index = index.get_level_values(0)
    return pd.DataFrame({"count": counts.n, **_rates(_parts(counts), metrics, zero)}, index=index)


def overall(
    counts: CountTable, *, metrics: Mapping[str, Metric] = METRICS, zero: float | None = None
) -> pd.Series[float]:
    """Metrics of all rows together."""
    parts = _parts(counts).sum(axis=1)
    return pd.Series({"count": float(parts.sum()), **_rates(parts, metrics, zero)})


def between_groups(
    counts: CountTable, *, metrics: Mapping[str, Metric] = METRICS, zero: float | None = None
) -> pd.DataFrame:
    """How far groups are apart, a row a metric: columns difference, ratio, lowest, highest.

    The highest minus the lowest, and the lowest over the highest, as ``MetricFrame.difference()`` and ``.ratio()``.
    Groups whose rate is undefined are left out.
    """
    return pd.DataFrame(_between(_rates(_parts(counts), metrics, zero)))


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
    size = len(counts.cells)
    names = pd.MultiIndex(
        levels=[list(metrics), counts.groups],
        codes=[list(np.repeat(np.arange(len(metrics)), size)), list(range(size)) * len(metrics)],
        names=["metric", "group"],
    )
    pairs = pd.MultiIndex.from_tuples(list(found), names=["metric", "of"])
    return {
        "overall": _interval(np.stack(list(total.values())), quantiles, pd.Index(list(total), name="metric")),
        "by_group": _interval(np.concatenate(list(by_group.values())), quantiles, names),
        "between_groups": _interval(np.stack(list(found.values())), quantiles, pairs),
    }


def resampled(counts: CountTable, *, replicates: int, rng: np.random.Generator) -> Floats:
    """Count tables of as many rows drawn with replacement: shape (4, cells, replicates).

    The first axis: true negatives, false positives, false negatives, true positives.
    """
    flat = _cells(counts).ravel()
    total = int(flat.sum())
    where = np.flatnonzero(flat)
    drawn = np.zeros((flat.size, replicates))
    if total:
        drawn[where] = rng.multinomial(total, flat[where] / total, size=replicates).T
    return np.ascontiguousarray(drawn.reshape(-1, 4, replicates).swapaxes(0, 1))


def quantiles_across(values: Floats, q: tuple[float, ...]) -> Floats:
    """Quantiles of each row, NaN set aside: as ``numpy.nanquantile(values, q, axis=1)``, which loops in Python."""
    ordered = np.sort(values, axis=1)
    known = values.shape[1] - np.isnan(ordered).sum(axis=1)
    at = np.multiply.outer(q, np.maximum(known - 1, 0))
    below = np.floor(at).astype(np.intp)
    row = np.arange(len(ordered))
    low, high = ordered[row, below], ordered[row, np.minimum(below + 1, np.maximum(known - 1, 0))]
    return np.where(known > 0, low + (high - low) * (at - below), np.nan)


def _cells(counts: CountTable) -> NDArray[np.int64]:
    if counts.counts.ndim != 3:
        raise ValueError("these metrics need a table counted by label: count(table, grouping, by_label=True)")
    return counts.counts.reshape(-1, 4)


def _parts(counts: CountTable) -> Floats:
    """The four counts of each group: shape (4, groups)."""
    return np.ascontiguousarray(_cells(counts).T, dtype=float)


def _rates(parts: Floats, metrics: Mapping[str, Metric], zero: float | None) -> dict[str, Floats]:
    """Each metric of the four counts, which are the first axis; where all are 0 it is NaN whatever ``zero`` says."""
    found = {}
    for name, metric in metrics.items():
        above, below = metric(*parts)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = above / below
        found[name] = rate if zero is None else np.where((below == 0) & (parts.sum(axis=0) > 0), zero, rate)
    return found


def _between(by_group: Mapping[str, Floats]) -> dict[str, dict[str, Floats]]:
    """Difference, ratio, lowest and highest over the groups, which are the first axis."""
    lowest = {name: np.fmin.reduce(rates, axis=0) for name, rates in by_group.items()}
    highest = {name: np.fmax.reduce(rates, axis=0) for name, rates in by_group.items()}
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "difference": {name: highest[name] - lowest[name] for name in by_group},
            "ratio": {name: lowest[name] / highest[name] for name in by_group},
            "lowest": lowest,
            "highest": highest,
        }


def _interval(values: Floats, q: tuple[float, float], index: pd.Index[Any]) -> pd.DataFrame:
    return pd.DataFrame(quantiles_across(values, q).T, index=index, columns=["low", "high"])
