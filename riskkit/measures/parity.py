"""The difference between a group's selection rate and that of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskkit.measures.cells import cell, joined, large, named, too_few
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import newcombe
from riskkit.model import Measurement

Pair = tuple[int, int, int, int]


def statistical_parity_differences(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95, min_cell: int = 30
) -> tuple[Measurement, ...]:
    """Selection rate of one group minus that of everybody else, a measurement a grouping: the largest gap speaks.

    With a reference group for the column (``table.attrs["reference"]``) each group is held against it instead. Two
    groups give one difference: the lower rate minus the higher. Groups below ``min_cell`` rows are left out on both
    sides. The interval is Newcombe's at a level corrected (Bonferroni) for the number of differences looked at.
    """
    reference = table.attrs.get("reference") or {}
    return tuple(
        _difference(c, level, min_cell, reference.get(c.names[0]) if len(c.names) == 1 else None)
        for c in tables(table, groups)
    )


def _difference(counts: CountTable, level: float, min_cell: int, reference: object) -> Measurement:
    used, left_out = large(counts, min_cell)
    versus = "everybody else" if reference is None else f"the reference group {reference}"
    method = f"selection rate of a group of at least {min_cell} rows minus that of {versus}"
    what: dict[str, Any] = {
        "measure": "statistical_parity_difference",
        "segment": counts.grouping,
        "level": level,
        "n": int(used.n.sum()),
        "unit": "difference",
    }
    why = too_few(used, min_cell)
    if not why and reference is not None and (str(reference),) not in used.cells:
        why = f"{versus} has fewer than {min_cell} rows"
    if why:
        return Measurement(**what, value=None, method=method, undefined=why, note=left_out)
    contrasts = _contrasts(used, reference)
    speaks, pair = max(contrasts, key=lambda contrast: abs(_gap(contrast[1])))
    corrected = 1 - (1 - level) / len(contrasts)
    low, high = newcombe(*pair, level=corrected)
    other = named(used, 1 - speaks) if len(used.cells) == 2 else f"{versus} ({pair[2]} of {pair[3]})"
    picked = f"largest of {len(contrasts)} differences" if len(contrasts) > 1 else ""
    return Measurement(
        **what,
        value=_gap(pair),
        low=low,
        high=high,
        method=joined(method, picked, f"Newcombe interval at level {corrected:.6g}"),
        note=joined(f"{named(used, speaks)} against {other}", picked, left_out),
    )


def _gap(pair: Pair) -> float:
    return pair[0] / pair[1] - pair[2] / pair[3]


def _contrasts(counts: CountTable, reference: object) -> list[tuple[int, Pair]]:
    """Who speaks, and the counts on both sides; two groups without a reference give one contrast."""
    everybody = int(counts.selected.sum()), int(counts.n.sum())
    indices = range(len(counts.cells))
    if reference is not None:
        held = counts.cells.index((str(reference),))
        return [(i, (*cell(counts, i), *cell(counts, held))) for i in indices if i != held]
    if len(counts.cells) == 2:
        indices = range(lowest := int((counts.selected / counts.n).argmin()), lowest + 1)
    return [
        (i, (*cell(counts, i), everybody[0] - cell(counts, i)[0], everybody[1] - cell(counts, i)[1]))
        for i in indices
    ]
