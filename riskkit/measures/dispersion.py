"""How many different things a model says when it is asked the same again.

Spread among re-samples shows arbitrary errors: an answer the model makes up differs each time. It does not show
misconceptions, which the model repeats. Of the two uses, judging the shown answer by its support
(:mod:`riskkit.measures.consistency`) ranks right above wrong better than judging the question by its spread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import log

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from riskkit.measures.consistency import jaccard, word_set
from riskkit.measures.grounding import refuse_duplicates
from riskkit.measures.intervals import clustered_mean
from riskkit.measures.text import storable
from riskkit.model import Measurement, Sample

SAME = 0.5
"""Word overlap (Jaccard) from which two answers count as saying the same."""


def dispersion_by_prompt(samples: Sequence[Sample]) -> pd.DataFrame:
    """One row a prompt with two answers or more: prompt_id, answers, clusters, entropy, meanings, degree.

    ``clusters`` are groups of answers linked by a word overlap of one half; ``entropy`` (nats) is that of their shares
    (discrete semantic entropy with lexical clusters; S. Farquhar et al. 2024, Nature 630, 625-630). ``meanings`` is the
    effective number of different answers, ``sum(max(0, 1 - eigenvalue))`` of the normalised Laplacian of the overlaps,
    and ``degree`` the mean dissimilarity of two answers (Z. Lin et al. 2024, arXiv 2305.19187).
    """
    refuse_duplicates(samples)
    by_prompt: dict[str, list[frozenset[str]]] = defaultdict(list)
    for s in sorted(samples, key=lambda s: s.sample):
        by_prompt[s.prompt_id].append(word_set(s.response))
    rows = [
        (storable(name), len(sets), *_spread(_overlaps(sets)))
        for name, sets in by_prompt.items()
        if len(sets) > 1
    ]
    return pd.DataFrame(rows, columns=["prompt_id", "answers", "clusters", "entropy", "meanings", "degree"])


def answer_dispersion(samples: Sequence[Sample], *, level: float = 0.95) -> Measurement:
    """The mean effective number of different answers to one prompt, 1 where all agree; ``n`` counts prompts."""
    table = dispersion_by_prompt(samples)
    what = {"measure": "answer_dispersion", "level": level, "n": len(table), "unit": "different answers"}
    method = "EigV of word overlaps among the answers to a prompt; t interval over prompts"
    if len(table) < 2:
        why = "needs at least two prompts with two answers each"
        return Measurement(**what, value=None, method=method, undefined=why)
    found = clustered_mean(table["meanings"], table["prompt_id"], level=level)
    asked = " to ".join(dict.fromkeys((str(table["answers"].min()), str(table["answers"].max()))))
    note = f"{asked} answers a prompt, in {table['clusters'].mean():.2f} lexical clusters"
    return Measurement(
        **what, value=found.mean, low=max(1.0, found.low), high=found.high, method=method, note=note
    )


def _overlaps(sets: Sequence[frozenset[str]]) -> NDArray[np.float64]:
    return np.array([[jaccard(a, b) for b in sets] for a in sets])


def _spread(overlaps: NDArray[np.float64]) -> tuple[int, float, float, float]:
    count = len(overlaps)
    clusters, labels = connected_components(overlaps >= SAME, directed=False)
    shares = np.bincount(labels) / count
    roots = np.sqrt(overlaps.sum(axis=1))  # at least 1: every answer agrees with itself
    laplacian = np.eye(count) - overlaps / np.outer(roots, roots)
    meanings = float(np.clip(1 - np.linalg.eigvalsh(laplacian), 0, None).sum())
    degree = float((1 - overlaps).sum() / (count * (count - 1)))
    entropy = -sum(float(p) * log(p) for p in shares)
    return int(clusters), abs(entropy), meanings, degree
