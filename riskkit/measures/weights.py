"""Selection rates of weighted decisions, such as those of a survey that asked some people more often."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures import encoding
from riskkit.measures.counting import groupings
from riskkit.measures.counts import BETWEEN
from riskkit.measures.intervals import newcombe, ratio_of_proportions, wilson


def weighted_rates(
    table: Any, *, weight: str | None = None, groups: Sequence[str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """The weighted selection rate of every group: grouping, group, n, weight, effective_n, rate, low, high.

    The interval is Wilson's at the effective size, the squared sum of weights over the sum of squared weights (L. Kish
    1965, Survey Sampling, 11.7): unequal weights tell less than as many equal ones. A group of weight 0 has no rate.
    ``weight`` is the column that ``table.attrs["weight"]`` names unless given; with neither the result is empty.

    Raises
    ------
    ValueError
        When a weight is missing, negative or infinite.
    """
    column = weight or getattr(table, "attrs", {}).get("weight")
    wanted = groupings(table, groups) if column else []
    rows = [row for grouping in wanted for row in _rows(table, grouping, str(column), level)]
    return pd.DataFrame(
        rows, columns=["grouping", "group", "n", "weight", "effective_n", "rate", "low", "high"]
    )


def weighted_disparities(
    table: Any,
    *,
    weight: str | None = None,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    min_cell: float = 30,
) -> pd.DataFrame:
    """Lowest against highest weighted rate, a row a grouping: difference and ratio, each with its interval.

    Columns: grouping, lowest, highest, difference, low, high, ratio, ratio_low, ratio_high. Groups of an effective size
    below ``min_cell`` are left out; both intervals are closed forms at the effective sizes, corrected (Bonferroni) for
    the pairs the two groups were picked from.
    """
    rates = weighted_rates(table, weight=weight, groups=groups, level=level)
    rows = []
    for grouping, part in rates[rates["effective_n"] >= min_cell].groupby("grouping", sort=False):
        if len(part) < 2:
            continue
        one, two = (part.iloc[at] for at in (int(part["rate"].argmin()), int(part["rate"].argmax())))
        corrected = 1 - (1 - level) / comb(len(part), 2)
        sides = [(float(g["rate"] * g["effective_n"]), float(g["effective_n"])) for g in (one, two)]
        pair = (*sides[0], *sides[1])
        rows.append(
            (
                grouping, one["group"], two["group"], one["rate"] - two["rate"], *newcombe(*pair, level=corrected),
                one["rate"] / two["rate"] if two["rate"] else np.nan, *ratio_of_proportions(*pair, level=corrected),
            )
        )  # fmt: skip
    columns = [
        "grouping", "lowest", "highest", "difference", "low", "high", "ratio", "ratio_low", "ratio_high"
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _rows(table: Any, grouping: Sequence[str], weight: str, level: float) -> list[tuple[Any, ...]]:
    where = encoding.places(table, grouping)
    selected = encoding.flags(table, "selected")
    w = encoding.column(table, weight).to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(w) & (w >= 0)).all():
        raise ValueError(
            f"column {weight!r} holds weights that are missing, negative or infinite; each must be a number from 0 up"
        )
    n, total, squares = (np.bincount(where.keys, weights=v, minlength=1) for v in (None, w, w * w))
    chosen = np.bincount(where.keys, weights=w * selected, minlength=1)
    rows = []
    for i in np.flatnonzero(n):
        group = ", ".join(where.parts(int(i)))
        effective = total[i] ** 2 / squares[i] if squares[i] else 0.0
        rate = chosen[i] / total[i] if total[i] else float("nan")
        k = min(rate, 1.0) * effective if effective else 0.0
        interval = wilson(k, effective, level=level)
        rows.append((BETWEEN.join(grouping), group, int(n[i]), total[i], effective, rate, *interval))
    return rows
