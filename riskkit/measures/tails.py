"""Whether the rare stays: extreme values, rare kinds and whole kinds that generated rows no longer hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.errors import printable
from riskkit.measures.fidelity import comparable, is_number
from riskkit.measures.intervals import ratio_of_proportions
from riskkit.model import Measurement

Floats = NDArray[np.float64]
FEWEST = 100
RARE = 0.05
"""Share of the real rows that a column's two tails hold together, and below which a kind of text is rare."""
DRAWS = 500


def tail_coverage(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    leave_out: Sequence[str] = (),
    rare: float = RARE,
    level: float = 0.95,
) -> Measurement:
    """How much of its rare part the worst column keeps in the generated rows: 1 all of it, 0 none.

    Numbers: the share of generated values beyond the real outer quantiles, over that of the real ones. Text: the same
    for kinds that are rare in the real rows. The column with the lowest ratio speaks; its interval (A. Donner, G. Y.
    Zou 2012) holds for all columns together. ``n`` counts rows of the smaller table.

    Formula: share of generated rows in the real tail / share of real rows in it.
    Source: A. Donner, G. Y. Zou (2012) for the interval.
    Limits: One column at a time: rare combinations are not seen.
    """
    method = (
        f"lowest ratio, over columns, of the rows in the {rare:.0%} tails; Donner-Zou interval, Bonferroni"
    )
    pairs, what = _compared(real, generated, leave_out, rare, level, method)
    if not pairs:
        return Measurement(measure="tail_coverage", value=None, **what)
    worst = min(pairs, key=lambda name: _ratio(*pairs[name]))
    ours, theirs = pairs[worst]
    each = 1 - (1 - level) / len(pairs)
    low, high = ratio_of_proportions(theirs.sum(), len(theirs), ours.sum(), len(ours), level=each)
    note = f"{printable(worst, 60)}; {len(pairs)} columns have a tail"
    return Measurement(
        measure="tail_coverage", value=_ratio(ours, theirs), low=low, high=high, **{**what, "note": note}
    )


def mean_tail_coverage(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    leave_out: Sequence[str] = (),
    rare: float = RARE,
    level: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """The same averaged over columns, which shows a narrowing of all of them sooner; resampled interval.

    More than the real share counts as 1.25 at most, so that one column cannot make up for another.
    """
    method = f"mean ratio, over columns, of the rows in the {rare:.0%} tails; bootstrap over rows"
    pairs, what = _compared(real, generated, leave_out, rare, level, method)
    if not pairs:
        return Measurement(measure="mean_tail_coverage", value=None, **what)
    value = float(np.mean([_capped(a.mean(), b.mean()) for a, b in pairs.values()]))
    low, high = _interval(list(pairs.values()), level, np.random.default_rng(seed))
    return Measurement(
        measure="mean_tail_coverage", value=value, low=min(low, value), high=max(high, value), **what
    )


def by_column(
    real: pd.DataFrame, generated: pd.DataFrame, *, leave_out: Sequence[str] = (), rare: float = RARE
) -> pd.DataFrame:
    """One row a column that has a tail: column, real (share of rows in it), generated, coverage; least covered
    first."""
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    rows = []
    for name in ours:
        pair = _flags(ours[name], theirs[name], rare)
        if pair is not None:
            a, b = (float(p.mean()) for p in pair)
            rows.append((str(name), a, b, _capped(a, b)))
    found = pd.DataFrame(rows, columns=["column", "real", "generated", "coverage"])
    return found.sort_values("coverage", kind="stable", ignore_index=True)


def missing_kinds(
    real: pd.DataFrame, generated: pd.DataFrame, *, leave_out: Sequence[str] = ()
) -> pd.DataFrame:
    """One row a text column: column, kinds (in real rows), missing, missing_share (of real rows), expected_share.

    ``expected_share`` is the share of real rows whose kind an honest sample of the generated table's size would miss
    by chance: for a kind of share p it is ``p (1 - p)^n``. A missing share far above it means that kinds were lost.
    """
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    rows = []
    for name in (c for c in ours if not is_number(ours[c])):
        shares = ours[name].astype("str").value_counts(normalize=True)
        lost = shares[~shares.index.isin(theirs[name].astype("str"))]
        expected = float((shares * (1 - shares) ** len(theirs)).sum())
        rows.append((str(name), len(shares), len(lost), float(lost.sum()), expected))
    return pd.DataFrame(rows, columns=["column", "kinds", "missing", "missing_share", "expected_share"])


def _flags(ours: pd.Series, theirs: pd.Series, rare: float) -> tuple[Floats, Floats] | None:
    """For each row of both tables whether it is in the tail; None where the real column has none."""
    if is_number(ours):
        values = ours.dropna().to_numpy(dtype=float)
        if len(values) < FEWEST or np.ptp(values) == 0:
            return None
        low, high = np.quantile(values, [rare / 2, 1 - rare / 2])
        others = theirs.dropna().to_numpy(dtype=float)
        found = tuple(((v < low) | (v > high)).astype(float) for v in (values, others))
    else:
        shares = ours.astype("str").value_counts(normalize=True)
        kinds = shares.index[shares < rare]
        found = tuple(c.astype("str").isin(kinds).to_numpy(dtype=float) for c in (ours, theirs))
    return (found[0], found[1]) if found[0].any() and len(found[1]) else None


def _compared(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    leave_out: Sequence[str],
    rare: float,
    level: float,
    method: str,
) -> tuple[dict[str, tuple[Floats, Floats]], dict[str, Any]]:
    """The tails of every column that has one, and what a measurement says besides its number."""
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    few = min(len(ours), len(theirs))
    what: dict[str, Any] = {"level": level, "n": few, "unit": "ratio", "method": method}
    if few < FEWEST:
        return {}, {**what, "undefined": f"{few} rows in one table, {FEWEST} are needed"}
    found = {str(c): pair for c in ours if (pair := _flags(ours[c], theirs[c], rare)) is not None}
    return found, what if found else {**what, "undefined": "no column has a tail or a rare kind"}


def _ratio(real: Floats, generated: Floats) -> float:
    return float(generated.mean() / real.mean())


def _capped(real: float, generated: float) -> float:
    return float(min(generated / real, 1.25)) if real > 0 else 1.0


def _interval(
    pairs: Sequence[tuple[Floats, Floats]], level: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Quantiles over resamples; a column's resampled count is binomial, with half a row added where none was found."""
    total = np.zeros(DRAWS)
    for a, b in pairs:
        drawn = [rng.binomial(len(v), (v.sum() + 0.5) / (len(v) + 1), DRAWS) / len(v) for v in (a, b)]
        total += np.minimum(drawn[1] / np.maximum(drawn[0], 0.5 / len(a)), 1.25)
    tail = (1 - level) / 2
    low, high = np.quantile(total / len(pairs), [tail, 1 - tail])
    return float(low), float(high)
