"""How far apart groups would be by chance alone: decisions dealt anew to groups of the same sizes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskkit.measures.cells import contrasts
from riskkit.measures.counts import CountTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HYPERGEOMETRIC = 10**9
"""Rows from which dealing without replacement is drawn as with replacement, which no quantile tells apart."""
TOUCH = 1e-12
"""Distance below which a drawn value counts as the observed one."""


class Chance(NamedTuple):
    """An observed disparity, the band in which chance keeps it as often as ``level`` says, and the p-value."""

    value: float
    low: float
    high: float
    p: float
    level: float


def dealt(selected: Ints, n: Ints, rng: np.random.Generator, replicates: int) -> Ints:
    """Selected rows of each group with as many favourable decisions dealt at random; shape (replicates, groups).

    With sizes and total fixed this is the multivariate hypergeometric distribution: a permutation of the decisions.
    """
    total, favourable = int(n.sum()), int(selected.sum())
    if total >= HYPERGEOMETRIC:
        return np.asarray(rng.binomial(n, favourable / total, size=(replicates, len(n))))
    return np.asarray(rng.multivariate_hypergeometric(n, favourable, size=replicates, method="marginals"))


def ratio_by_chance(used: CountTable, *, level: float, rng: np.random.Generator, replicates: int) -> Chance:
    """Lowest over highest selection rate of ``used``, and where chance alone would keep it."""
    value = _ratio(used.selected / used.n)
    drawn = _ratio(dealt(used.selected, used.n, rng, replicates) / used.n)
    p = (1 + np.count_nonzero(drawn <= value + TOUCH)) / (1 + replicates)
    return Chance(float(value), float(np.quantile(drawn, 1 - level)), 1.0, p, level)


def difference_by_chance(
    used: CountTable, *, reference: object, level: float, rng: np.random.Generator, replicates: int
) -> Chance:
    """The largest difference of ``used`` as the parity measure takes it, and where chance alone would keep it."""
    pairs = contrasts(used, reference)
    seen = np.array([k1 / n1 - k2 / n2 for _, (k1, n1, k2, n2) in pairs])
    value = float(seen[np.abs(seen).argmax()])
    k = dealt(used.selected, used.n, rng, replicates)
    who = [i for i, _ in pairs]
    if reference is None:
        other = (k.sum(axis=1)[:, None] - k[:, who]) / (used.n.sum() - used.n[who])
    else:
        held = used.cells.index((str(reference),))
        other = k[:, [held]] / used.n[held]
    drawn = np.abs(k[:, who] / used.n[who] - other).max(axis=1)
    reach = float(np.quantile(drawn, level))
    p = (1 + np.count_nonzero(drawn >= abs(value) - TOUCH)) / (1 + replicates)
    return Chance(value, -reach, reach, p, level)


def odds_by_chance(
    counts: CountTable, *, min_cell: int, level: float, rng: np.random.Generator, replicates: int
) -> Chance | None:
    """The wider gap in true or false positive rate, dealt anew among rows of equal label, if it is defined."""
    seen: list[float] = []
    drawn: list[Floats] = []
    for label in (0, 1):
        part = counts.counts[:, label]
        part = part[part.sum(axis=1) >= min_cell]
        if len(part) < 2:
            return None
        k, n = part[:, 1], part.sum(axis=1)
        seen.append(float(np.ptp(k / n)))
        drawn.append(np.ptp(dealt(k, n, rng, replicates) / n, axis=1))
    value, widest = max(seen), np.maximum(*drawn)
    p = (1 + np.count_nonzero(widest >= value - TOUCH)) / (1 + replicates)
    return Chance(value, 0.0, float(np.quantile(widest, level)), p, level)


def said(chance: Chance | None) -> str:
    """In words: the band that chance keeps to, and how often it reaches what was observed."""
    if chance is None:
        return ""
    band = (
        f"above {chance.low:.3f}"
        if chance.high == 1
        else f"within {chance.low + 0:.3f} and {chance.high:.3f}"
    )
    often = f"{100 * chance.level:.3g} % of deals"
    return f"dealt at random, these decisions stay {band} in {often}, and reach this with p = {chance.p:.2g}"


def _ratio(rates: Floats) -> Floats:
    highest = rates.max(axis=-1)
    lowest = rates.min(axis=-1)
    return np.asarray(np.divide(lowest, highest, out=np.ones_like(highest), where=highest > 0))
