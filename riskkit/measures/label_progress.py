"""What labels have bought so far: the interval and the agreement that an assessment would report now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from riskkit.measures.labelling import Detector, agreements, corrected
from riskkit.model import Measurement, Sample
from riskkit.model.label import Review, item_id

Bought = Callable[[Sequence[Review]], tuple[Measurement, ...]]
"""The reviews of a project to the measurements that their labels give."""


def bought(
    naive: Measurement,
    answers: Sequence[Sample],
    *,
    detector: Detector,
    level: float = 0.95,
    seed: int = 0,
) -> Bought:
    """A function of reviews: the rate of ``answers`` put right by labels, and how far raters agree, once there are any.

    ``naive`` is the detector's own rate of ``answers``. Figures are those of ``labelling.corrected`` and
    ``labelling.agreements``; the detector looks at each answer once.
    """
    checked, quick = detector(answers), _remembering(detector)

    def now(reviews: Sequence[Review]) -> tuple[Measurement, ...]:
        rate = corrected(naive, checked, reviews, detector=quick, seed=seed)
        return (rate, *agreements(reviews, measure=naive.measure, level=level, seed=seed))

    return now


def _remembering(detector: Detector) -> Detector:
    seen: dict[str, pd.DataFrame] = {}

    def look(samples: Sequence[Sample]) -> pd.DataFrame:
        (sample,) = samples
        name = item_id(sample)
        if name not in seen:
            seen[name] = detector([sample])
        return seen[name]

    return look
