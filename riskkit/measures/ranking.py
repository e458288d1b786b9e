"""Groups ranked by how strong the evidence is that they fare differently from everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.cells import large
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import newcombe
from riskkit.measures.multiple import benjamini_hochberg, holm

Floats = NDArray[np.float64]
COLUMNS = [
    "grouping", "group", "n", "selected", "rate", "others", "difference", "low", "high", "p", "p_holm", "q_bh"
]  # fmt: skip


def ranked_groups(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95, min_cell: int = 30
) -> pd.DataFrame:
    """Every group and intersection against everybody else, strongest evidence first, not widest gap first.

    A gap of a few people is wide by chance; one of many people is not. Columns: grouping, group, n, selected, rate,
    others (their rate), difference with interval (Newcombe, at ``level`` for each alone), p (exact, two-sided), and p
    adjusted for all groups in the table (Holm, Benjamini-Hochberg). Groups below ``min_cell`` rows are not compared.
    """
    rows = [row for counts in tables(table, groups) for row in _rows(large(counts, min_cell)[0], level)]
    found = pd.DataFrame(rows, columns=[*COLUMNS[:10], "z"])
    found["p_holm"], found["q_bh"] = holm(found["p"]), benjamini_hochberg(found["p"])
    ordered = found.sort_values(["p", "z"], ascending=[True, False], kind="stable", ignore_index=True)
    return ordered[COLUMNS]


def _rows(counts: CountTable, level: float) -> list[tuple[Any, ...]]:
    k, n = counts.selected, counts.n
    total, favourable = int(n.sum()), int(k.sum())
    rows = []
    for i in np.flatnonzero(n < total):
        others = favourable - int(k[i]), total - int(n[i])
        rate, rest = k[i] / n[i], others[0] / others[1]
        interval = newcombe(int(k[i]), int(n[i]), *others, level=level)
        p, z = _evidence(int(k[i]), int(n[i]), favourable, total)
        rows.append(
            (
                counts.grouping,
                counts.groups[i],
                int(n[i]),
                int(k[i]),
                rate,
                rest,
                rate - rest,
                *interval,
                p,
                z,
            )
        )
    return rows


def _evidence(k: int, n: int, favourable: int, total: int) -> tuple[float, float]:
    """The exact two-sided p-value of ``k`` of ``n`` (twice the smaller tail), and how many deviations off it is."""
    from scipy import stats  # a second and 70 MB, which who only counts is spared

    of = stats.hypergeom(total, favourable, n)
    p = min(1.0, 2 * min(float(of.cdf(k)), float(of.sf(k - 1))))
    spread = float(of.std())
    return p, abs(k - float(of.mean())) / spread if spread else 0.0
