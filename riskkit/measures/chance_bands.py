"""Every disparity of a table of decisions beside what chance alone does at its group sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from riskkit.measures.by_chance import Chance, difference_by_chance, odds_by_chance, ratio_by_chance
from riskkit.measures.cells import large, too_few
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.multiple import benjamini_hochberg, holm


def chance_bands(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    min_cell: int = 30,
) -> pd.DataFrame:
    """Each disparity beside what chance alone does at these group sizes, a row a measure and grouping.

    Columns: measure, segment, value, low, high (the band chance keeps to as often as ``level``), p, p_holm, q_bh.
    The smallest p there can be is 1 / (replicates + 1). The adjusted values are over the rows of one measure: Holm
    bounds the chance of any false alarm, Benjamini-Hochberg the share of false alarms among those raised.
    """
    reference = table.attrs.get("reference") or {}
    takes: dict[str, Callable[[CountTable, np.random.Generator], Chance | None]] = {
        "selection_rate_ratio": lambda used, rng: (
            ratio_by_chance(used, level=level, rng=rng, replicates=replicates)
            if used.selected.any()
            else None
        ),
        "statistical_parity_difference": lambda used, rng: (
            None
            if (group := _reference(used, reference)) is not None and (str(group),) not in used.cells
            else difference_by_chance(used, reference=group, level=level, rng=rng, replicates=replicates)
        ),
    }
    counted = tables(table, groups)
    rows = [
        (measure, counts.grouping, found)
        for measure, take in takes.items()
        for counts in counted
        if not too_few(used := large(counts, min_cell)[0], min_cell)
        and (found := take(used, np.random.default_rng(seed))) is not None
    ]
    for counts in tables(table, groups, by_label=True) if "label" in table else ():
        rng = np.random.default_rng(seed)
        odds = odds_by_chance(counts, min_cell=min_cell, level=level, rng=rng, replicates=replicates)
        rows += [("equalized_odds_difference", counts.grouping, odds)] if odds else []
    return _adjusted(rows)


def _reference(used: CountTable, reference: dict[str, object]) -> object:
    return reference.get(used.names[0]) if len(used.names) == 1 else None


def _adjusted(rows: Sequence[tuple[str, str, Chance]]) -> pd.DataFrame:
    found = pd.DataFrame(
        [(measure, segment, *chance[:4]) for measure, segment, chance in rows],
        columns=["measure", "segment", "value", "low", "high", "p"],
    )
    by_measure = found.groupby("measure", sort=False)["p"]
    return found.assign(p_holm=by_measure.transform(holm), q_bh=by_measure.transform(benjamini_hochberg))
