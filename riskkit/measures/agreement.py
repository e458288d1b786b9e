"""How far people who labelled the same items agree, beyond what chance gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from riskkit.model import Measurement

Ratings = Mapping[str, Mapping[str, str]]
"""Item to rater to label."""


class Agreed(NamedTuple):
    """A coefficient (1 agreement, 0 what chance gives) with its interval, over how many items and raters."""

    value: float
    low: float
    high: float
    items: int
    raters: int


def krippendorff_alpha(ratings: Ratings) -> float:
    """Krippendorff's alpha for names: any number of raters, and raters may skip items. NaN where it is undefined.

    K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; it is undefined where all labels are the same.
    """
    units = [list(labels.values()) for labels in ratings.values() if len(labels) > 1]
    totals = Counter(label for labels in units for label in labels)
    count = totals.total()
    seen = sum(_disagreeing(labels) / (len(labels) - 1) for labels in units)
    chance = (
        sum(a * b for (_, a), (_, b) in combinations(totals.items(), 2)) * 2 / (count - 1) if count > 1 else 0
    )
    return 1 - seen / chance if chance else float("nan")


def cohen_kappa(ratings: Ratings, *, raters: tuple[str, str]) -> float:
    """Cohen's kappa of two raters over the items both labelled. NaN where it is undefined.

    J. Cohen (1960), Educational and Psychological Measurement 20, 37-46.
    """
    first, second = raters
    pairs = [
        (labels[first], labels[second]) for labels in ratings.values() if {first, second} <= labels.keys()
    ]
    if not pairs:
        return float("nan")
    ours, theirs = (Counter(column) for column in zip(*pairs, strict=True))
    seen = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum(ours[label] * theirs[label] for label in ours) / len(pairs) ** 2
    return (seen - chance) / (1 - chance) if chance < 1 else float("nan")


def with_interval(
    coefficient: Callable[[Ratings], float],
    ratings: Ratings,
    *,
    level: float = 0.95,
    seed: int = 0,
    resamples: int = 2000,
) -> Agreed:
    """``coefficient`` of ``ratings`` with a percentile interval over resampled items.

    Resamples in which it is undefined (all labels alike) count as full agreement.

    Raises
    ------
    ValueError
        When fewer than two items have two labels, or the coefficient is undefined.
    """
    both = {item: labels for item, labels in ratings.items() if len(labels) > 1}
    raters = {rater for labels in both.values() for rater in labels}
    value = coefficient(both) if len(both) > 1 else float("nan")
    if not np.isfinite(value):
        why = "all labels are the same" if len(both) > 1 else f"{len(both)} items have two labels"
        raise ValueError(f"agreement is undefined: {why}")
    rng, units = np.random.default_rng(seed), list(both.values())
    drawn = [
        coefficient({str(i): units[k] for i, k in enumerate(rng.integers(0, len(units), len(units)))})
        for _ in range(resamples)
    ]
    tail = (1 - level) / 2
    low, high = np.quantile(np.nan_to_num(np.array(drawn), nan=1.0), [tail, 1 - tail])
    return Agreed(value, min(float(low), value), max(float(high), value), len(both), len(raters))


def rater_agreement(ratings: Ratings, *, level: float = 0.95, seed: int = 0) -> Measurement:
    """Krippendorff's alpha of the raters as a measurement; ``n`` counts items with two labels."""
    what: dict[str, Any] = {"measure": "rater_agreement", "level": level, "unit": "alpha"}
    what["method"] = "Krippendorff's alpha for names; percentiles over resampled items"
    double = sum(len(labels) > 1 for labels in ratings.values())
    try:
        found = with_interval(krippendorff_alpha, ratings, level=level, seed=seed)
    except ValueError as error:
        return Measurement(**what, n=double, value=None, undefined=str(error))
    note = f"{found.raters} raters, {len(ratings)} items, {found.items} of them labelled by two or more"
    note += _kappa(ratings, level=level, seed=seed)
    return Measurement(**what, n=found.items, value=found.value, low=found.low, high=found.high, note=note)


def _kappa(ratings: Ratings, *, level: float, seed: int) -> str:
    """Cohen's kappa in words, where there are two raters and it is defined."""
    names = sorted({rater for labels in ratings.values() if len(labels) > 1 for rater in labels})
    if len(names) != 2:
        return ""
    pair = (names[0], names[1])
    try:
        found = with_interval(lambda r: cohen_kappa(r, raters=pair), ratings, level=level, seed=seed)
    except ValueError:
        return ""
    return f"; Cohen's kappa {found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"


def _disagreeing(labels: Sequence[str]) -> int:
    """Ordered pairs of labels of one item that differ."""
    return len(labels) ** 2 - sum(n * n for n in Counter(labels).values())


def disputed(ratings: Ratings) -> Iterable[str]:
    """The items whose raters disagree, in order: they need somebody to decide."""
    return sorted(item for item, labels in ratings.items() if len(set(labels.values())) > 1)
