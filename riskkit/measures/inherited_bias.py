"""Whether generated rows keep the groups of the real ones, and widen what lay between them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd

from riskkit.measures.intervals import newcombe, ratio_of_proportions
from riskkit.model import Measurement

FEWEST = 30
"""Rows of a group in each table below which it is not compared."""


def gaps(
    real: pd.DataFrame, generated: pd.DataFrame, *, group: str, outcome: str, favourable: str
) -> pd.DataFrame:
    """One row a group: group, n_real, n_generated, gap_real, gap_generated, change, low, high; largest change first.

    A gap is the group's rate of ``favourable`` minus that of everybody else. The interval of the change joins those of
    both gaps (R. G. Newcombe 1998; G. Y. Zou, A. Donner 2008, Statistics in Medicine 27, 1693-1702), each at a level
    that holds for all groups together.

    Raises
    ------
    ValueError
        When a column is missing, nothing or everything is favourable, or no two groups can be compared.
    """
    ours, theirs = (_table(t, group, outcome, favourable) for t in (real, generated))
    names = [
        g for g in ours["group"].unique() if min((t["group"] == g).sum() for t in (ours, theirs)) >= FEWEST
    ]
    if len(names) < 2:
        raise ValueError(f"{group}: fewer than two groups have {FEWEST} rows in both tables")
    level = 1 - 0.05 / len(names)
    rows = [(g, *_change(ours, theirs, g, level)) for g in sorted(names)]
    columns = ["group", "n_real", "n_generated", "gap_real", "gap_generated", "change", "low", "high"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values("change", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def bias_amplification(
    real: pd.DataFrame, generated: pd.DataFrame, *, group: str, outcome: str, favourable: str
) -> Measurement:
    """By how much the widest gap of a group grew in the generated rows: above 0 is amplified, below is narrowed.

    The group whose gap changed most speaks; its interval holds for all groups together at 95 %. ``n`` counts its rows
    in the smaller table.
    """
    method = "change of a group's gap to everybody else; Newcombe intervals joined, Bonferroni over groups"
    what = {"measure": "bias_amplification", "segment": group, "unit": "difference", "method": method}
    try:
        found = gaps(real, generated, group=group, outcome=outcome, favourable=favourable)
    except ValueError as error:
        return Measurement(**what, value=None, n=0, undefined=str(error))
    worst = found.iloc[0]
    sign = -1.0 if worst["gap_real"] < 0 or (worst["gap_real"] == 0 and worst["change"] < 0) else 1.0
    low, high = sorted((sign * worst["low"], sign * worst["high"]))
    gaps_told = f"gap {worst['gap_real']:+.3f} in real rows, {worst['gap_generated']:+.3f} in generated ones"
    note = f"{worst['group']}: {gaps_told}"
    n = int(min(worst["n_real"], worst["n_generated"]))
    return Measurement(
        **what, value=float(sign * worst["change"]), low=float(low), high=float(high), n=n, note=note
    )


def group_representation_ratio(
    real: pd.DataFrame, generated: pd.DataFrame, *, group: str, level: float = 0.95
) -> Measurement:
    """The smallest ratio of a group's share in generated rows to that in real ones; 1 is kept, 0 is gone.

    Groups of fewer than 30 real rows are left out. The interval holds for all groups together. ``n`` counts generated
    rows.
    """
    what = {"measure": "group_representation_ratio", "segment": group, "level": level, "n": len(generated)}
    method = "smallest ratio of shares; Donner-Zou interval, Bonferroni over groups"
    missing = [t for t in (real, generated) if group not in t]
    counts = None if missing else real[group].astype("str").value_counts()
    kept = None if counts is None else {str(g): int(k) for g, k in counts.items() if k >= FEWEST}
    if kept is None or len(kept) < 2 or not len(generated):
        why = f"there is no column {group!r}" if missing else f"fewer than two groups have {FEWEST} real rows"
        return Measurement(**what, unit="ratio", method=method, value=None, undefined=why)
    theirs = generated[group].astype("str").value_counts().to_dict()
    n, m = len(generated), len(real)
    shares = {g: (int(theirs.get(g, 0)) / n) / (k / m) for g, k in kept.items()}
    worst = min(shares, key=lambda g: shares[g])
    each = 1 - (1 - level) / len(kept)
    low, high = ratio_of_proportions(int(theirs.get(worst, 0)), n, kept[worst], m, level=each)
    note = f"{worst}: {shares[worst]:.3f}; {len(kept)} groups"
    return Measurement(
        **what, unit="ratio", method=method, value=shares[worst], low=low, high=high, note=note
    )


def _table(table: pd.DataFrame, group: str, outcome: str, favourable: str) -> pd.DataFrame:
    for name in (group, outcome):
        if name not in table:
            raise ValueError(f"there is no column {name!r} (one of {', '.join(map(str, table.columns))})")
    chosen = table[outcome].astype("str").str.strip() == favourable
    if not 0 < chosen.sum() < len(chosen):
        raise ValueError(f"{outcome}: {'nothing' if not chosen.any() else 'everything'} is {favourable!r}")
    return pd.DataFrame({"group": table[group].astype("str"), "chosen": chosen})


def _change(
    ours: pd.DataFrame, theirs: pd.DataFrame, group: str, level: float
) -> tuple[int, int, float, float, float, float, float]:
    found = []
    for table in (ours, theirs):
        inside = table["group"] == group
        k1, n1 = int(table.loc[inside, "chosen"].sum()), int(inside.sum())
        k2, n2 = int(table.loc[~inside, "chosen"].sum()), int((~inside).sum())
        found.append((n1, k1 / n1 - k2 / n2, *newcombe(k1, n1, k2, n2, level=level)))
    (n_real, gap_real, low_real, high_real), (n_new, gap_new, low_new, high_new) = found
    change = gap_new - gap_real
    low = change - sqrt((gap_new - low_new) ** 2 + (high_real - gap_real) ** 2)
    high = change + sqrt((high_new - gap_new) ** 2 + (gap_real - low_real) ** 2)
    return n_real, n_new, gap_real, gap_new, change, low, high
