"""Decisions with more than two outcomes, each class against the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from riskkit.measures import encoding
from riskkit.measures.counting import MISSING, tally
from riskkit.measures.counts import CountTable, summed


def one_versus_rest(
    table: Any, grouping: Sequence[str], *, decision: str, label: str
) -> dict[str, CountTable]:
    """A count table a class, in which the class is the favourable outcome and everything else is not.

    ``decision`` and ``label`` are columns of classes; classes are those that occur in either. All tables come from one
    pass over the rows and go into every function for count tables (``confusion.metric_frame``, for one). Rows without
    a label are left out.

    Raises
    ------
    ValueError
        When a decision is missing.
    """
    columns = [encoding.groups(encoding.column(table, name)) for name in (*grouping, label, decision)]
    shape = tuple(len(c.levels) for c in columns)
    keys, counts = tally(columns, shape, None)
    *places, labels, decisions = (
        np.array([c.levels[i] for i in at], dtype=object)
        for c, at in zip(columns, np.unravel_index(keys, shape), strict=True)
    )
    if (decisions == MISSING).any():
        missing = int(counts[decisions == MISSING].sum())
        raise ValueError(f"column {decision!r} is empty in {missing} rows; every decision must be known")
    known = labels != MISSING
    classes = sorted({*labels[known], *decisions})
    cells = list(zip(*(place[known] for place in places), strict=True))
    tables = {}
    for name in classes:
        filled = np.zeros((len(cells), 2, 2), dtype=np.int64)
        at = (np.arange(len(cells)), (labels == name)[known] * 1, (decisions == name)[known] * 1)
        filled[at] = counts[known]
        tables[name] = summed(tuple(grouping), cells, filled)
    return tables
