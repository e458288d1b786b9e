"""What changed in right answers, refusals and form between two versions of a model."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskkit.errors import printable
from riskkit.measures.cells import joined
from riskkit.measures.multiple import holm
from riskkit.measures.paired import change, mcnemar, means_by
from riskkit.measures.shares import share
from riskkit.measures.version_pairs import AFTER, BEFORE, UNDETERMINED
from riskkit.model import Measurement

RECOMMENDED = 300
"""Prompts below which a change of five points is likely to be missed."""
MOST_CLASSES, MOST_FLOWS = 20, 12


def accuracy_change(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The share of right answers after minus before; ``n`` counts prompts. A refusal is not right.

    ``table`` is that of :func:`version_pairs.compare`. The note holds the exact McNemar test of the first answers.

    Formula: share right after - share right before, prompt by prompt.
    Source: Q. McNemar (1947), Psychometrika 12, for the test in the note.
    Limits: Swaps that cancel out are not seen: look at the mismatch beside it.
    """
    return _changed(table, "right", "accuracy_change", level, "no prompt has a reference")


def refusal_rate_change(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The share of responses that decline, after minus before; ``n`` counts prompts."""
    return _changed(table, "refused", "refusal_rate_change", level, "there are no answers")


def format_validity_change(table: pd.DataFrame, *, level: float = 0.95) -> Measurement:
    """The share of responses in the wanted form, after minus before; undefined where no form is asked for."""
    return _changed(table, "valid", "format_validity_change", level, "no form is asked for")


def class_accuracy_changes(table: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The change of right answers among prompts of each right answer, a measurement a class.

    An average can hide a swap: one class gains what another loses. Levels are corrected (Bonferroni) for the classes.
    A listed answer that no prompt has is undefined, not met. Empty where references are texts of their own.
    """
    found = _classes(table)
    alone = 1 - (1 - level) / max(1, len(found))
    return tuple(
        _changed(
            table[table["reference"] == name], "right", "class_accuracy_change", alone,
            "no prompt has this right answer", segment=printable(name, 60) or "undetermined", shown=level,
        )
        for name in found
    )  # fmt: skip


def accuracies(table: pd.DataFrame, *, level: float = 0.95) -> tuple[Measurement, ...]:
    """The share of right answers before and after, of all prompts and of those of each class."""
    parts = [
        ("", table),
        *((f": {printable(name, 60)}", table[table["reference"] == name]) for name in _classes(table)),
    ]
    return tuple(
        share(
            "accuracy",
            known["right"].astype(float).tolist(),
            known["prompt_id"].tolist(),
            level=level,
            segment=f"{side}{name}",
            method="answers equal to their reference, refusals counted as wrong",
            nothing="no prompt has a reference",
        )
        for name, part in parts
        for side in (BEFORE, AFTER)
        for known in [part[(part["side"] == side) & part["right"].notna()]]
    )


def class_flips(table: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """One row a right answer: prompts, right_before, right_after, lost, gained, change, low, high, p, p_holm.

    Counts are of the first answer to each prompt; ``p`` is the exact McNemar test, ``p_holm`` that corrected for the
    classes.
    """
    rows = []
    for name in _classes(table):
        part = table[(table["reference"] == name) & (table["sample"] == _first(table))]
        one, two = (means_by(part[part["side"] == side], "right") for side in (BEFORE, AFTER))
        found = change(one, two, level=level)
        lost, gained = int(((one == 1) & (two == 0)).sum()), int(((one == 0) & (two == 1)).sum())
        numbers = (found.value, found.low, found.high) if found else (float("nan"),) * 3
        rows.append(
            (name, len(one), int(one.sum()), int(two.sum()), lost, gained, *numbers, mcnemar(lost, gained))
        )
    names = [
        "answer",
        "prompts",
        "right_before",
        "right_after",
        "lost",
        "gained",
        "change",
        "low",
        "high",
        "p",
    ]
    flips = pd.DataFrame(rows, columns=names)
    flips["p_holm"] = holm(flips["p"])
    return flips


def answer_flows(table: pd.DataFrame) -> pd.DataFrame:
    """How first answers moved: a row an answer before, a column an answer after, counts of prompts.

    Only the commonest answers have their own row and column; the others are counted together.
    """
    first = table[table["sample"] == _first(table)]
    wide = first.pivot(index="prompt_id", columns="side", values="answer").replace(
        UNDETERMINED, "undetermined"
    )
    known = set(pd.concat([wide[BEFORE], wide[AFTER]]).value_counts().head(MOST_FLOWS).index)
    shown = wide.map(lambda answer: printable(answer, 60) if answer in known else "any other")
    return pd.crosstab(shown[BEFORE], shown[AFTER])


def _classes(table: pd.DataFrame) -> list[str]:
    """The listed answers, or the references there are where they are few."""
    listed = list(table.attrs.get("answers") or ())
    there = [r for r in dict.fromkeys(table.loc[table["right"].notna(), "reference"]) if r not in listed]
    return [*listed, *there] if len(listed) + len(there) <= MOST_CLASSES else listed


def _first(table: pd.DataFrame) -> Any:
    return table.groupby(["side", "prompt_id"])["sample"].transform("min")


def _changed(
    table: pd.DataFrame, column: str, measure: str, level: float, nothing: str,
    *, segment: str = "", shown: float | None = None,
) -> Measurement:  # fmt: skip
    known = table[table[column].notna()]
    one, two = (known[known["side"] == side] for side in (BEFORE, AFTER))
    found = change(means_by(one, column), means_by(two, column), level=level)
    n = len(set(one["prompt_id"]) & set(two["prompt_id"]))
    what: dict[str, Any] = {
        "measure": measure, "segment": segment, "level": shown or level, "unit": "difference", "n": n
    }  # fmt: skip
    method = f"share {column} after minus before"
    if found is None:
        why = "one prompt alone gives no interval" if n else nothing
        return Measurement(**what, value=None, method=method, undefined=why)
    corrected = "" if shown in (None, level) else f", corrected to level {level:.4g} for the classes"
    return Measurement(
        **what, value=found.value, low=found.low, high=found.high,
        method=f"{method}; {found.method}{corrected}", note=_note(table, one, two, column, n),
    )  # fmt: skip


def _note(table: pd.DataFrame, one: pd.DataFrame, two: pd.DataFrame, column: str, n: int) -> str:
    first, second = (means_by(side[side["sample"] == _first(side)], column) for side in (one, two))
    both = first.index.intersection(second.index)
    lost = int(((first[both] == 1) & (second[both] == 0)).sum())
    gained = int(((first[both] == 0) & (second[both] == 1)).sum())
    left, few = table.attrs.get("left_out", 0), n < RECOMMENDED
    return joined(
        f"{one[column].astype(float).mean():.1%} before, {two[column].astype(float).mean():.1%} after",
        f"first answers: {lost} lost, {gained} gained, exact McNemar p = {mcnemar(lost, gained):.2g}",
        f"{left} prompts without a partner left out" if left else "",
        f"fewer than the {RECOMMENDED} prompts that are recommended" if few else "",
    )
