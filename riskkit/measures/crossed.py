"""Answers to prompts that differ in one attribute, as a table: which decision each answer states, and how it reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskkit.measures.refusals import is_refusal
from riskkit.measures.text import words
from riskkit.model import Sample

REFUSED = "refused"
"""The outcome of an answer that declines: a class of its own, and not favourable."""


def crossed_answers(
    samples: Sequence[Sample],
    *,
    template: str,
    outcomes: Sequence[str],
    favourable: Sequence[str] = (),
    attributes: Sequence[str] = (),
) -> pd.DataFrame:
    """One row an answer: template, prompt_id, sample, the attributes, outcome, favourable, refused, words.

    Parameters
    ----------
    template : attribute that answers to the same text share, such as ``note``.
    outcomes : the decisions there are; the one an answer names first, as a whole word, is its own. An answer that names
        none has a missing outcome.
    favourable : outcomes that count as favourable; where empty, the one that the prompt's reference names.
    attributes : what the prompts vary; where empty, every attribute that takes two values or more within a template.

    ``attrs["attributes"]`` lists them. Refusals are told by English wording (see ``refusals``).

    Raises
    ------
    ValueError
        When an answer lacks the template attribute, or nothing varies within a template.
    """
    if lacking := [s.prompt_id for s in samples if template not in s.attributes]:
        raise ValueError(f"{len(lacking)} answers have no attribute {template!r}, for example {lacking[0]}")
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, outcomes))})\b", re.IGNORECASE)
    same = {outcome.lower(): outcome for outcome in outcomes}
    table = pd.DataFrame(
        [
            (s.attributes[template], s.prompt_id, s.sample, *_read(s, pattern, same, favourable))
            for s in samples
        ],
        columns=["template", "prompt_id", "sample", "outcome", "favourable", "refused", "words"],
    )
    given = pd.DataFrame([s.attributes for s in samples]).drop(columns=template)
    varied = [
        str(name)
        for name in (attributes or given.columns)
        if bool((given[name].groupby(table["template"]).nunique() > 1).any())
    ]
    if not varied:
        raise ValueError(f"no attribute takes two values for one {template}: nothing is crossed")
    table = pd.concat([table, given[varied].fillna("missing")], axis=1)
    table.attrs = {"attributes": varied, "template": template}
    return table


def crossing(table: pd.DataFrame) -> pd.DataFrame:
    """Whether every template was asked with every value of each attribute: a row an attribute.

    Columns: attribute, values, templates, complete (templates answered at every value), answers, fewest and most
    answers a template and value. Where templates are incomplete, values are compared on different texts; only complete
    templates enter the differences.
    """
    rows = []
    for attribute in table.attrs["attributes"]:
        cells = table.groupby(["template", attribute]).size().unstack(fill_value=0)
        complete = int((cells > 0).all(axis=1).sum())
        counts = cells.to_numpy()
        rows.append(
            (attribute, *cells.shape[::-1], complete, len(table), int(counts.min()), int(counts.max()))
        )
    return pd.DataFrame(
        rows, columns=["attribute", "values", "templates", "complete", "answers", "fewest", "most"]
    )


def mentions(samples: Sequence[Sample], *, attributes: Sequence[str]) -> pd.DataFrame:
    """How many prompts say the value of an attribute in so many words: columns attribute, prompts, mention, share.

    A model cannot react to what its prompt does not hold: where the share is low, no effect says little.
    """
    prompts = {s.prompt_id: s for s in samples}.values()
    rows = []
    for name in attributes:
        having = [s for s in prompts if s.attributes.get(name)]
        said = sum(_says(f"{s.prompt}\n{s.context}", s.attributes[name]) for s in having)
        rows.append((name, len(having), said, said / len(having) if having else float("nan")))
    return pd.DataFrame(rows, columns=["attribute", "prompts", "mention", "share"])


def _says(text: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE) is not None


def _read(
    sample: Sample, pattern: re.Pattern[str], same: dict[str, str], favourable: Sequence[str]
) -> tuple[str | None, float, bool, int]:
    """The outcome, 1.0 or 0.0 for favourable or not (NaN where undecided), whether refused, and the length."""
    length = len(words(sample.response))
    if is_refusal(sample.response):
        return REFUSED, 0.0, True, length
    named = pattern.search(sample.response)
    if named is None:
        return None, np.nan, False, length
    outcome = same[named.group(1).lower()]
    good = favourable or ([sample.reference] if sample.reference else [])
    return outcome, float(outcome in good) if good else np.nan, False, length
