"""How often two versions answer the same prompt differently, beside how often one version differs from itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from riskkit.measures.intervals import FEW, wilson
from riskkit.measures.paired import mean_interval
from riskkit.measures.shares import share
from riskkit.measures.version_pairs import AFTER, BEFORE
from riskkit.model import Measurement


def response_mismatch(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The share of prompts whose answer differs between the versions, over all pairs of answers to a prompt.

    ``table`` is that of :func:`version_pairs.compare`. A model that samples differs from itself as well: see
    :func:`response_mismatch_excess` for what the change of version adds.
    """
    shares = mismatch_by_prompt(table)["between"].dropna()
    return share(
        "response_mismatch", shares.tolist(), list(shares.index), level=level,
        method="pairs of an answer before and one after that differ", nothing="no prompt has answers of both versions",
    )  # fmt: skip


def within_version_mismatch(table: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The noise floor: the share of pairs of answers of one version to one prompt that differ, before and after.

    Undefined where every prompt was answered once.
    """
    by_prompt = mismatch_by_prompt(table)
    return tuple(
        share(
            "within_version_mismatch", shares.tolist(), list(shares.index), level=level, segment=side,
            method="pairs of answers of one version to one prompt that differ",
            nothing="every prompt was answered once, so what a version changes by itself is not known",
        )
        for side in (BEFORE, AFTER)
        for shares in [by_prompt[f"within_{side}"].dropna()]
    )  # fmt: skip


def response_mismatch_excess(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The mismatch between versions minus that within them; 0 in expectation where the model did not change.

    Prompt by prompt, over those answered more than once by at least one version; the interval is Student's over
    prompts. With answer probabilities p before and q after the expectation is half the squared distance of p and q
    (for prompts repeated in both), so it sees swaps that leave accuracy as it was. Undefined without repeated answers.

    Formula: mean of (mismatch between versions - mismatch within them).
    Limits: Needs repeated answers; counts a rewording as a mismatch where answers are compared as text.
    """
    by_prompt = mismatch_by_prompt(table)
    floor = by_prompt[["within_before", "within_after"]].mean(axis=1)
    excess = (by_prompt["between"] - floor).dropna().to_numpy(float)
    what: dict[str, Any] = {
        "measure": "response_mismatch_excess", "level": level, "n": len(excess), "unit": "difference",
        "method": "share of differing pairs between versions minus within them; Student's interval over prompts",
    }  # fmt: skip
    if len(excess) < 2:
        why = "prompts were answered once, so the noise within a version is not known: ask each version twice"
        return Measurement(**what, value=None, undefined=why)
    low, high = mean_interval(excess, level=level)
    if np.count_nonzero(excess) < FEW:
        low = min(low, -wilson(int((excess < 0).sum()), len(excess), level=level)[1])
        high = max(high, wilson(int((excess > 0).sum()), len(excess), level=level)[1])
    between, within = (float(v[floor.notna()].mean()) for v in (by_prompt["between"], floor))
    return Measurement(
        **what, value=float(excess.mean()), low=max(-1.0, low), high=min(1.0, high),
        note=f"{between:.1%} of pairs differ between versions, {within:.1%} within one",
    )  # fmt: skip


def mismatch_by_prompt(table: pd.DataFrame) -> pd.DataFrame:
    """One row a prompt: between, within_before, within_after, each the share of pairs of answers that differ.

    Within a version pairs are of distinct answers, so a prompt answered once has none.
    """
    answers: dict[str, dict[str, Counter[str]]] = {}
    for prompt, side, answer in zip(table["prompt_id"], table["side"], table["answer"], strict=True):
        answers.setdefault(prompt, {BEFORE: Counter(), AFTER: Counter()})[side][answer] += 1
    rows = {
        prompt: (_between(of[BEFORE], of[AFTER]), _within(of[BEFORE]), _within(of[AFTER]))
        for prompt, of in answers.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["between", "within_before", "within_after"])


def _between(one: Counter[str], two: Counter[str]) -> float:
    pairs = one.total() * two.total()
    return 1 - sum(one[a] * two[a] for a in one) / pairs if pairs else float("nan")


def _within(answers: Counter[str]) -> float:
    n = answers.total()
    return 1 - sum(k * (k - 1) for k in answers.values()) / (n * (n - 1)) if n > 1 else float("nan")
