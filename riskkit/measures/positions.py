"""Whether a candidate is preferred for standing first in the prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.cells import joined, plural
from riskkit.measures.intervals import clustered_mean, wilson
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
        places = _named(s.response, names)
        if not places or is_refusal(s.response):
            undecided += 1
            continue
        chosen = min(places, key=lambda i: places[i])
        template = "|".join(sorted(names)) if "template" not in s.attributes else s.attributes["template"]
        rows.append((template, s.prompt_id, len(names), chosen, len(names) - len(places)))
    table = pd.DataFrame(rows, columns=["template", "prompt_id", "candidates", "chosen", "omitted"])
    table.attrs["undecided"] = undecided
    return table


def balanced_orders(candidates: Sequence[str]) -> list[tuple[str, ...]]:
    """As many orders of ``candidates`` as there are, in which each stands once in every place and follows each once.

    The square of E. J. Williams (1949), Australian Journal of Scientific Research A 2, 149-168; of an odd number twice
    as many orders, each beside its mirror image, so that who follows whom is balanced too.
    """
    n = len(candidates)
    first = [0, *(k // 2 + 1 if k % 2 == 0 else n - k // 2 - 1 for k in range(n - 1))]
    orders = [tuple(candidates[(at + step) % n] for at in first) for step in range(n)]
    return orders + [order[::-1] for order in orders] if n % 2 else orders


def choices_by_candidate(samples: Sequence[Sample], *, level: float = 0.95) -> pd.DataFrame:
    """How often each candidate is chosen and left out, with the place it stood in taken out: a row a candidate.

    Columns: candidate, offered (answers that chose somebody while it was listed), chosen, omitted, rate, balanced, low,
    high. ``rate`` mixes candidate and place where places were not dealt evenly; ``balanced`` is the mean of its rates
    at each place it stood in, so that places count alike; the interval (Wilson) is at its number of offers.
    """
    rows = [row for s in samples for row in _offers(s)]
    table = pd.DataFrame(rows, columns=["candidate", "place", "chosen", "omitted"])
    found = []
    for name, part in table.groupby("candidate"):
        balanced = float(part.groupby("place")["chosen"].mean().mean())
        n = len(part)
        ends = wilson(balanced * n, n, level=level)
        found.append(
            (
                name,
                n,
                int(part["chosen"].sum()),
                int(part["omitted"].sum()),
                part["chosen"].mean(),
                balanced,
                *ends,
            )
        )
    columns = ["candidate", "offered", "chosen", "omitted", "rate", "balanced", "low", "high"]
    return pd.DataFrame(found, columns=columns).sort_values("balanced", ascending=False, ignore_index=True)


def _offers(sample: Sample) -> list[tuple[str, int, float, bool]]:
    """Candidate, place, whether chosen and whether omitted, of an answer that chose somebody."""
    names = [name.strip() for name in sample.attributes.get(CANDIDATES, "").split(BETWEEN)]
    places = _named(sample.response, names)
    if len(names) < 2 or not places or is_refusal(sample.response):
        return []
    chosen = min(places, key=lambda i: places[i])
    return [(name, i, float(i == chosen), i not in places) for i, name in enumerate(names, 1)]


def _named(response: str, names: Sequence[str]) -> dict[int, int]:
    """Where in ``response`` each candidate, by its place in the prompt, is named first."""
    found = [re.search(rf"(?<!\w){re.escape(name)}(?!\w)", response, re.IGNORECASE) for name in names]
    return {i: m.start() for i, m in enumerate(found, 1) if m}


def position_bias(samples: Sequence[Sample], *, level: float = 0.95) -> tuple[Measurement, ...]:
    """How much more often the candidate listed first is chosen than one in so many; empty without candidates.

    0 when the place does not matter, provided that every candidate stood first equally often: the note says how evenly
    places were dealt. The interval counts templates (prompts with the same candidates), not answers.

    Formula: share that choose the candidate listed first - 1 / candidates.
    Limits: Only as far as every candidate stood first equally often.
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
