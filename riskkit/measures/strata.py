"""Differences between groups compared like with like: within the strata of another column."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from riskkit.measures.counting import count
from riskkit.measures.counts import CountTable

Floats = NDArray[np.float64]
COLUMNS = [
    "group_column", "group", "within", "strata", "n", "crude", "adjusted", "low", "high",
    "odds_ratio", "odds_low", "odds_high", "p",
]  # fmt: skip


class Adjusted(NamedTuple):
    """A difference and an odds ratio common to all strata, with intervals, and the test that there is none."""

    difference: float
    low: float
    high: float
    odds_ratio: float
    odds_low: float
    odds_high: float
    p: float


def mantel_haenszel(one: NDArray[np.int64], other: NDArray[np.int64], *, level: float = 0.95) -> Adjusted:
    """The difference of selection rates common to the strata, of ``one`` group against the ``other``.

    Both have shape (strata, 2): not selected, selected. Strata where either has no row tell nothing.
    N. Mantel, W. Haenszel (1959), J. Natl. Cancer Inst. 22, 719-748; intervals: T. Sato (1989), Biometrics 45,
    1323-1324 (difference) and J. Robins, N. Breslow, S. Greenland (1986), Biometrics 42, 311-323 (odds ratio); the test
    is Cochran-Mantel-Haenszel without continuity correction. What no stratum tells is NaN.
    """
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    (b, a), (d, c) = (part[both].astype(float).T for part in (one, other))
    n1, n0 = a + b, c + d
    n = n1 + n0
    z = float(special.ndtri(0.5 + level / 2))
    difference, low, high = _difference(a, c, n1, n0, z)
    odds, odds_low, odds_high = _odds(a * d / n, b * c / n, (a + d) / n, (b + c) / n, z)
    expected, spread = n1 * (a + c) / n, n1 * n0 * (a + c) * (b + d) / (n * n * np.maximum(n - 1, 1))
    chi2 = (a - expected).sum() ** 2 / spread.sum() if spread.sum() > 0 else float("nan")
    return Adjusted(difference, low, high, odds, odds_low, odds_high, float(special.chdtrc(1, chi2)))


def adjusted_differences(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    within: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Each group against everybody else, crude and compared within the strata of another column.

    Where both point to different sides, or one is near zero, the other column explains a part (Simpson's paradox); it
    does not say whether it should. Columns: group_column, group, within, strata, n, crude, adjusted, low, high,
    odds_ratio, odds_low, odds_high, p. Columns default to those declared in ``table.attrs["groups"]``.
    """
    declared = list(table.attrs.get("groups") or ())
    wanted, strata = list(groups or declared), list(within or declared)
    rows = [
        row
        for name in wanted
        for stratum in strata
        if name != stratum
        for row in _rows(count(table, [name, stratum]), level)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(counts: CountTable, level: float) -> list[tuple[object, ...]]:
    name, stratum = counts.names
    groups, strata = (list(dict.fromkeys(cell[i] for cell in counts.cells)) for i in (0, 1))
    cube = np.zeros((len(groups), len(strata), 2), dtype=np.int64)
    for (group, part), cell in zip(counts.cells, counts.decisions, strict=True):
        cube[groups.index(group), strata.index(part)] = cell
    rows: list[tuple[object, ...]] = []
    for i, group in enumerate(groups[:1] if len(groups) == 2 else groups):
        one, other = cube[i], cube.sum(axis=0) - cube[i]
        told = int(((one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)).sum())
        crude = _rate(one) - _rate(other)
        found = mantel_haenszel(one, other, level=level)
        rows.append((name, group, stratum, told, int(one.sum()), crude, *found))
    return rows


def _rate(part: NDArray[np.int64]) -> float:
    total = int(part.sum())
    return float(part[:, 1].sum()) / total if total else float("nan")


def _difference(a: Floats, c: Floats, n1: Floats, n0: Floats, z: float) -> tuple[float, float, float]:
    n = n1 + n0
    weight = float((n1 * n0 / n).sum())
    if not weight:
        return (float("nan"),) * 3
    value = float(((a * n0 - c * n1) / n).sum()) / weight
    p = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    q = (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    reach = z * sqrt(max(0.0, value * float(p.sum()) + float(q.sum()))) / weight
    return value, max(-1.0, value - reach), min(1.0, value + reach)


def _odds(r: Floats, s: Floats, p: Floats, q: Floats, z: float) -> tuple[float, float, float]:
    above, below = float(r.sum()), float(s.sum())
    if not above or not below:
        return (float("inf") if above else 0.0 if below else float("nan")), 0.0, float("inf")
    variance = (
        float((p * r).sum()) / (2 * above**2)
        + float((p * s + q * r).sum()) / (2 * above * below)
        + float((q * s).sum()) / (2 * below**2)
    )
    middle, reach = log(above / below), z * sqrt(variance)
    return exp(middle), exp(middle - reach), exp(middle + reach)
