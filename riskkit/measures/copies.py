"""Generated rows that repeat a real one, exactly or nearly; no distance proves that a row is anonymous."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.fidelity import FEWEST, comparable, encoded, is_number
from riskkit.measures.intervals import wilson
from riskkit.model import Measurement

Floats = NDArray[np.float64]
ALIKE = 1e-9
DRAWS = 400
CLOSE = 0.01
"""Share of real rows that are this close to another real row; what lies closer to a real row is a near copy."""
DECIDING = 10
"""Real rows at least that must be so close: with three of them the interval held too seldom in simulation."""


def near_copy_share(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    leave_out: Sequence[str] = (),
    holdout: Sequence[pd.DataFrame] = (),
    level: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """The share of generated rows that lie closer to a real row than nearly all real rows lie to each other.

    The bound is the distance below which 1 % of the real rows have another real row, so an honest sample has about 1 %
    of near copies. Few real rows decide that bound, so the interval resamples them along with the share, and with fewer
    than 1,000 real rows there is none. With ``holdout`` (real rows the generator never saw) the note says how often it
    comes as close. ``n`` counts generated rows.

    Formula: generated rows closer to a real row than the 1 % quantile of distances among real rows / generated
    rows.
    Limits: Near is not the same as disclosing; a copy with changed columns may be missed.
    """
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    n = len(theirs)
    what = {"measure": "near_copy_share", "level": level, "n": n, "unit": "share"}
    method = f"nearest real row closer than {1 - CLOSE:.0%} of real rows are to each other; share and bound resampled"
    found = _distances(ours, theirs)
    if found is None or found.bound == 0:
        why = "too many real rows are alike for a copy to show" if found else _too_few(real, generated)
        return Measurement(**what, method=method, value=None, undefined=why)
    if len(ours) * CLOSE < DECIDING:
        why = f"{len(ours)} real rows, {DECIDING / CLOSE:.0f} are needed for the closest {CLOSE:.0%} to be {DECIDING}"
        return Measurement(**what, method=method, value=None, undefined=why)
    value = float((found.closest < found.bound).mean())
    low, high = _interval(found, level, np.random.default_rng(seed))
    notes = [
        f"{int(_is_in(theirs, ours).sum())} of them are exact",
        f"an honest sample has about {CLOSE:.0%}",
    ]
    if holdout:
        held = comparable(real, pd.concat(holdout, ignore_index=True), leave_out=leave_out)[1]
        others = _distances(ours, held)
        told = f"{(others.closest < found.bound).mean():.3f} of {len(held)} rows held out" if others else ""
        notes += [told] if told else []
    note = "; ".join(notes)
    return Measurement(
        **what, method=method, value=value, low=min(low, value), high=max(high, value), note=note
    )


def exact_copy_share(
    real: pd.DataFrame, generated: pd.DataFrame, *, leave_out: Sequence[str] = (), level: float = 0.95
) -> Measurement:
    """The share of generated rows that equal a real one in every column; the note says how many real rows have twins.

    Where columns hold few values, rows meet by chance: compare the share with that of twins among the real rows.
    """
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    exact = _is_in(theirs, ours)
    what = {"measure": "exact_copy_share", "level": level, "n": len(theirs), "unit": "share"}
    method = "rows equal to a real one in every column; Wilson interval"
    if not len(theirs) or not len(ours):
        return Measurement(**what, method=method, value=None, undefined="one table is empty")
    low, high = wilson(int(exact.sum()), len(theirs), level=level)
    note = f"{float(ours.duplicated(keep=False).mean()):.3f} of the real rows have a twin among themselves"
    return Measurement(**what, method=method, value=float(exact.mean()), low=low, high=high, note=note)


def check(real: pd.DataFrame, generated: pd.DataFrame, *, leave_out: Sequence[str] = ()) -> pd.DataFrame:
    """One row a generated row, closest first: row, distance (to the nearest real row), bound, near, exact.

    The rows themselves are not shown: a near copy may be a person's record.
    """
    ours, theirs = comparable(real, generated, leave_out=leave_out)
    distances = _distances(ours, theirs)
    found = pd.DataFrame({"row": np.arange(len(theirs)), "exact": _is_in(theirs, ours)})
    found["distance"] = distances.closest if distances else np.nan
    found["bound"] = distances.bound if distances else np.nan
    found["near"] = found["distance"] < found["bound"]
    return found[["row", "distance", "bound", "near", "exact"]].sort_values(
        "distance", kind="stable", ignore_index=True
    )


def _is_in(rows: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.bool_]:
    keys = set(map(tuple, _keys(others)))
    return np.array([tuple(row) in keys for row in _keys(rows)], dtype=bool)


def _keys(table: pd.DataFrame) -> list[list[object]]:
    parts = [table[c].round(9) if is_number(table[c]) else table[c].astype("str") for c in table]
    columns = [p.astype(object).where(p.notna(), None).tolist() for p in parts]
    return [list(row) for row in zip(*columns, strict=True)]


class _Distances(NamedTuple):
    """From each generated row and each real row to the nearest (other) real one, and the bound that follows."""

    closest: Floats
    among: Floats
    bound: float


def _distances(ours: pd.DataFrame, theirs: pd.DataFrame) -> _Distances | None:
    """The distances; None where there are too few rows."""
    from sklearn.neighbors import NearestNeighbors

    if min(len(ours), len(theirs)) < FEWEST:
        return None
    points, others = encoded([ours, theirs])
    nearest = NearestNeighbors(n_neighbors=2).fit(points)
    among: Floats = nearest.kneighbors(points)[0][:, 1]
    closest: Floats = nearest.kneighbors(others, n_neighbors=1)[0][:, 0]
    bound = float(np.quantile(among, CLOSE))
    return _Distances(closest, among, bound if bound > ALIKE else 0.0)


def _interval(found: _Distances, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """Quantiles over draws of the bound and of the share below it.

    Real rows are often each other's nearest, so a third of them counts as independent.
    """
    n, ordered = len(found.closest), np.sort(found.closest)
    drawn_among = rng.choice(found.among, (DRAWS, max(2, len(found.among) // 3)))
    near = np.searchsorted(ordered, np.quantile(drawn_among, CLOSE, axis=1))
    drawn = rng.beta(near + 0.5, n - near + 0.5)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _too_few(real: pd.DataFrame, generated: pd.DataFrame) -> str:
    return f"{min(len(real), len(generated))} rows in one table, {FEWEST} are needed"
