"""A share of answers as a measurement, where answers to one prompt are one cluster."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from riskkit.measures.intervals import clustered_mean
from riskkit.model import Measurement


def share(
    measure: str,
    values: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    method: str,
    nothing: str,
    level: float = 0.95,
    segment: str = "",
    note: str = "",
    unit: str = "share",
    of: str = "answers",
    to: str = "prompts",
) -> Measurement:
    """The mean of ``values`` (each within 0 and 1) with a score interval over ``clusters``; ``n`` counts clusters.

    Fewer than two clusters give no interval: the measurement is then undefined, and ``nothing`` says why if there is
    none at all. The note tells how many values there were, and how alike those of one cluster are.
    """
    count = len(set(clusters))
    what: dict[str, Any] = {"measure": measure, "segment": segment, "level": level, "n": count, "unit": unit}
    if count < 2:
        why = f"one of the {to} alone gives no interval" if count else nothing
        return Measurement(**what, value=None, method=method, undefined=why, note=note)
    found = clustered_mean(np.asarray(values, dtype=float), clusters, level=level, proportion=True)
    alike = "" if found.icc is None else f"; correlation within a cluster {found.icc:.2f}"
    said = f"{len(values)} {of} to {count} {to}" if len(values) != count else f"{count} {to}"
    return Measurement(
        **what, value=found.mean, low=found.low, high=found.high, method=f"{method}; score interval over {to}",
        note="; ".join(filter(None, [said + alike, note])),
    )  # fmt: skip
