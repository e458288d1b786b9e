"""How differently scores are calibrated between groups."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from riskkit.measures.cells import joined, plural
from riskkit.measures.counting import groupings
from riskkit.measures.score_table import ScoreTable, count_scores
from riskkit.measures.scores import bands
from riskkit.model import Measurement


def calibration_error_differences(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 1000,
    min_cell: int = 30,
) -> tuple[Measurement, ...]:
    """The largest calibration error of a group minus the smallest, a measurement a grouping; none without scores.

    The error of a group is the mean distance between score and share over 16 bands. Chance makes it larger, by nothing
    where scores are far off and by up to what calibrated scores of this size show where they are not. So each end
    allows for that in the group it would mislead about, besides the spread of resampled bands; both are corrected
    (Bonferroni) for the pairs the two groups were picked from.

    Measures: calibration_error_difference
    Formula: mean over 16 bands of |score - share|, of the worst group minus the best.
    Source: C. Guo et al. (2017), arXiv 1706.04599, for the banded error.
    Limits: Depends on the bands; needs scores and labels.
    """
    if not {"score", "label"} <= set(table):
        return ()
    return tuple(
        _measured(count_scores(table, grouping), level, np.random.default_rng(seed), replicates, min_cell)
        for grouping in groupings(table, groups)
    )


def _measured(
    table: ScoreTable, level: float, rng: np.random.Generator, replicates: int, min_cell: int
) -> Measurement:
    n, positives, sums = bands(table)
    used = np.flatnonzero(n.sum(axis=1) >= min_cell)
    what: dict[str, Any] = {
        "measure": "calibration_error_difference",
        "segment": " x ".join(table.names),
        "level": level,
        "n": int(n[used].sum()),
        "unit": "difference",
        "method": f"largest minus smallest calibration error (16 bands) among groups of at least {min_cell} rows",
    }
    if len(used) < 2:
        why = f"fewer than two groups have {min_cell} rows with score and label"
        return Measurement(**what, value=None, undefined=why)
    n, positives, sums = n[used], positives[used], sums[used]
    total = n.sum(axis=1)
    error = np.abs(positives - sums).sum(axis=1) / total
    share, mean = (np.divide(part, n, out=np.zeros_like(n), where=n > 0) for part in (positives, sums))
    again, calibrated = (
        np.abs(rng.binomial(n.astype(np.int64), p.clip(0, 1), size=(replicates, *n.shape)) - sums).sum(axis=2)
        / total
        for p in (share, mean)
    )
    noise = calibrated.mean(axis=0)
    highest, lowest = int(error.argmax()), int(error.argmin())
    pairs = comb(len(used), 2)
    z = float(special.ndtri(1 - (1 - level) / pairs / 2))
    reach = z * sqrt(float(again[:, highest].var() + again[:, lowest].var()))
    value = float(error[highest] - error[lowest])
    names = [table.groups[i] for i in used]
    what["method"] += (
        f"; normal interval from {replicates} resamplings of the bands, corrected for {plural(pairs, 'pair')}"
    )
    return Measurement(
        **what,
        value=value,
        low=max(0.0, value - float(noise[highest]) - reach),
        high=min(1.0, value + float(noise[lowest]) + reach),
        note=joined(
            f"largest {names[highest]} ({error[highest]:.3f}), smallest {names[lowest]} ({error[lowest]:.3f})",
            f"{table.missing} rows without score or label left out" if table.missing else "",
        ),
    )
