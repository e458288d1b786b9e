"""What other bounds would say of the same measurements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from riskkit.model import Measurement, Threshold, judge

COLUMNS = ["measure", "segment", "value", "low", "high", "bound", "verdict", "met_up_to", "breached_from"]


def bounds_that_flip(
    measurements: Iterable[Measurement], thresholds: Mapping[str, Threshold]
) -> pd.DataFrame:
    """For each measurement the verdict at its bound, and the bounds at which the verdict would be another one.

    ``met_up_to`` is the strictest bound the whole interval meets, ``breached_from`` the first at which it is wholly on
    the wrong side; between the two nothing is decided at this sample size. For a bound with ``at_most`` they are the
    ends of the interval, for ``at_least`` they are too, the other way round; for both at once (within) they are
    distances from zero. A measurement without a bound, or not computable, has empty places. Moving a bound after
    seeing the result is a decision that needs an owner and a reason.
    """
    rows = []
    for m in measurements:
        bound = m.threshold or thresholds.get(m.measure)
        said = judge(m, bound).verdict.value if bound else ""
        ends = _ends(m, bound) if bound else (None, None)
        described = bound.describe() if bound else "no bound"
        rows.append((m.measure, m.segment, m.value, m.low, m.high, described, said, *ends))
    return pd.DataFrame(rows, columns=COLUMNS)


def _ends(m: Measurement, bound: Threshold) -> tuple[float | None, float | None]:
    if m.low is None or m.high is None:
        return None, None
    if bound.at_least is None:
        return m.high, m.low
    if bound.at_most is None:
        return m.low, m.high
    nearest = 0.0 if m.low <= 0 <= m.high else min(abs(m.low), abs(m.high))
    return max(abs(m.low), abs(m.high)), nearest
