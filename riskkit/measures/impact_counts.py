"""The counts that impact ratios under New York City's Local Law 144 are made of (6 RCNY 5-301)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from riskkit.measures import encoding
from riskkit.measures.counting import MISSING, count


def selection_counts(table: Any, grouping: Sequence[str]) -> tuple[dict[str, tuple[int, int]], int]:
    """Category to (people, selected), and how many people's category is not known.

    Of an intersection a category is unknown where any part is. ``law.ll144.selection_ratios`` takes both.
    """
    counts = count(table, grouping)
    known = {
        group: (int(n), int(k))
        for group, cell, n, k in zip(counts.groups, counts.cells, counts.n, counts.selected, strict=True)
        if MISSING not in cell
    }
    return known, int(counts.n.sum()) - sum(people for people, _ in known.values())


def category_scores(table: Any, grouping: Sequence[str]) -> tuple[dict[str, list[float]], int]:
    """Category to scores, and how many people's category is not known; ``law.ll144.scoring_ratios`` takes both.

    Raises
    ------
    ValueError
        When a score is missing: the rule has no place for somebody without one.
    """
    where = encoding.places(table, grouping)
    scores = encoding.column(table, "score").to_numpy(dtype=float, na_value=np.nan)
    if missing := int((~np.isfinite(scores)).sum()):
        raise ValueError(f"column 'score' is empty or infinite in {missing} of {len(scores)} rows")
    found: dict[str, list[float]] = {}
    unknown = 0
    for place in np.unique(where.keys):
        parts = where.parts(int(place))
        mine = scores[where.keys == place].tolist()
        if MISSING in parts:
            unknown += len(mine)
        else:
            found.setdefault(", ".join(parts), []).extend(mine)
    return found, unknown
