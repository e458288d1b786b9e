"""How far apart groups of people are in receiving the favourable outcome.

The table has one row a decision: ``selected`` (bool), the group columns named in ``table.attrs["groups"]``, where known
``label`` (bool) and ``score``; ``table.attrs["reference"]`` may name a reference group for a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.counts import CountTable, count, groupings, tables
from riskkit.measures.four_fifths import four_fifths, null_failure_probability
from riskkit.measures.intervals import newcombe, ratio_of_proportions, wilson
from riskkit.model import Measurement

__all__ = [
    "CountTable", "count", "four_fifths", "groupings", "null_failure_probability", "rates_by_group",
    "selection_rate_ratios", "statistical_parity_differences",
]  # fmt: skip


def rates_by_group(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """The selection rate of every group: columns grouping, group, n, selected, rate, low, high (Wilson)."""
    rows = [
        (counts.grouping, group, int(n), int(k), k / n, *wilson(int(k), int(n), level=level))
        for counts in tables(table, groups)
        for group, n, k in zip(counts.groups, counts.n, counts.selected, strict=True)
    ]
    return pd.DataFrame(rows, columns=["grouping", "group", "n", "selected", "rate", "low", "high"])


def selection_rate_ratios(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    min_cell: int = 30,
) -> tuple[Measurement, ...]:
    """Lowest selection rate over the highest, a measurement a grouping; groups below ``min_cell`` rows are left out.

    This is the impact ratio of 29 CFR 1607.4(D) and ``fairlearn.metrics.demographic_parity_ratio``. A sample's lowest
    over highest lies below the truth even where all rates are equal, so the two ends are found differently. The lower
    is the quantile of the ratio in resampled count tables (resampling rows is a multinomial draw of the cells), or the
    closed-form limit if that is lower. The upper is the closed-form limit for the two groups seen at the extremes, at
    a level corrected for the pairs they were picked from.
    """
    rng = np.random.default_rng(seed)
    return tuple(_ratio(counts, level, rng, replicates, min_cell) for counts in tables(table, groups))


def statistical_parity_differences(
    table: pd.DataFrame, *, groups: Sequence[str] | None = None, level: float = 0.95, min_cell: int = 30
) -> tuple[Measurement, ...]:
    """Selection rate of one group minus that of everybody else, a measurement a grouping: the largest gap speaks.

    With a reference group for the column (``table.attrs["reference"]``) each group is held against it instead. Two
    groups give one difference: the lower rate minus the higher. Groups below ``min_cell`` rows are left out. The
    interval is Newcombe's at a level corrected (Bonferroni) for the number of differences looked at.
    """
    reference = table.attrs.get("reference") or {}
    return tuple(
        _difference(c, level, min_cell, reference.get(c.names[0]) if len(c.names) == 1 else None)
        for c in tables(table, groups)
    )


def _ratio(
    counts: CountTable, level: float, rng: np.random.Generator, replicates: int, min_cell: int
) -> Measurement:
    used, left_out = _large(counts, min_cell)
    what = {"measure": "selection_rate_ratio", "segment": counts.grouping, "level": level, "unit": "ratio"}
    method = f"lowest over highest selection rate among groups of at least {min_cell} rows"
    total = int(used.n.sum())
    why = _too_few(used, min_cell) or (
        "nobody was selected in any of these groups" if not used.selected.any() else ""
    )
    if why:
        return Measurement(**what, value=None, n=total, method=method, undefined=why, note=left_out)
    rates = used.selected / used.n
    lowest, highest = int(rates.argmin()), int(rates.argmax())
    if lowest == highest:
        highest = len(rates) - 1
    pairs = comb(len(rates), 2)
    value = float(rates.min() / rates.max())
    pair = (*_cell(used, lowest), *_cell(used, highest))
    _, high = ratio_of_proportions(*pair, level=1 - (1 - level) / pairs)
    low = min(
        _resampled_low(used, level, rng, replicates), ratio_of_proportions(*pair, level=level)[0], value
    )
    by_chance = null_failure_probability(used)
    return Measurement(
        **what,
        value=value,
        low=low,
        high=min(1.0, high),
        n=total,
        method=f"{method}; lower end: {replicates} multinomial resamplings of the count table, upper end: MOVER-Wilson "
        f"for the two, corrected for {_plural(pairs, 'pair')}",
        note=f"lowest {_named(used, lowest)}, highest {_named(used, highest)}; were all rates equal, samples of these "
        f"sizes would fall below 0.8 with probability {by_chance:.2g}{left_out and '; ' + left_out}",
    )


def _resampled_low(counts: CountTable, level: float, rng: np.random.Generator, replicates: int) -> float:
    flat = counts.decisions.ravel()
    draws = rng.multinomial(int(flat.sum()), flat / flat.sum(), size=replicates).reshape(replicates, -1, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = draws[:, :, 1] / draws.sum(axis=2)
        ratios = np.fmin.reduce(rates, axis=1) / np.fmax.reduce(rates, axis=1)
    known = ratios[np.isfinite(ratios)]
    return float(np.quantile(known, (1 - level) / 2)) if len(known) else 0.0


def _difference(counts: CountTable, level: float, min_cell: int, reference: str | None) -> Measurement:
    used, left_out = _large(counts, min_cell)
    what = {"measure": "statistical_parity_difference", "segment": counts.grouping, "level": level}
    versus = f"the reference group {reference}" if reference is not None else "everybody else"
    method = f"selection rate of a group of at least {min_cell} rows minus that of {versus}"
    why = _too_few(used, min_cell)
    if not why and reference is not None and (str(reference),) not in used.cells:
        why = f"the reference group {reference} has fewer than {min_cell} rows"
    if why:
        return Measurement(
            **what,
            value=None,
            n=int(used.n.sum()),
            unit="difference",
            method=method,
            undefined=why,
            note=left_out,
        )
    contrasts = _contrasts(used, reference)
    gaps = [k1 / n1 - k2 / n2 for _, (k1, n1, k2, n2) in contrasts]
    worst = max(range(len(gaps)), key=lambda i: abs(gaps[i]))
    speaks, pair = contrasts[worst]
    corrected = 1 - (1 - level) / len(contrasts)
    low, high = newcombe(*pair, level=corrected)
    other = (
        f"{versus} ({pair[2]} of {pair[3]})"
        if len(used.n) > 2 or reference is not None
        else _named(used, 1 - speaks)
    )
    looked_at = f"largest of {len(contrasts)} differences, " if len(contrasts) > 1 else ""
    return Measurement(
        **what,
        value=gaps[worst],
        low=low,
        high=high,
        n=int(used.n.sum()),
        unit="difference",
        method=f"{method}; {looked_at}Newcombe interval at level {corrected:.6g}",
        note=f"{looked_at}{_named(used, speaks)} against {other}{left_out and '; ' + left_out}",
    )


def _contrasts(counts: CountTable, reference: str | None) -> list[tuple[int, tuple[int, int, int, int]]]:
    """Who speaks, and the counts on both sides; two groups without a reference give one contrast."""
    k, n = counts.selected, counts.n
    if reference is not None:
        held = counts.cells.index((str(reference),))
        return [(i, (*_cell(counts, i), *_cell(counts, held))) for i in range(len(n)) if i != held]
    if len(n) == 2:
        lowest = int((k / n).argmin())
        return [(lowest, (*_cell(counts, lowest), *_cell(counts, 1 - lowest)))]
    rest = int(k.sum()), int(n.sum())
    return [(i, (*_cell(counts, i), rest[0] - int(k[i]), rest[1] - int(n[i]))) for i in range(len(n))]


def _large(counts: CountTable, min_cell: int) -> tuple[CountTable, str]:
    """The cells of at least ``min_cell`` rows, and a sentence that names the others."""
    large: NDArray[np.bool_] = counts.n >= min_cell
    small = [
        f"{group} ({n})" for group, n, kept in zip(counts.groups, counts.n, large, strict=True) if not kept
    ]
    shown = ", ".join(small[:8]) + (f" and {len(small) - 8} more" if len(small) > 8 else "")
    return counts.keep(large), f"left out with fewer than {min_cell} rows: {shown}" if small else ""


def _too_few(used: CountTable, min_cell: int) -> str:
    if len(used.cells) >= 2:
        return ""
    return f"fewer than two groups have {min_cell} rows or more" + (
        f" (only {used.groups[0]})" if used.cells else ""
    )


def _cell(counts: CountTable, i: int) -> tuple[int, int]:
    return int(counts.selected[i]), int(counts.n[i])


def _named(counts: CountTable, i: int) -> str:
    k, n = _cell(counts, i)
    return f"{counts.groups[i]} ({k} of {n})"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
