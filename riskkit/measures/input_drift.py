"""How far the inputs of a model moved between two tables, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from riskkit.errors import printable
from riskkit.measures.cells import joined
from riskkit.measures.multiple import holm
from riskkit.model import Measurement

Ints = NDArray[np.int64]
BINS = 10
"""Bins of a column of numbers: tenths of the earlier table, as is usual for the index."""
MOST_LEVELS = 30
"""Values of a column of text told apart; the rarest are counted together."""
SMALLEST = 100
"""Rows below which a table is too small for an index over ten bins."""
COLUMNS = [
    "column",
    "kind",
    "rows_before",
    "rows_after",
    "psi",
    "low",
    "high",
    "by_chance",
    "test",
    "statistic",
    "p",
    "p_holm",
]


class Index(NamedTuple):
    """A stability index with its interval, and what it would be by chance alone."""

    value: float
    low: float
    high: float
    by_chance: float


def population_stability_index(before: Ints, after: Ints, *, level: float = 0.95) -> Index:
    """The sum over bins of ``(a - b) ln(a / b)`` of two counts over the same bins, a and b being shares.

    Without any change it is about ``(1/n + 1/m)`` times a chi-square with one degree of freedom fewer than bins, and
    with one a non-central chi-square: the interval is that of the non-centrality (B. Yurdakul, J. Naranjo 2020, Journal
    of Risk Model Validation 14(4)). Half a row is added to every bin, so that an empty one does not make it infinite.
    """
    n, m = int(before.sum()), int(after.sum())
    kept = (before + after) > 0
    bins = int(kept.sum())
    b, a = ((counts[kept] + 0.5) / (counts.sum() + 0.5 * bins) for counts in (before, after))
    value = float(((a - b) * np.log(a / b)).sum())
    scale, freedom = 1 / n + 1 / m, max(1, bins - 1)
    low, high = _noncentrality(value / scale, freedom, level)
    return Index(value, min(value, low * scale), max(value, high * scale), freedom * scale)


def check(
    before: pd.DataFrame, after: pd.DataFrame, *, columns: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """One row a column of both tables: its index with interval, and a test that nothing moved.

    Numbers take the Kolmogorov-Smirnov test, texts the chi-square test of homogeneity; ``p_holm`` corrects for the
    columns looked at, and so do the intervals (Bonferroni). Missing values are a bin of their own, as are values that
    the earlier table did not have.

    Raises
    ------
    ValueError
        When the tables share no column, or one that is named is not in both.
    """
    names = list(columns) or [c for c in before.columns if c in after.columns]
    if missing := [c for c in names if c not in before.columns or c not in after.columns]:
        raise ValueError(f"{printable(', '.join(missing), 120)}: not a column of both tables")
    if not names:
        raise ValueError("the tables have no column in common")
    alone = 1 - (1 - level) / len(names)
    found = pd.DataFrame(
        [_row(name, before[name], after[name], alone) for name in names], columns=COLUMNS[:-1]
    )
    found["p_holm"] = holm(found["p"])
    return found


def between(
    tables: Sequence[pd.DataFrame], *, columns: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """:func:`check` of an earlier and a later table; no row where no table is given.

    Raises
    ------
    ValueError
        With any other number of tables than two or none.
    """
    if len(tables) not in (0, 2):
        raise ValueError(f"{len(tables)} tables of inputs: name the earlier and the later one, or none")
    return check(*tables, columns=columns, level=level) if tables else pd.DataFrame(columns=COLUMNS)


def input_drift_psi(found: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The population stability index of each column of :func:`check`, a measurement a column.

    ``n`` counts the rows of the smaller table; with fewer than 100 it is undefined.

    Formula: sum over bands of (p - q) x ln(p / q).
    Limits: Depends on the bands; a shift without harm and a harmful one look alike.
    """
    return tuple(_measured(row, len(found), level) for row in found.to_dict(orient="records"))


def _measured(row: dict[Any, Any], columns: int, level: float) -> Measurement:
    n = min(row["rows_before"], row["rows_after"])
    what: dict[str, Any] = {
        "measure": "input_drift_psi", "segment": str(row["column"]), "level": level, "n": n, "unit": "index",
        "method": "population stability index; interval of the non-centrality of a chi-square, corrected for "
        f"{columns} columns",
    }  # fmt: skip
    if n < SMALLEST:
        return Measurement(
            **what, value=None, undefined=f"{n} rows are too few: {SMALLEST} are needed on both sides"
        )
    said = joined(
        f"about {row['by_chance']:.3f} by chance alone",
        f"{row['test']} p = {row['p']:.2g}, Holm {row['p_holm']:.2g}",
    )
    return Measurement(**what, value=row["psi"], low=row["low"], high=row["high"], note=said)


def _row(name: str, before: pd.Series[Any], after: pd.Series[Any], level: float) -> tuple[Any, ...]:
    numeric = pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(after)
    one, two = _numbers(before, after) if numeric else _texts(before, after)
    index = population_stability_index(one, two, level=level)
    test, statistic, p = _kolmogorov(before, after) if numeric else _chi_square(one, two)
    kind = "number" if numeric else "text"
    return (name, kind, len(before), len(after), *index, test, statistic, p)


def _numbers(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[Ints, Ints]:
    known = before.dropna().to_numpy(float)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    return _binned(before, edges), _binned(after, edges)


def _binned(values: pd.Series[Any], edges: NDArray[np.float64]) -> Ints:
    known = values.dropna().to_numpy(float)
    counts = np.bincount(np.searchsorted(edges, known, "left"), minlength=len(edges) + 1)
    return np.append(counts, int(values.isna().sum())).astype(np.int64)


def _texts(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[Ints, Ints]:
    """Counts by value: the commonest of the earlier table, the rest of it, new values, missing ones."""
    one, two = (values.astype("object").where(values.notna(), None) for values in (before, after))
    levels = list(one.value_counts().index)
    top, rest = levels[:MOST_LEVELS], set(levels[MOST_LEVELS:])

    def counted(values: pd.Series[Any]) -> Ints:
        seen = values.value_counts()
        new = int(sum(times for level, times in seen.items() if level not in set(top) and level not in rest))
        others = int(sum(times for level, times in seen.items() if level in rest))
        return np.array([*(int(seen.get(level, 0)) for level in top), others, new, int(values.isna().sum())])

    return counted(one), counted(two)


def _kolmogorov(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[str, float, float]:
    one, two = (values.dropna().to_numpy(float) for values in (before, after))
    if not len(one) or not len(two):
        return "Kolmogorov-Smirnov", float("nan"), 1.0
    found = stats.ks_2samp(one, two)
    return "Kolmogorov-Smirnov", float(found.statistic), float(found.pvalue)


def _chi_square(one: Ints, two: Ints) -> tuple[str, float, float]:
    counts = np.stack([one, two])[:, (one + two) > 0]
    if counts.shape[1] < 2:
        return "chi-square", 0.0, 1.0
    found = stats.chi2_contingency(counts, correction=False)
    return "chi-square", float(found.statistic), float(found.pvalue)


def _noncentrality(seen: float, freedom: int, level: float) -> tuple[float, float]:
    """The non-centralities at which a chi-square of ``seen`` is neither too large nor too small."""
    tail = (1 - level) / 2

    def bound(target: float) -> float:
        def above(lam: float) -> float:
            return (
                float(stats.ncx2.cdf(seen, freedom, lam)) - target
                if lam > 0
                else float(stats.chi2.cdf(seen, freedom)) - target
            )

        if above(0.0) <= 0:
            return 0.0
        top = max(10.0, 4 * seen + 100)
        return float(optimize.brentq(above, 0.0, top)) if above(top) < 0 else top

    return bound(1 - tail), bound(tail)
