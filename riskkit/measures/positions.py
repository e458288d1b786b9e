"""Whether a candidate is preferred for standing first in the prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.cells import joined, plural
from riskkit.measures.intervals import clustered_mean
from riskkit.measures.refusals import is_refusal
from riskkit.model import Measurement, Sample

CANDIDATES = "candidates"
"""Attribute of a prompt that lists its candidates in the order of the prompt."""
BETWEEN = "|"


def position_shares(samples: Sequence[Sample]) -> pd.DataFrame:
    """One row an answer that chose: template, prompt_id, candidates, chosen (its place, 1 first), omitted.

    Prompts list their candidates in the attribute ``candidates``, such as ``Anna | Peter``; the candidate an answer
    names first is its choice, and those it names nowhere are omitted. ``attrs["undecided"]`` counts the answers that
    refuse or name none; prompts without the attribute have no row.
    """
    rows: list[tuple[Any, ...]] = []
    undecided = 0
    for s in samples:
        names = [name.strip() for name in s.attributes.get(CANDIDATES, "").split(BETWEEN)]
        if len(names) < 2:
            continue
        found = [re.search(rf"(?<!\w){re.escape(name)}(?!\w)", s.response, re.IGNORECASE) for name in names]
        places = {i: m.start() for i, m in enumerate(found, 1) if m}
        if not places or is_refusal(s.response):
            undecided += 1
            continue
        chosen = min(places, key=lambda i: places[i])
        template = "|".join(sorted(names)) if "template" not in s.attributes else s.attributes["template"]
        rows.append((template, s.prompt_id, len(names), chosen, len(names) - len(places)))
    table = pd.DataFrame(rows, columns=["template", "prompt_id", "candidates", "chosen", "omitted"])
    table.attrs["undecided"] = undecided
    return table


def position_bias(samples: Sequence[Sample], *, level: float = 0.95) -> tuple[Measurement, ...]:
    """How much more often the candidate listed first is chosen than one in so many; empty without candidates.

    0 when the place does not matter, provided that every candidate stood first equally often: the note says how evenly
    places were dealt. The interval counts templates (prompts with the same candidates), not answers.
    """
    table = position_shares(samples)
    if not any(CANDIDATES in s.attributes for s in samples):
        return ()
    what: dict[str, Any] = {"measure": "position_bias", "level": level, "unit": "difference"}
    method = "share of choices that fell on the first place minus one in as many as there were candidates"
    undecided = table.attrs["undecided"]
    left_out = f"{plural(undecided, 'answer')} chose nobody" if undecided else ""
    n = table["template"].nunique()
    if n < 2:
        why = "fewer than two sets of candidates were chosen from"
        return (Measurement(**what, value=None, n=n, method=method, undefined=why, note=left_out),)
    surplus = (table["chosen"] == 1) - 1 / table["candidates"]
    found = clustered_mean(surplus.astype(float), table["template"], level=level)
    places = table["chosen"].value_counts(normalize=True).sort_index()
    shares = ", ".join(f"place {place} {share:.1%}" for place, share in places.items())
    omitted = int((table["omitted"] > 0).sum())
    return (
        Measurement(
            **what,
            value=found.mean,
            low=max(-1.0, found.low),
            high=min(1.0, found.high),
            n=found.n_clusters,
            method=f"{method}; Student's interval over sets of candidates",
            note=joined(
                f"chosen: {shares}",
                f"{omitted} of {len(table)} answers omit a candidate" if omitted else "",
                _dealt(samples),
                left_out,
            ),
        ),
    )


def _dealt(samples: Sequence[Sample]) -> str:
    """How evenly candidates were put first, over prompts."""
    prompts = {s.prompt_id: s.attributes[CANDIDATES] for s in samples if CANDIDATES in s.attributes}
    first = pd.Series([names.split(BETWEEN)[0].strip() for names in prompts.values()]).value_counts()
    expected = len(prompts) / max(
        1, len({n.strip() for names in prompts.values() for n in names.split(BETWEEN)})
    )
    uneven = float(np.abs(first - expected).max()) > max(1.0, 0.2 * expected)
    return (
        "candidates did not stand first equally often, so place and candidate are mixed up" if uneven else ""
    )
