"""How much better a model does on what it was fitted to than on what was held out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from riskkit.measures.intervals import clustered_mean
from riskkit.measures.version_pairs import is_answer_right
from riskkit.model import Measurement, Sample


class _Score(NamedTuple):
    mean: float
    low: float
    high: float
    n: int


def train_validation_gap(
    train: Sequence[float],
    validation: Sequence[float],
    *,
    train_items: Sequence[Hashable] | None = None,
    validation_items: Sequence[Hashable] | None = None,
    segment: str = "",
    level: float = 0.95,
) -> Measurement:
    """The score on training items minus that on held-out ones, each score within 0 and 1.

    Scores of one item (several answers to one prompt) are one cluster where ``items`` names it. The interval takes the
    limits of both scores together (R. G. Newcombe 1998, method 10). ``n`` counts items of the smaller side. Undefined
    with fewer than two items on a side.

    Formula: mean score on training items - mean score on held-out ones.
    Source: R. G. Newcombe (1998), method 10, for the interval.
    Limits: A held-out set that leaked into training shows no gap.
    """
    one, two = _score(train, train_items, level), _score(validation, validation_items, level)
    n = min(
        len(set(i)) if i is not None else len(v)
        for v, i in ((train, train_items), (validation, validation_items))
    )
    what: dict[str, Any] = {
        "measure": "train_validation_gap", "segment": segment, "level": level, "n": n, "unit": "difference",
        "method": "score on training items minus held-out ones; limits of both scores combined (Newcombe)",
    }  # fmt: skip
    if one is None or two is None:
        why = f"{len(train)} training and {len(validation)} held-out scores: two items of each are needed"
        return Measurement(**what, value=None, undefined=why)
    value = one.mean - two.mean
    low = value - ((one.mean - one.low) ** 2 + (two.high - two.mean) ** 2) ** 0.5
    high = value + ((one.high - one.mean) ** 2 + (two.mean - two.low) ** 2) ** 0.5
    said = f"{one.mean:.1%} of {one.n:,} training and {two.mean:.1%} of {two.n:,} held-out items"
    return Measurement(**what, value=value, low=max(-1.0, low), high=min(1.0, high), note=said)


def gap_of_answers(
    train: Sequence[Sample], validation: Sequence[Sample], *, answers: Sequence[str] = (), level: float = 0.95
) -> Measurement:
    """The gap of right answers to training prompts and held-out prompts; answers without a reference are left out.

    Raises
    ------
    ValueError
        When a prompt is on both sides: then it was not held out.
    """
    both = {s.prompt_id for s in train} & {s.prompt_id for s in validation}
    if both:
        raise ValueError(f"{len(both)} prompts are both training and held out, for example {min(both)!r}")
    scored = [[(s.prompt_id, is_answer_right(s, answers)) for s in side] for side in (train, validation)]
    one, two = ([(p, float(right)) for p, right in side if not pd.isna(right)] for side in scored)
    return train_validation_gap(
        [v for _, v in one], [v for _, v in two], train_items=[p for p, _ in one], validation_items=[p for p, _ in two],
        segment="answers", level=level,
    )  # fmt: skip


def gap_of_predictions(
    parts: dict[str, pd.DataFrame], *, prediction: str, label: str, level: float = 0.95
) -> tuple[Measurement, ...]:
    """The gap of right predictions between the first part (training) and later ones; empty without ``prediction``."""
    if not prediction:
        return ()
    lacking = [n for n, table in parts.items() if {prediction, label} - set(table.columns)]
    if lacking:
        raise ValueError(f"{', '.join(lacking)}: there is no column {prediction!r} or no column {label!r}")
    hits = {
        name: (known[prediction].astype(str) == known[label].astype(str)).astype(float).tolist()
        for name, table in parts.items()
        for known in [table.dropna(subset=[prediction, label])]
    }
    first, *later = list(hits)
    return tuple(
        train_validation_gap(hits[first], hits[name], segment=f"{first} against {name}", level=level)
        for name in later
    )


def _score(values: Sequence[float], items: Sequence[Hashable] | None, level: float) -> _Score | None:
    clusters = list(range(len(values))) if items is None else list(items)
    if len(set(clusters)) < 2:
        return None
    found = clustered_mean(list(values), clusters, level=level, proportion=True)
    return _Score(found.mean, found.low, found.high, found.n_clusters)
