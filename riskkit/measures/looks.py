"""Evidence of a change that may be looked at every week: an e-process over scheduled looks at one probe set.

Under no change the answers to a prompt are exchangeable over looks. Given how often a prompt was answered right over
all looks so far, how many of those fall on the latest look is then hypergeometric, and prompts are independent; at the
second look with one answer each this is McNemar's exact test. The p-values of successive looks are independent, as in
conformal test martingales (V. Vovk, A. Gammerman, G. Shafer 2022, Algorithmic Learning in a Random World), so each may
be bet against: a calibrator turns it into an e-value (V. Vovk, R. Wang 2021, Annals of Statistics 49, 1736-1754). Their
products, started at every look k with weight 1/(k(k+1)) because nobody knows when a change comes, form a process that
exceeds 1/alpha under no change with a probability of at most alpha, however often one looks (Ville's inequality).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, log

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures.cells import joined
from riskkit.measures.version_pairs import is_answer_right
from riskkit.model import Measurement, Sample

Floats = NDArray[np.float64]
COLUMNS = ["look", "answers", "right", "share", "p", "e", "e_process"]
LOOK = "look"
"""Attribute of an answer that names its look; else the day it was answered, else the version."""


def e_process(right: Sequence[NDArray[np.int64]], asked: Sequence[NDArray[np.int64]]) -> pd.DataFrame:
    """One row a look: share right, the p-value against the looks before, its e-value and the e-process so far.

    ``right`` and ``asked`` hold for each look, oldest first, how many of how many answers to each prompt were right;
    prompts stand at the same place in all of them, and 0 asked means not asked. The first look has nothing before it.
    """
    rows, wealth = [], 0.0
    total_right, total = np.zeros_like(right[0]), np.zeros_like(asked[0])
    for number, (hits, count) in enumerate(zip(right, asked, strict=True)):
        if np.any(hits > count) or np.any(hits < 0):
            raise ValueError(f"look {number}: more right answers than answers")
        total_right, total = total_right + hits, total + count
        p = look_p(hits, count, total_right, total) if number else 1.0
        e = calibrated(p) if number else 1.0
        wealth = (wealth + 1 / (number * (number + 1))) * e if number else 0.0
        rows.append(
            (
                number,
                int(count.sum()),
                int(hits.sum()),
                hits.sum() / max(1, count.sum()),
                p,
                e,
                wealth + 1 / (number + 1),
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def look_p(
    hits: NDArray[np.int64], count: NDArray[np.int64], right: NDArray[np.int64], total: NDArray[np.int64]
) -> float:
    """The exact two-sided p-value that the latest look is like all of them together, itself included.

    ``hits`` of ``count`` answers of the look were right, ``right`` of ``total`` over all looks, prompt by prompt.
    """
    law = np.ones(1)
    shapes, often = np.unique(np.stack([count, right, total]), axis=1, return_counts=True)
    for (drawn, good, whole), times in zip(shapes.T, often, strict=True):
        law = np.convolve(law, _power(_hypergeometric(int(drawn), int(good), int(whole)), int(times)))
    seen = int(hits.sum())
    below, above = float(law[: seen + 1].sum()), float(law[seen:].sum())
    return min(1.0, 2 * min(below, above))


def calibrated(p: float) -> float:
    """The e-value of a p-value: the mean over 0 < k < 1 of ``k p**(k-1)``, whose expectation is at most 1."""
    if p >= 1 - 1e-9:
        return 0.5
    p = max(p, 1e-300)
    return (1 - p + p * log(p)) / (p * log(p) ** 2)


def looks(samples: Sequence[Sample], *, answers: Sequence[str] = ()) -> pd.DataFrame:
    """The e-process of recorded looks: answers to the same prompts, each naming its look.

    A look is the attribute ``look``, else the day of ``at``, else the version; looks are taken in that order. Answers
    are right as in :func:`version_pairs.compare`. Columns: look, answers, right, share, p, e, e_process.

    Raises
    ------
    ValueError
        When an answer occurs twice in a look, a look lacks prompts that the first had, or an answer has no reference.
    """
    table = pd.DataFrame(
        [(*_key(s), _right(s, answers)) for s in samples], columns=["look", "prompt", "sample", "right"]
    )
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    _refuse(table)
    counted = table.groupby(["look", "prompt"])["right"].agg(["sum", "size"])
    hits, asked = (counted[c].unstack(fill_value=0).sort_index().astype(int) for c in ("sum", "size"))
    found = e_process(list(hits.to_numpy()), list(asked.to_numpy()))
    return found.assign(look=hits.index)


def update_e_value(found: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The highest the e-process of ``looks`` ever stood at; ``n`` counts looks.

    Above 20 a change is shown at an error of 5 % over all looks together. No estimate of a size, so value and interval
    are the same. Undefined with one look.

    Formula: largest value of a product of bets on a change, one look after another.
    Source: G. Shafer (2021), Testing by Betting, JRSS A 184.
    Limits: Tells that something changed, not how much.
    """
    method = "largest value of the e-process over scheduled looks (valid at any time)"
    if len(found) < 2:
        why = (
            "one look alone has nothing to be compared with" if len(found) else "there are no scheduled looks"
        )
        return Measurement(
            measure="update_e_value", value=None, n=len(found), level=level, method=method, undefined=why
        )
    highest = float(found["e_process"].max())
    crossed = found.loc[found["e_process"] >= 1 / (1 - level), "look"]
    return Measurement(
        measure="update_e_value", value=highest, low=highest, high=highest, n=len(found), level=level, method=method,
        note=joined(
            f"share right {found['share'].iloc[0]:.1%} at the first look, {found['share'].iloc[-1]:.1%} at the last",
            f"first above {1 / (1 - level):.0f} at look {crossed.iloc[0]}" if len(crossed) else "never above "
            f"{1 / (1 - level):.0f}",
        ),
    )  # fmt: skip


def _hypergeometric(drawn: int, good: int, whole: int) -> Floats:
    """The law of the number of good ones among ``drawn`` of ``whole``."""
    ways = [comb(good, k) * comb(whole - good, drawn - k) for k in range(drawn + 1)]
    return np.array([w / comb(whole, drawn) for w in ways])


def _power(law: Floats, times: int) -> Floats:
    """The law of the sum of so many independent draws from ``law``."""
    result, base = np.ones(1), law
    while times:
        if times & 1:
            result = np.convolve(result, base)
        base = np.convolve(base, base) if times > 1 else base
        times >>= 1
    return result


def _key(s: Sample) -> tuple[str, str, int]:
    return s.attributes.get(LOOK) or (s.at or "")[:10] or s.version, s.prompt_id, s.sample


def _right(s: Sample, answers: Sequence[str]) -> bool | None:
    found = is_answer_right(s, answers)
    return None if pd.isna(found) else bool(found)


def _refuse(table: pd.DataFrame) -> None:
    if table.duplicated(["look", "prompt", "sample"]).any():
        raise ValueError(
            "an answer occurs twice in one look; name the looks, or give repeated answers sample numbers"
        )
    if table["right"].isna().any():
        raise ValueError(f"{int(table['right'].isna().sum())} answers have no reference to be right by")
    asked = table.groupby("look")["prompt"].agg(frozenset)
    if asked.nunique() > 1:
        raise ValueError("the looks did not ask the same prompts, so they cannot be compared")
