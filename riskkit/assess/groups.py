"""How many groups of a table are too small to be shown."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def small_groups(table: pd.DataFrame, size: int) -> int:
    """Groups of fewer than ``size`` rows, by each grouping of ``table`` and by each two of them together."""
    names, often = list(table.attrs.get("groups", ())), table.attrs.get("rows")
    counted = 0
    for how_many in (1, 2):
        for columns in combinations(names, how_many):
            grouped = table.groupby(list(columns), observed=True, dropna=False)
            rows = grouped[often].sum() if often else grouped.size()
            counted += int((rows < size).sum())
    return counted
