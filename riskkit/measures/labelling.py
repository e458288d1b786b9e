"""A detector's rate put right by what people found in a part of the answers.

A detector misses faults and sees some that are none, so its own rate is no estimate of the true one: at a rate of 5 %
its interval holds the truth hardly ever. A few labels tell how often each of its two verdicts is right; applied to all
answers they give the rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.agreement import rater_agreement
from riskkit.measures.intervals import clustered_mean
from riskkit.model import Measurement, Sample
from riskkit.model.label import Review

Floats = NDArray[np.float64]
Detector = Callable[[Sequence[Sample]], pd.DataFrame]
"""Answers to a table with one row each and a column ``flagged``, missing where nothing was looked at."""
FEWEST = 10
"""Labels in each of the two strata below which nothing is corrected."""
DRAWS = 20_000


class Strata(NamedTuple):
    """Labels by the detector's verdict: faults found among how many flagged, and among how many not flagged."""

    faulty_flagged: int
    flagged: int
    faulty_passed: int
    passed: int


def poststratified(
    share_flagged: float, size: float, strata: Strata, *, rng: np.random.Generator, draws: int = DRAWS
) -> Floats:
    """Draws of the true rate: ``q * PPV + (1 - q) * FOR``, each part from its Beta distribution (Jeffreys prior).

    ``share_flagged`` of ``size`` independent answers are flagged. The labels may be drawn from the two verdicts in any
    proportion, because each is used within its own.
    """
    flagged = share_flagged * size
    q = rng.beta(flagged + 0.5, size - flagged + 0.5, draws)
    right = rng.beta(strata.faulty_flagged + 0.5, strata.flagged - strata.faulty_flagged + 0.5, draws)
    missed = rng.beta(strata.faulty_passed + 0.5, strata.passed - strata.faulty_passed + 0.5, draws)
    rate: Floats = q * right + (1 - q) * missed
    return rate


def corrected(
    naive: Measurement,
    checked: pd.DataFrame,
    reviews: Sequence[Review],
    *,
    detector: Detector,
    seed: int = 0,
    labels_on: Sequence[str] = (),
) -> Measurement:
    """``naive`` put right by the labels of its measure; with too few of them, ``naive`` with a note that says so.

    ``labels_on`` names the measures whose labels count, where they are others. ``checked`` is what ``detector`` says of
    the measured answers (columns prompt_id and flagged). The labelled answers may be others of the same target: the
    detector is put to them anew. The note holds the naive rate.
    """
    labels = strata(reviews, *(labels_on or [naive.measure]), detector=detector)
    fewest = min(labels.flagged, labels.passed)
    if naive.value is None or fewest < FEWEST:
        had = f"{labels.flagged} flagged and {labels.passed} other answers have a label, {FEWEST} of each are needed"
        none = not labels.flagged + labels.passed
        why = (
            f"the detector's own rate, not corrected for its errors: {'there are no labels' if none else had}"
        )
        return naive.model_copy(update={"note": "; ".join(filter(None, [naive.note, why]))})
    share, size = _share_flagged(checked)
    drawn = poststratified(share, size, labels, rng=np.random.default_rng(seed))
    tail = (1 - naive.level) / 2
    low, high = (float(v) for v in np.quantile(drawn, [tail, 1 - tail]))
    said = (
        f"corrected by {labels.flagged + labels.passed} labels of people: {labels.faulty_flagged} of {labels.flagged} "
        f"flagged and {labels.faulty_passed} of {labels.passed} other answers have the fault; "
        f"the detector alone says {naive.value:.3f}"
    )
    method = "detector and labels together, post-stratified by its verdict; Beta intervals (Jeffreys)"
    update: dict[str, Any] = {"value": float(drawn.mean()), "low": low, "high": high, "method": method}
    return naive.model_copy(update={**update, "note": "; ".join(filter(None, [said, naive.note]))})


def strata(reviews: Sequence[Review], *measures: str, detector: Detector) -> Strata:
    """The settled labels on ``measures``, by what ``detector`` says of the answers they are on."""
    counts = np.zeros((2, 2), dtype=int)
    for review in reviews:
        settled = review.settled() if review.rubric.measure in measures else {}
        for item, faulty in settled.items():
            for flagged in detector([review.items[item]])["flagged"].dropna():
                counts[int(flagged), int(faulty)] += 1
    (passed, missed), (false_alarms, hits) = counts.tolist()
    return Strata(hits, hits + false_alarms, missed, passed + missed)


def detector_table(
    checked: pd.DataFrame,
    reviews: Sequence[Review],
    *,
    measure: str,
    detector: Detector,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """How the detector does against people, one row a property: property, value, low, high, labels.

    Sensitivity and specificity are those on all answers, not on the labelled ones, of which flagged ones are a larger
    part; a detector that only flags has the mean of both as its AUROC. Empty without labels.
    """
    columns = ["property", "value", "low", "high", "labels"]
    labels = strata(reviews, measure, detector=detector)
    if not min(labels.flagged, labels.passed):
        return pd.DataFrame(columns=columns)
    share, size = _share_flagged(checked)
    rng = np.random.default_rng(seed)
    q = rng.beta(share * size + 0.5, (1 - share) * size + 0.5, DRAWS)
    right = rng.beta(labels.faulty_flagged + 0.5, labels.flagged - labels.faulty_flagged + 0.5, DRAWS)
    missed = rng.beta(labels.faulty_passed + 0.5, labels.passed - labels.faulty_passed + 0.5, DRAWS)
    sensitivity = q * right / (q * right + (1 - q) * missed)
    specificity = (1 - q) * (1 - missed) / ((1 - q) * (1 - missed) + q * (1 - right))
    drawn = {
        "flagged answers that have the fault": right,
        "other answers that have it": missed,
        "faults that are flagged (sensitivity)": sensitivity,
        "answers without fault that are not flagged (specificity)": specificity,
        "a faulty answer is told from another (AUROC)": (sensitivity + specificity) / 2,
    }
    tail, both = (1 - level) / 2, labels.flagged + labels.passed
    used = (labels.flagged, labels.passed, both, both, both)
    rows = [
        (name, float(values.mean()), *map(float, np.quantile(values, [tail, 1 - tail])), n)
        for (name, values), n in zip(drawn.items(), used, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def agreement(reviews: Sequence[Review], *, measure: str, level: float = 0.95, seed: int = 0) -> Measurement:
    """How far the raters of the reviews on ``measure`` agree; undefined without answers that two have labelled."""
    both = {
        f"{review.name}/{item}": labels
        for review in reviews
        if review.rubric.measure == measure
        for item, labels in review.by_item().items()
    }
    return rater_agreement(both, level=level, seed=seed)


def agreements(
    reviews: Sequence[Review], *, measure: str, level: float = 0.95, seed: int = 0
) -> tuple[Measurement, ...]:
    """The agreement of raters as what a notebook concludes: nothing as long as nobody has labelled anything."""
    labelled = any(r.labels for r in reviews if r.rubric.measure == measure)
    found = agreement(reviews, measure=measure, level=level, seed=seed)
    return (found.model_copy(update={"segment": f"labels on {measure}"}),) if labelled else ()


def _share_flagged(checked: pd.DataFrame) -> tuple[float, float]:
    """The share of looked-at answers that are flagged, and how many independent ones they are worth."""
    known = checked[checked["flagged"].notna()]
    values = known["flagged"].to_numpy(dtype=float)
    found = clustered_mean(values, known["prompt_id"], proportion=True)
    alike = max(found.icc or 0.0, 0.0)
    a_prompt = len(known) / found.n_clusters
    return found.mean, len(known) / (1 + (a_prompt - 1) * alike)
