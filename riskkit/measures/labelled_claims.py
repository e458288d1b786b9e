"""Claims that people looked up one by one, put together answer by answer."""

from __future__ import annotations

import pandas as pd

from riskkit.measures.shares import share
from riskkit.model import Measurement


def supported_claim_rate(claims: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The mean share of an answer's claims that hold, one measurement a model; ``n`` counts answers.

    Claims of one answer are not independent, so answers count, each alike however long (the FActScore of S. Min et al.
    2023, arXiv 2305.14251). Columns of ``claims``: model, response, answered, supported, claims. Answers that make no
    claim at all count as unanswered.
    """
    return tuple(_of_model(str(name), part, level) for name, part in claims.groupby("model", sort=True))


def claims_answer_rate(claims: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The share of prompts that were answered, one measurement a model; beside it a rate of claims can be read."""
    return tuple(
        share(
            "claims_answer_rate",
            part["answered"].astype(float).tolist(),
            part["response"].tolist(),
            level=level,
            segment=str(name),
            method="answers, by the label that says so",
            nothing="there are no answers",
        )
        for name, part in claims.groupby("model", sort=True)
    )


def _of_model(name: str, part: pd.DataFrame, level: float) -> Measurement:
    used = part[part["answered"] & (part["claims"] > 0)]
    return share(
        "supported_claim_rate",
        (used["supported"] / used["claims"]).tolist(),
        used["response"].tolist(),
        level=level,
        segment=name,
        method="mean over answers of the share of labelled claims that are supported",
        note=f"{used['claims'].mean():.1f} claims an answer; {len(part) - len(used)} of {len(part)} prompts unanswered",
        nothing="no answer makes a claim",
        to="answers",
    )
