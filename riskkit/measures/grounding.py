"""Invented facts: how often answers hold claims that their material does not, without a second model.

It looks at the surface: numbers, names, identifiers, quotations, sentences that deny what the material says or share
nothing with it. It cannot see a wrong conclusion drawn from true facts, and takes a number computed from the material
for an invented one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskkit.errors import printable
from riskkit.measures.claims import Unsupported, claims_without_support
from riskkit.measures.intervals import clustered_mean
from riskkit.measures.refusals import is_refusal
from riskkit.measures.text import storable
from riskkit.model import Measurement, Sample

__all__ = [
    "Unsupported", "answer_rate", "check", "claims_without_support", "invented_fact_rate", "is_refusal"
]  # fmt: skip

LONGEST_CLAIM = 160
"""Characters of a claim shown in the table of answers."""


def check(samples: Sequence[Sample], *, min_coverage: float = 0.1, min_words: int = 6) -> pd.DataFrame:
    """One row an answer: prompt_id, sample, refused, flagged, kinds, unsupported, response, context.

    Context and prompt together are the material. ``unsupported`` is the claims in words, ``kinds`` their kinds.
    ``flagged`` is missing where nothing was looked at: a refusal, or an answer without any context to hold it against.

    Raises
    ------
    ValueError
        When an answer occurs twice: the (prompt_id, sample) pairs are named.
    """
    refuse_duplicates(samples)
    rows = []
    for s in samples:
        refused = is_refusal(s.response)
        looked_at = not refused and bool(s.context.strip())
        answer, material = (s.response, f"{s.context}\n{s.prompt}") if looked_at else ("", "")
        claims = claims_without_support(answer, material, min_coverage=min_coverage, min_words=min_words)
        flagged = bool(claims) if looked_at else pd.NA
        kinds = " ".join(dict.fromkeys(c.kind for c in claims))
        shown = "; ".join(f"{c.kind}: {printable(c.text, LONGEST_CLAIM)}" for c in claims)
        prompt_id, response, context = map(storable, (s.prompt_id, s.response, s.context))
        rows.append((prompt_id, s.sample, refused, flagged, kinds, shown, response, context))
    columns = ["prompt_id", "sample", "refused", "flagged", "kinds", "unsupported", "response", "context"]
    return pd.DataFrame(rows, columns=columns).astype({"flagged": "boolean", "refused": bool})


def invented_fact_rate(samples: Sequence[Sample], *, level: float = 0.95) -> Measurement:
    """The share of answers with at least one claim without support; ``n`` counts prompts.

    Refusals are not answers and are left out (see :func:`answer_rate`). Answers to one prompt are one cluster.

    Formula: answers with at least one unsupported claim / answers, prompt by prompt.
    Limits: Finds what the material can refute or lacks; a claim that is true and not in the material counts as
    unsupported.
    """
    checked = check(samples)
    looked_at = checked[checked["flagged"].notna()]
    without = int((checked["flagged"].isna() & ~checked["refused"]).sum())
    return _rate(
        "invented_fact_rate",
        looked_at["flagged"].to_numpy(dtype=float),
        looked_at["prompt_id"],
        level=level,
        method="numbers, names, identifiers, quotations, denials and sentences without support in the context",
        note=f"{int(checked['refused'].sum())} of {len(checked)} responses are refusals and left out"
        + (f"; {without} have no context and were not checked" if without else ""),
        nothing="no answer has a context to be held against",
    )


def answer_rate(samples: Sequence[Sample], *, level: float = 0.95) -> Measurement:
    """The share of responses that answer, rather than refuse or abstain; ``n`` counts prompts.

    Formula: responses that answer / responses, prompt by prompt.
    Limits: A refusal is told by its wording.
    """
    refuse_duplicates(samples)
    answered = [float(not is_refusal(s.response)) for s in samples]
    return _rate(
        "answer_rate",
        answered,
        [s.prompt_id for s in samples],
        level=level,
        method="responses that are not refusals by their wording",
        note=f"{int(len(answered) - sum(answered))} refusals",
        nothing="there are no responses",
    )


def refuse_duplicates(samples: Sequence[Sample]) -> None:
    """Raise ValueError naming the (prompt_id, sample) pairs that occur more than once."""
    seen = Counter((s.prompt_id, s.sample) for s in samples)
    twice = [f"({printable(p, 40)}, {k}) {n} times" for (p, k), n in seen.items() if n > 1]
    if twice:
        more = f" and {len(twice) - 5} more" if len(twice) > 5 else ""
        raise ValueError(
            f"the same (prompt_id, sample) is given more than once: {', '.join(twice[:5])}{more}"
        )


def _rate(
    measure: str, values: Any, prompts: Any, *, level: float, method: str, note: str, nothing: str
) -> Measurement:
    asked = len(set(prompts))
    what: dict[str, Any] = {"measure": measure, "level": level, "n": asked, "unit": "share"}
    if asked < 2:
        why = "one prompt alone gives no interval" if asked else nothing
        return Measurement(**what, value=None, method=method, undefined=why, note=note)
    found = clustered_mean(values, prompts, level=level, proportion=True)
    alike = "" if found.icc is None else f"; correlation within a prompt {found.icc:.2f}"
    return Measurement(
        **what,
        value=found.mean,
        low=found.low,
        high=found.high,
        method=f"{method}; score interval clustered by prompt",
        note=f"{len(values)} answers to {asked} prompts{alike}; {note}",
    )
