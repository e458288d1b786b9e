"""The four-fifths rule, in exact integers and with its false alarms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.counts import CountTable

Ints = NDArray[np.int64]


def four_fifths(counts: CountTable) -> pd.Series[bool]:
    """Whether each group's selection rate is at least four fifths of the highest, indexed by group.

    Rates are compared as integers, because a third of the tables whose ratio is exactly 4/5 fall below 0.8 as floats;
    exactly 4/5 passes (29 CFR 1607.4(D)). Where nobody is selected the rule says nothing and the value is missing.
    """
    k, n = counts.selected.astype(object), counts.n.astype(object)
    index = pd.Index(counts.groups, name=counts.grouping)
    if not any(k):
        return pd.Series(pd.NA, index=index, dtype="boolean", name="passes")
    best = int((counts.selected / counts.n).argmax())
    return pd.Series(5 * k * n[best] >= 4 * k[best] * n, index=index, dtype="boolean", name="passes")


def null_failure_probability(counts: CountTable, *, seed: int = 0, replicates: int = 10_000) -> float:
    """The probability that some group fails four-fifths by chance, were all rates equal to the pooled one.

    Group sizes stay as they are; decisions are binomial draws at the pooled rate.
    """
    n = counts.n
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(n, counts.selected.sum() / n.sum(), size=(replicates, len(n)))
    return float(_fails(drawn, n).mean())


def _fails(k: Ints, n: Ints) -> NDArray[np.bool_]:
    """Whether the lowest rate of each row of ``k`` is below four fifths of its highest."""
    rates = k / n
    row = np.arange(len(k))
    low, high = rates.argmin(axis=1), rates.argmax(axis=1)
    result: NDArray[np.bool_] = 5 * k[row, low] * n[high] < 4 * k[row, high] * n[low]
    return result
