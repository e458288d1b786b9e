"""How close generated rows are to real ones, column by column and taken together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from riskkit.measures.auroc import auroc
from riskkit.measures.multiple import benjamini_hochberg
from riskkit.model import Measurement

Floats = NDArray[np.float64]
FEWEST = 50
"""Rows on each side below which nothing is said."""
MOST_KINDS = 30
"""Values of a text column that get a place of their own; rarer ones share one."""
MOST_ROWS = 2000
"""Rows of each side that a classifier is shown."""


def comparable(
    real: pd.DataFrame, generated: pd.DataFrame, *, leave_out: Sequence[str] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with the same columns, ``leave_out`` (ids and the like) aside.

    Raises
    ------
    ValueError
        When a column is in one table alone, is a number in one and text in the other, or none is left.
    """
    ours, theirs = (t.drop(columns=[c for c in leave_out if c in t]) for t in (real, generated))
    if alone := sorted(set(map(str, ours.columns)) ^ set(map(str, theirs.columns))):
        raise ValueError(
            f"in one table alone: {', '.join(alone[:5])} (name columns to leave out in leave_out)"
        )
    theirs = theirs[list(ours.columns)]
    if not len(ours.columns):
        raise ValueError("no column is left to compare")
    if mixed := [str(c) for c in ours if is_number(ours[c]) != is_number(theirs[c])]:
        raise ValueError(f"a number in one table and text in the other: {', '.join(mixed[:5])}")
    return ours, theirs


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers."""
    return bool(pd.api.types.is_numeric_dtype(column)) and not pd.api.types.is_bool_dtype(column)


def column_distances(
    real: pd.DataFrame, generated: pd.DataFrame, *, leave_out: Sequence[str] = ()
) -> pd.DataFrame:
    """One row a column, largest distance first: column, kind, statistic, distance, shift, p, p_adjusted.

    Numbers: the Kolmogorov-Smirnov distance with its exact or asymptotic p, and ``shift``, the Wasserstein distance in
    standard deviations of the real column. Text: total variation, with the p of a chi-square test. ``p_adjusted`` is
    by Benjamini and Hochberg over the columns. Missing cells count as a value of their own in text, and not in
    numbers.
    """
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    rows = [_number(ours[c], theirs[c]) if is_number(ours[c]) else _text(ours[c], theirs[c]) for c in ours]
    found = pd.DataFrame(rows, columns=["kind", "statistic", "distance", "shift", "p"])
    found.insert(0, "column", list(map(str, ours.columns)))
    known = found["p"].notna()
    found.loc[known, "p_adjusted"] = benjamini_hochberg(found.loc[known, "p"])
    return found.sort_values("distance", ascending=False, kind="stable", ignore_index=True)


def two_sample_auc(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    leave_out: Sequence[str] = (),
    level: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """How well a classifier tells generated rows from real ones: 0.5 is not at all, 1 always.

    A random forest grown on one half of the rows judges the other half. A value near 0.5 says that
    this classifier found nothing. ``n`` counts rows of the smaller table. D. Lopez-Paz, M. Oquab (2017), arXiv
    1610.06545.

    Formula: AUROC of a classifier of generated against real, on rows it was not grown on.
    Source: D. Lopez-Paz, M. Oquab (2017), arXiv 1610.06545.
    Limits: A weak classifier finds nothing where there is something.
    """
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    few = min(len(ours), len(theirs))
    method = "random forest on half of the rows, judged on the other half; DeLong interval on the log-odds"
    what = {"measure": "two_sample_auc", "level": level, "n": few, "unit": "AUROC", "method": method}
    if few < FEWEST:
        return Measurement(**what, value=None, undefined=f"{few} rows in one table, {FEWEST} are needed")
    scores, truth = _scores(ours, theirs, np.random.default_rng(seed))
    found = auroc(scores, truth, level=level)
    note = f"{len(ours)} real and {len(theirs)} generated rows, {ours.shape[1]} columns"
    return Measurement(**what, value=found.auroc, low=found.low, high=found.high, note=note)


def encoded(tables: Sequence[pd.DataFrame]) -> list[Floats]:
    """Each table as numbers: number columns in standard deviations of the first table, text as one place a value.

    Two rows that differ in one text value are sqrt(2) apart. Missing numbers stand at the first table's median.
    """
    parts: list[list[Floats]] = [[] for _ in tables]
    for name in tables[0]:
        columns = [t[name] for t in tables]
        cells = _scaled(columns) if is_number(columns[0]) else _places(columns)
        for part, values in zip(parts, cells, strict=True):
            part.append(values)
    return [np.hstack(part) for part in parts]


def _scores(
    ours: pd.DataFrame, theirs: pd.DataFrame, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.bool_]]:
    """Scores of the half that was held out, and which of it is generated; folds would look below chance."""
    from sklearn.ensemble import RandomForestClassifier

    size = min(len(ours), len(theirs), MOST_ROWS)
    kept = [t.iloc[rng.permutation(len(t))[:size]] for t in (ours, theirs)]
    rows, truth = np.vstack(encoded(kept)), np.repeat([False, True], size)
    trained = np.tile(np.arange(size) % 2 == 0, 2)
    trees = RandomForestClassifier(
        n_estimators=100, min_samples_leaf=10, random_state=int(rng.integers(2**31))
    )
    trees.fit(rows[trained], truth[trained])
    scores: Floats = trees.predict_proba(rows[~trained])[:, 1]
    return scores, truth[~trained]


def _number(ours: pd.Series, theirs: pd.Series) -> tuple[str, str, float, float, float]:
    a, b = (c.dropna().to_numpy(dtype=float) for c in (ours, theirs))
    if min(len(a), len(b)) < 2:
        return ("number", "Kolmogorov-Smirnov", np.nan, np.nan, np.nan)
    test, spread = stats.ks_2samp(a, b), a.std()
    shift = stats.wasserstein_distance(a, b) / spread if spread > 0 else np.nan
    return ("number", "Kolmogorov-Smirnov", float(test.statistic), float(shift), float(test.pvalue))


def _text(ours: pd.Series, theirs: pd.Series) -> tuple[str, str, float, float, float]:
    a, b = (c.astype("str").fillna("missing").value_counts() for c in (ours, theirs))
    table = pd.DataFrame({"a": a, "b": b}).fillna(0).to_numpy()
    distance = float(np.abs(table[:, 0] / table[:, 0].sum() - table[:, 1] / table[:, 1].sum()).sum() / 2)
    rare = table.sum(axis=1) < 10
    if rare.any():
        table = np.vstack([table[~rare], table[rare].sum(axis=0)])
    p = float(stats.chi2_contingency(table.T, correction=False).pvalue) if len(table) > 1 else 1.0
    return ("text", "total variation", distance, np.nan, p)


def _scaled(columns: Sequence[pd.Series]) -> list[Floats]:
    first = columns[0].dropna().to_numpy(dtype=float)
    centre = float(np.median(first)) if len(first) else 0.0
    spread = float(first.std()) if len(first) and first.std() > 0 else 1.0
    return [((c.fillna(centre).to_numpy(dtype=float) - centre) / spread)[:, None] for c in columns]


def _places(columns: Sequence[pd.Series]) -> list[Floats]:
    together = [c.astype("str").fillna("missing") for c in columns]
    common = list(pd.concat(together).value_counts().head(MOST_KINDS).index)
    codes = [pd.Categorical(c, categories=common).codes for c in together]
    return [np.eye(len(common) + 1)[code.astype(int)] for code in codes]
