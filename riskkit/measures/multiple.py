"""P-values adjusted for how many were looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def holm(p: ArrayLike) -> Floats:
    """P-values adjusted so that any false alarm among them is as rare as one test's.

    S. Holm (1979), Scandinavian Journal of Statistics 6, 65-70. In the order given; never below the p-value itself.
    """
    found, order = _sorted(p)
    steps = np.maximum.accumulate(found[order] * (len(found) - np.arange(len(found))))
    return _back(np.minimum(steps, 1.0), order)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """P-values adjusted so that calling those below q gives a share of false alarms of at most q.

    Y. Benjamini, Y. Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    found, order = _sorted(p)
    steps = found[order] * len(found) / np.arange(1, len(found) + 1)
    return _back(np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0), order)


def _sorted(p: ArrayLike) -> tuple[Floats, NDArray[np.intp]]:
    found = np.asarray(p, dtype=float)
    if found.size and not ((found >= 0) & (found <= 1)).all():
        raise ValueError("p-values lie between 0 and 1")
    return found, np.argsort(found, kind="stable")


def _back(adjusted: Floats, order: NDArray[np.intp]) -> Floats:
    result = np.empty_like(adjusted)
    result[order] = adjusted
    return result
