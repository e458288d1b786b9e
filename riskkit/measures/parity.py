"""The difference between a group's selection rate and that of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.by_chance import difference_by_chance, said
from riskkit.measures.cells import Pair, contrasts, joined, large, named, too_few
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import newcombe
from riskkit.model import Measurement


def statistical_parity_differences(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    min_cell: int = 30,
) -> tuple[Measurement, ...]:
    """Selection rate of one group minus that of everybody else, a measurement a grouping: the largest gap speaks.

    With a reference group for the column (``table.attrs["reference"]``) each group is held against it instead. Two
    groups give one difference: the lower rate minus the higher. Groups below ``min_cell`` rows are left out on both
    sides. The interval is Newcombe's at a level corrected (Bonferroni) for the number of differences looked at. How
    large a difference chance alone makes is found by ``replicates`` dealings of the same decisions, from ``seed``.
    """
    reference = table.attrs.get("reference") or {}
    return tuple(
        _difference(
            c, level, min_cell, reference.get(c.names[0]) if len(c.names) == 1 else None, (seed, replicates)
        )
        for c in tables(table, groups)
    )


def _difference(
    counts: CountTable, level: float, min_cell: int, reference: object, dealing: tuple[int, int]
) -> Measurement:
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
    pairs = contrasts(used, reference)
    speaks, pair = max(pairs, key=lambda contrast: abs(_gap(contrast[1])))
    corrected = 1 - (1 - level) / len(pairs)
    low, high = newcombe(*pair, level=corrected)
    other = named(used, 1 - speaks) if len(used.cells) == 2 else f"{versus} ({pair[2]} of {pair[3]})"
    chance = difference_by_chance(
        used,
        reference=reference,
        level=level,
        rng=np.random.default_rng(dealing[0]),
        replicates=dealing[1],
    )
    picked = f"largest of {len(pairs)} differences" if len(pairs) > 1 else ""
    return Measurement(
        **what,
        value=_gap(pair),
        low=low,
        high=high,
        method=joined(method, picked, f"Newcombe interval at level {corrected:.6g}"),
        note=joined(f"{named(used, speaks)} against {other}", picked, said(chance), left_out),
    )


def _gap(pair: Pair) -> float:
    return pair[0] / pair[1] - pair[2] / pair[3]
