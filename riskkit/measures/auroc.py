"""How well a score tells two kinds of items apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from riskkit.measures.consistency import support_by_prompt
from riskkit.measures.correctness import Rule, check
from riskkit.model import Measurement, Sample

Floats = NDArray[np.float64]


class Separation(NamedTuple):
    """The chance that a positive item scores above a negative one, with its interval."""

    auroc: float
    low: float
    high: float
    positives: int
    negatives: int


def auroc(scores: ArrayLike, positive: ArrayLike, *, level: float = 0.95) -> Separation:
    """Area under the ROC curve; ties count half. The interval is taken on the log-odds, so it stays within 0 and 1.

    E. R. DeLong et al. (1988), Biometrics 44, 837-845, for the variance. Where no pair is the wrong way round the
    variance is zero; the bound for no miss in as many items as the smaller kind has takes its place.

    Raises
    ------
    ValueError
        When there are not two of each kind, or a score is no number.
    """
    values, is_positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    above, below = values[is_positive], values[~is_positive]
    if min(len(above), len(below)) < 2:
        raise ValueError(f"needs two of each kind; there are {len(above)} and {len(below)}")
    if not np.isfinite(values).all():
        raise ValueError("every item needs a score")
    from_above, from_below = _placements(above, below), 1 - _placements(below, above)
    area = float(from_above.mean())
    spread = sqrt(from_above.var(ddof=1) / len(above) + from_below.var(ddof=1) / len(below))
    z = float(stats.norm.ppf(0.5 + level / 2))
    if not 0 < area < 1 or spread == 0:
        reach = 1 - ((1 - level) / 2) ** (1 / min(len(above), len(below)))
        return Separation(area, max(0.0, area - reach), min(1.0, area + reach), len(above), len(below))
    centre, width = log(area / (1 - area)), z * spread / (area * (1 - area))
    low, high = (1 / (1 + exp(-x)) for x in (centre - width, centre + width))
    return Separation(area, low, high, len(above), len(below))


def support_auroc(
    samples: Sequence[Sample],
    *,
    resamples: Sequence[int],
    rule: Rule = "lenient",
    level: float = 0.95,
) -> tuple[Measurement, ...]:
    """How well the support of the shown answer tells right answers from wrong ones, by number of re-samples.

    0.5 is chance, 1 perfect. The shown answer is the first; ``n`` counts prompts whose first answer could be compared.
    One measurement a number, its segment names it; what a target has not enough samples for is undefined.
    """
    checked = check(samples, rule=rule)
    first = checked[checked["sample"] == checked.groupby("prompt_id")["sample"].transform("min")]
    right = first[first["right"].notna()].set_index("prompt_id")["right"].astype(bool)
    return tuple(_support(samples, right.to_dict(), count, level) for count in resamples)


def _support(
    samples: Sequence[Sample], right: Mapping[Hashable, bool], count: int, level: float
) -> Measurement:
    table = support_by_prompt(samples, resamples=count)
    known = [(v, right[n]) for n, v in zip(table["prompt_id"], table["support"], strict=True) if n in right]
    what = {
        "measure": "support_auroc",
        "segment": f"{count} re-samples",
        "level": level,
        "n": len(known),
        "unit": "AUROC",
        "method": "support of the first answer against its correctness; DeLong interval on the log-odds",
    }
    try:
        found = auroc([value for value, _ in known], [is_right for _, is_right in known], level=level)
    except ValueError as error:
        return Measurement(**what, value=None, undefined=str(error))
    said = f"{found.positives} right and {found.negatives} wrong answers"
    return Measurement(**what, value=found.auroc, low=found.low, high=found.high, note=said)


def _placements(ours: Floats, theirs: Floats) -> Floats:
    """For each of ``ours``, the share of ``theirs`` below it; ties count half."""
    ordered = np.sort(theirs)
    low, high = np.searchsorted(ordered, ours, "left"), np.searchsorted(ordered, ours, "right")
    return (low + high) / (2 * len(theirs))
