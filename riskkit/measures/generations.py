"""The same figures over generations of generated data: does each hold less of the real rows than the one before?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from riskkit.measures.diversity import diversity_ratio
from riskkit.measures.tails import mean_tail_coverage
from riskkit.model import Measurement

FEWEST = 3
FIGURES: dict[str, Callable[..., Measurement]] = {
    "diversity_ratio": diversity_ratio,
    "mean_tail_coverage": mean_tail_coverage,
}
"""What is followed over generations."""


def over_generations(
    real: pd.DataFrame,
    generations: Sequence[pd.DataFrame],
    *,
    leave_out: Sequence[str] = (),
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """One row a figure and generation (1 is the oldest): measure, generation, value, low, high, n."""
    rows = []
    for number, table in enumerate(generations, 1):
        for name, figure in FIGURES.items():
            m = figure(real, table, leave_out=leave_out, level=level, seed=seed)
            rows.append((name, number, m.value, m.low, m.high, m.n))
    return pd.DataFrame(rows, columns=["measure", "generation", "value", "low", "high", "n"])


def trends(figures: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """By how much each figure of :func:`over_generations` changes a generation: below 0 it narrows.

    The slope of a line weighted by the figures' own intervals; its interval is theirs carried through, widened where
    the points scatter more than they should (Birge's ratio). Undefined below three generations: two points are always
    on a line. ``n`` counts rows of the smallest generation.
    """
    return tuple(
        _trend(name, figures[figures["measure"] == name], level) for name in figures["measure"].unique()
    )


def _trend(name: str, points: pd.DataFrame, level: float) -> Measurement:
    known = points.dropna(subset=["value"])
    method = "weighted line over generations; interval from the figures' own, widened by their scatter"
    n = int(known["n"].min()) if len(known) else 0
    what = {
        "measure": f"{name}_trend",
        "level": level,
        "n": n,
        "unit": "change a generation",
        "method": method,
    }
    if len(known) < FEWEST:
        return Measurement(**what, value=None, undefined=f"{len(known)} generations, {FEWEST} are needed")
    x, y = (known[c].to_numpy(dtype=float) for c in ("generation", "value"))
    z = float(stats.norm.ppf(0.5 + level / 2))
    spread = np.maximum((known["high"] - known["low"]).to_numpy(dtype=float) / (2 * z), 1e-9)
    weights = 1 / spread**2
    centre = float((weights * x).sum() / weights.sum())
    across = float((weights * (x - centre) ** 2).sum())
    slope = float((weights * (x - centre) * y).sum() / across)
    level_of = float((weights * y).sum() / weights.sum())
    excess = float((weights * (y - level_of - slope * (x - centre)) ** 2).sum()) / (len(x) - 2)
    reach = z * np.sqrt(max(1.0, excess) / across)
    note = f"{len(x)} generations, from {y[0]:.3f} to {y[-1]:.3f}"
    return Measurement(**what, value=slope, low=float(slope - reach), high=float(slope + reach), note=note)
