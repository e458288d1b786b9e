"""The difference between a group's selection rate and that of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from riskkit.measures.by_chance import difference_by_chance, said
from riskkit.measures.cells import Pair, contrasts, joined, large, named, too_few
from riskkit.measures.counting import tables
from riskkit.measures.counts import CountTable
from riskkit.measures.intervals import newcombe
from riskkit.measures.picked import picked_reach
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
    sides. The interval is Newcombe's; of a difference picked from several, at the levels that
    :func:`riskkit.measures.picked.picked_reach` finds. How large a difference chance alone makes is found by
    ``replicates`` dealings of the same decisions, from ``seed``.

    Measures: statistical_parity_difference
    Formula: selected / n of a group minus selected / n of all others.
    Source: R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10, for the interval.
    Limits: Equal rates are not equal treatment: who should have been selected is not asked.
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
    picked = max(range(len(pairs)), key=lambda i: abs(_gap(pairs[i][1])))
    speaks, pair = pairs[picked]
    low, high = _interval(used, pairs, picked, reference, level)
    other = named(used, 1 - speaks) if len(used.cells) == 2 else f"{versus} ({pair[2]} of {pair[3]})"
    chance = difference_by_chance(
        used,
        reference=reference,
        level=level,
        rng=np.random.default_rng(dealing[0]),
        replicates=dealing[1],
    )
    largest = f"largest of {len(pairs)} differences" if len(pairs) > 1 else ""
    return Measurement(
        **what,
        value=_gap(pair),
        low=low,
        high=high,
        method=joined(method, largest, "Newcombe interval" + (", corrected for the pick" if largest else "")),
        note=joined(f"{named(used, speaks)} against {other}", largest, said(chance), left_out),
    )


def _interval(
    used: CountTable, pairs: Sequence[tuple[int, Pair]], picked: int, reference: object, level: float
) -> tuple[float, float]:
    """Newcombe's interval of the picked difference, each end at the level that the pick asks for."""
    pair = pairs[picked][1]
    if len(pairs) == 1:
        return newcombe(*pair, level=level)
    gaps = np.array([_gap(p) for _, p in pairs])
    below, above = picked_reach(gaps, _covariance(used, pairs, reference), picked, level=level)
    low, high = (
        newcombe(*pair, level=2 * ndtr(z) - 1) if z > 0 else (_gap(pair),) * 2 for z in (below, above)
    )
    return low[0], high[1]


def _covariance(
    used: CountTable, pairs: Sequence[tuple[int, Pair]], reference: object
) -> NDArray[np.float64]:
    """How the differences vary together, since one group's rows count in all of them."""
    rates = (used.selected + 0.5) / (used.n + 1)
    speak = np.array([i for i, _ in pairs])
    if reference is None:
        weights = np.tile(-used.n.astype(float), (len(pairs), 1)) / (used.n.sum() - used.n[speak])[:, None]
    else:
        weights = -np.tile([cell == (str(reference),) for cell in used.cells], (len(pairs), 1)).astype(float)
    weights[np.arange(len(pairs)), speak] = 1
    return np.asarray(weights * (rates * (1 - rates) / used.n) @ weights.T)


def _gap(pair: Pair) -> float:
    return pair[0] / pair[1] - pair[2] / pair[3]
