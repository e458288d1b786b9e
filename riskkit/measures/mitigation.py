"""What known mitigations would do to a disparity, and what they would cost, on data they were not fitted to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.counting import groupings
from riskkit.measures.error_rates import equalized_odds_differences
from riskkit.measures.intervals import wilson
from riskkit.measures.rate_ratio import selection_rate_ratios

Flags = NDArray[np.bool_]
TOLERANCES = (0.0, 0.05, 0.1)
"""How far apart selection rates may be left by ThresholdOptimizer."""
BOUNDS = (0.05,)
"""How far apart selection rates may be left by ExponentiatedGradient."""
MOST = 10_000
"""Rows looked at; of more, that many are drawn, since the reductions read the rows again in every step."""
STEPS = 5
"""Models of the score that ExponentiatedGradient draws among, at most; more change little here."""
LEAST = 200
"""Rows below which halves tell nothing."""
COLUMNS = [
    "way", "setting", "sees_the_group", "n", "selected", "ratio", "ratio_low", "ratio_high", "accuracy", "accuracy_low",
    "accuracy_high", "odds_difference", "odds_low", "odds_high",
]  # fmt: skip


def mitigation_preview(
    table: pd.DataFrame, *, grouping: str, level: float = 0.95, seed: int = 0, min_cell: int = 30
) -> pd.DataFrame:
    """Ways to decide from the score, a row each: ratio of selection rates, accuracy and odds gap, all with intervals.

    The decisions as they were; one cut-off for all that selects as many; ``fairlearn``'s ThresholdOptimizer (a cut-off
    a group, drawn by lot between two) and ExponentiatedGradient (a lot among models of the score that never see the
    group). They are fitted to one half of the rows and measured on the other. Accuracy is agreement with the label.

    Empty where score or label is missing. A preview, not a remedy: the label may itself carry the disparity, a cut-off
    a group treats people differently by group, which many laws forbid, and lots give two equal people two decisions.
    M. Hardt, E. Price, N. Srebro (2016), arXiv 1610.02413; A. Agarwal et al. (2018), arXiv 1803.02453.
    """
    if not {"score", "label"} <= set(table):
        return pd.DataFrame(columns=COLUMNS)
    (columns,) = groupings(table, [grouping])
    rows = _halves(table, columns, seed, min_cell)
    if rows is None:
        return pd.DataFrame(columns=COLUMNS)
    fitted, held = rows
    found = [
        (way, setting, sees, *_measured(held, selected, grouping, level=level, seed=seed, min_cell=min_cell))
        for way, setting, sees, selected in _ways(fitted, held, seed)
    ]
    return pd.DataFrame(found, columns=COLUMNS)


def _halves(
    table: pd.DataFrame, columns: tuple[str, ...], seed: int, min_cell: int
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Two random halves of the rows with score and label, in groups that both halves can hold."""
    known = table[table["score"].notna() & table["label"].notna()]
    group = known[list(columns)].astype(str).agg(", ".join, axis=1)
    rows = known.assign(label=known["label"].astype(bool), group=group)
    rng = np.random.default_rng(seed)
    drawn = rows.iloc[rng.permutation(len(rows))[:MOST]]
    half = len(drawn) // 2
    halves = drawn.iloc[:half], drawn.iloc[half:]
    fit = [
        g
        for g in drawn["group"].unique()
        if all(_fits(part[part["group"] == g], min_cell) for part in halves)
    ]
    fitted, held = (part[part["group"].isin(fit)] for part in halves)
    return (fitted, held) if len(fitted) + len(held) >= LEAST and len(fit) > 1 else None


def _fits(part: pd.DataFrame, min_cell: int) -> bool:
    return len(part) >= min_cell and part["label"].nunique() == 2


def _ways(
    fitted: pd.DataFrame, held: pd.DataFrame, seed: int
) -> Iterator[tuple[str, str, str, NDArray[Any]]]:
    """Way, setting, whether it sees the group, and whom it would select of the half held out."""
    yield "as decided", "", "not known", held["selected"].to_numpy(dtype=bool)
    cut = float(np.quantile(fitted["score"], 1 - fitted["selected"].mean()))
    yield "one cut-off", f"{cut:.3g}", "no", (held["score"] >= cut).to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for constraint in ("demographic_parity", "equalized_odds"):
            for tolerance in TOLERANCES if constraint == "demographic_parity" else TOLERANCES[:1]:
                setting = f"{constraint.replace('_', ' ')}, gap up to {tolerance:g}"
                yield (
                    "ThresholdOptimizer",
                    setting,
                    "yes",
                    _by_group(fitted, held, constraint, tolerance, seed),
                )
        for bound in BOUNDS:
            yield "ExponentiatedGradient", f"gap up to {bound:g}", "no", _by_lot(fitted, held, bound, seed)


def _by_group(
    fitted: pd.DataFrame, held: pd.DataFrame, constraint: str, tolerance: float, seed: int
) -> Flags:
    from fairlearn.postprocessing import ThresholdOptimizer
    from sklearn.linear_model import LogisticRegression

    # logistic regression of the label on the score keeps its order; its own cut-off is not used
    optimizer = ThresholdOptimizer(
        estimator=LogisticRegression(), constraints=constraint, predict_method="predict_proba", grid_size=200,
        tol=tolerance or None,
    )  # fmt: skip
    optimizer.fit(fitted[["score"]], fitted["label"], sensitive_features=fitted["group"])
    chosen = optimizer.predict(held[["score"]], sensitive_features=held["group"], random_state=seed)
    return np.asarray(chosen, dtype=bool)


def _by_lot(fitted: pd.DataFrame, held: pd.DataFrame, bound: float, seed: int) -> Flags:
    from fairlearn.reductions import DemographicParity, ExponentiatedGradient
    from sklearn.linear_model import LogisticRegression

    reduction = ExponentiatedGradient(
        LogisticRegression(), constraints=DemographicParity(difference_bound=bound), max_iter=STEPS
    )
    reduction.fit(fitted[["score"]], fitted["label"], sensitive_features=fitted["group"])
    return np.asarray(reduction.predict(held[["score"]], random_state=seed), dtype=bool)


def _measured(
    held: pd.DataFrame, selected: NDArray[Any], grouping: str, *, level: float, seed: int, min_cell: int
) -> tuple[Any, ...]:
    table = held.assign(selected=selected)
    which: dict[str, Any] = {"groups": [grouping], "level": level, "seed": seed, "min_cell": min_cell}
    (ratio,) = selection_rate_ratios(table, **which)
    (odds,) = equalized_odds_differences(table, **which)
    right = int((table["selected"] == table["label"]).sum())
    accuracy = (right / len(table), *wilson(right, len(table), level=level))
    counted = (len(table), int(table["selected"].sum()))
    return (*counted, ratio.value, ratio.low, ratio.high, *accuracy, odds.value, odds.low, odds.high)


def strongest_grouping(ranked: pd.DataFrame) -> str:
    """The grouping of the first row of ``fairness.ranked_groups``: where the evidence is strongest; empty if none."""
    return str(ranked["grouping"].iloc[0]) if len(ranked) else ""
