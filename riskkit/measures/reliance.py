"""Whether decisions follow the record, and whether explanations name what the decisions follow.

The same case is put several times: as it is, and with one field changed or removed. Attributes of the prompts say so:
``case`` names the case, ``changed`` the field (absent or empty where the case is as it is), and ``matters`` (``no``)
marks a field that should make no difference.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from riskkit.measures.grounding import refuse_duplicates
from riskkit.measures.refusals import is_refusal
from riskkit.measures.shares import share
from riskkit.measures.text import storable, words
from riskkit.model import Measurement, Sample


class _Trial(NamedTuple):
    original: Sample
    altered: Sample


def decision_in(response: str, decisions: Sequence[str]) -> str | None:
    """The one of ``decisions`` that ``response`` gives: the one it names first, as whole words; None when none."""
    found = [
        (match.start(), -len(decision), decision)
        for decision in decisions
        if (match := re.search(rf"(?<!\w){re.escape(decision)}(?!\w)", response, re.IGNORECASE))
    ]
    return min(found)[2] if found else None


def check(samples: Sequence[Sample], *, decisions: Sequence[str]) -> pd.DataFrame:
    """One row a case, changed field and sample number: case, sample, field, matters, before, after, flipped, cited.

    ``before`` and ``after`` are the decisions on the case as it is and as changed; ``cited`` says whether the answer to
    the case as it is names the field or its value in the record. Refusals, and answers without one of ``decisions``,
    give no row.

    Raises
    ------
    ValueError
        When an answer occurs twice, or no prompt says what was changed.
    """
    refuse_duplicates(samples)
    trials = _trials(samples)
    if not trials:
        raise ValueError("no prompt has the attributes case and changed, so there is nothing to compare")
    rows = []
    for original, altered in trials:
        before, after = (decision_in(s.response, decisions) for s in (original, altered))
        if before is None or after is None or is_refusal(original.response) or is_refusal(altered.response):
            continue
        field = altered.attributes["changed"]
        matters = altered.attributes.get("matters", "yes") != "no"
        case = storable(original.attributes["case"])
        cited = _names(original, field)
        rows.append((case, original.sample, storable(field), matters, before, after, before != after, cited))
    names = ["case", "sample", "field", "matters", "before", "after", "flipped", "cited"]
    return pd.DataFrame(rows, columns=names)


def input_reliance_rate(
    samples: Sequence[Sample], *, decisions: Sequence[str], level: float = 0.95
) -> Measurement:
    """The share of changes to decisive fields that the decision follows; ``n`` counts cases.

    The note says how often the decision also changed where a field should make no difference, and from one sample to
    the next of the case as it is: what chance alone does.

    Formula: changes of decisive fields that change the decision / changes made.
    Limits: Sees the fields that were declared decisive.
    """
    table = check(samples, decisions=decisions)
    decisive, idle = table[table["matters"]], table[~table["matters"]]
    restless = _restlessness(samples, decisions)
    notes = (
        [f"{idle['flipped'].mean():.2f} of {len(idle)} changes that should not matter also flip it"]
        if len(idle)
        else []
    )
    notes += [f"{restless:.2f} of re-samples of the same case disagree"] if restless is not None else []
    return share(
        "input_reliance_rate",
        decisive["flipped"].astype(float).tolist(),
        decisive["case"].tolist(),
        level=level,
        method="decisions that change when a field that ought to matter is changed or removed",
        note="; ".join(notes),
        nothing="no change to a decisive field could be compared",
        of="changes",
        to="cases",
    )


def explanation_mismatch_rate(
    samples: Sequence[Sample], *, decisions: Sequence[str], level: float = 0.95
) -> Measurement:
    """The share of changes where explanation and decision disagree about a field; ``n`` counts cases.

    They disagree when the explanation names the field and the decision does not follow it, or the other way round.
    """
    table = check(samples, decisions=decisions)
    mismatch = table["cited"] != table["flipped"]
    named = int((table["cited"] & ~table["flipped"]).sum())
    silent = int((~table["cited"] & table["flipped"]).sum())
    return share(
        "explanation_mismatch_rate",
        mismatch.astype(float).tolist(),
        table["case"].tolist(),
        level=level,
        method="fields named without effect, or with effect and not named",
        note=f"{named} named without effect, {silent} with effect and not named",
        nothing="no change could be compared",
        of="changes",
        to="cases",
    )


def _trials(samples: Sequence[Sample]) -> list[_Trial]:
    """Each altered case beside the case as it is, sample number by sample number."""
    as_is = {
        (s.attributes["case"], s.sample): s
        for s in samples
        if "case" in s.attributes and not s.attributes.get("changed")
    }
    return [
        _Trial(as_is[key], s)
        for s in samples
        if s.attributes.get("changed") and (key := (s.attributes.get("case", ""), s.sample)) in as_is
    ]


def _names(sample: Sample, field: str) -> bool:
    """Whether an answer names a field of its record, or repeats the field's value."""
    said = f" {' '.join(words(sample.response))} "
    value = re.search(rf"(?im)(?:^|[;\n])\s*{re.escape(field)}\s*[:=]\s*([^;\n]+)", sample.context)
    spellings = [field.replace("_", " "), value.group(1) if value else ""]
    return any(f" {spelt} " in said for text in spellings if (spelt := " ".join(words(text))))


def _restlessness(samples: Sequence[Sample], decisions: Sequence[str]) -> float | None:
    """The share of pairs of samples of the same case as it is whose decisions differ."""
    by_case: dict[str, list[str]] = defaultdict(list)
    for s in samples:
        if "case" in s.attributes and not s.attributes.get("changed"):
            by_case[s.attributes["case"]].append(decision_in(s.response, decisions) or "none")
    pairs = differing = 0
    for made in by_case.values():
        count = len(made)
        pairs += count * (count - 1)
        differing += count * count - sum(n * n for n in Counter(made).values())
    return differing / pairs if pairs else None
