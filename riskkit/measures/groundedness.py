"""How much of an answer's wording its material holds: a score, where invented facts are a yes or no.

Runs of n words are looked up in the material. Single words suit answers in words of their own, runs of three suit
extracts: on people's labels of summaries, runs of three had an AUROC of 0.85 for extracts, single words of 0.68 for
abstracts. Whether the score is worth anything on other answers, labels tell (:func:`against_labels`).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskkit.measures.auroc import auroc
from riskkit.measures.grounding import refuse_duplicates
from riskkit.measures.refusals import is_refusal
from riskkit.measures.shares import share
from riskkit.measures.text import sentences, storable, words
from riskkit.model import Measurement, Sample
from riskkit.model.label import Review

RUNS = (1, 2, 3, 4)
"""Lengths of the runs of words that are looked up."""


def coverage(text: str, material: str, *, n: int) -> float:
    """The share of the runs of ``n`` words in ``text`` that ``material`` holds; NaN where ``text`` has none."""
    runs, held = _runs(text, n), set(_runs(material, n))
    return sum(run in held for run in runs) / len(runs) if runs else float("nan")


def by_sentence(samples: Sequence[Sample]) -> pd.DataFrame:
    """One row a sentence: prompt_id, sample, sentence, p1 to p4 (coverage by runs of 1 to 4 words), text.

    Context and prompt together are the material. Refusals and answers without a context are left out.
    """
    refuse_duplicates(samples)
    rows = []
    for s in samples:
        if is_refusal(s.response) or not s.context.strip():
            continue
        material = f"{s.context}\n{s.prompt}"
        for number, text in enumerate(sentences(s.response)):
            found = (coverage(text, material, n=n) for n in RUNS)
            rows.append((storable(s.prompt_id), s.sample, number, *found, storable(text)))
    return pd.DataFrame(rows, columns=["prompt_id", "sample", "sentence", *(f"p{n}" for n in RUNS), "text"])


def by_answer(samples: Sequence[Sample]) -> pd.DataFrame:
    """One row an answer: prompt_id, sample, p1 to p4; each the mean over its sentences that have runs so long."""
    table, names = by_sentence(samples), [f"p{n}" for n in RUNS]
    return table.groupby(["prompt_id", "sample"], sort=False)[names].mean().reset_index()


def groundedness(samples: Sequence[Sample], *, n: int = 1, level: float = 0.95) -> Measurement:
    """The mean share of an answer's runs of ``n`` words that its material holds, 0 to 1; ``n`` counts prompts.

    Formula: mean over sentences of (runs of n words that the material holds / runs of the sentence).
    Limits: Words, not meaning: a faithful paraphrase scores low, a copied phrase out of place scores high.
    """
    table = by_answer(samples)
    known = table[table[f"p{n}"].notna()]
    return share(
        "groundedness",
        known[f"p{n}"].tolist(),
        known["prompt_id"].tolist(),
        level=level,
        method=f"runs of {n} words that the material holds, mean over sentences" if n > 1
        else "words that the material holds, mean over sentences",
        unit="mean coverage",
        nothing="no answer has a context to be held against",
    )  # fmt: skip


def against_labels(
    reviews: Sequence[Review], *, measure: str = "invented_fact_rate", level: float = 0.95
) -> pd.DataFrame:
    """How well low coverage tells answers in which people found the fault: score, auroc, low, high, faulty, others.

    One row a length of runs, over the labelled answers; empty without two of each kind.
    """
    settled = [
        (r.items[i], bad) for r in reviews if r.rubric.measure == measure for i, bad in r.settled().items()
    ]
    rows = []
    for n in RUNS:
        scored = [(_score(s, n), bad) for s, bad in settled]
        known = [(score, bad) for score, bad in scored if score == score]
        if min(sum(bad for _, bad in known), sum(not bad for _, bad in known)) < 2:
            continue
        found = auroc([-score for score, _ in known], [bad for _, bad in known], level=level)
        rows.append((f"p{n}", found.auroc, found.low, found.high, found.positives, found.negatives))
    return pd.DataFrame(rows, columns=["score", "auroc", "low", "high", "faulty", "others"])


def _score(sample: Sample, n: int) -> float:
    table = by_answer([sample])
    return float(table[f"p{n}"].iloc[0]) if len(table) else float("nan")


def _runs(text: str, n: int) -> list[tuple[str, ...]]:
    found = words(text)
    return list(zip(*(found[i:] for i in range(n)), strict=False))
