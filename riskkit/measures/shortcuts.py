"""Whether the score hangs on a shortcut: something easy to see that only happens to go with the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from riskkit.measures.cells import joined
from riskkit.measures.intervals import newcombe
from riskkit.measures.paired import change, mcnemar, means_by
from riskkit.measures.version_pairs import is_answer_right
from riskkit.model import Measurement, Sample

VARIANT, ITEM, AS_IS = "variant", "item", "as it is"
"""Attributes of a prompt: which variant of which item it is; and the variant that nothing was done to."""


def shortcut_score_drop(
    samples: Sequence[Sample], *, answers: Sequence[str] = (), level: float = 0.95
) -> tuple[Measurement, ...]:
    """How much of the share of right answers is lost when the shortcut is permuted, flipped or removed.

    A measurement a variant. Prompts have the attributes ``item`` and ``variant``; the variant ``as it is`` is the item
    untouched, and every other one is compared with it item by item. Positive when the score falls: then the answers
    hang on the shortcut, or it carried real information. Empty where no prompt has the attributes.

    Formula: share right untouched - share right with the shortcut changed, item by item.
    Limits: Sees only shortcuts that somebody named.

    Raises
    ------
    ValueError
        When an answer to one variant of an item occurs twice, or an item has no untouched variant.
    """
    known = [s for s in samples if VARIANT in s.attributes and ITEM in s.attributes]
    if not known:
        return ()
    rows = [(s.attributes[ITEM], s.attributes[VARIANT], s.sample, is_answer_right(s, answers)) for s in known]
    table = pd.DataFrame(rows, columns=["item", "variant", "sample", "right"]).astype({"right": "boolean"})
    if table.duplicated(["item", "variant", "sample"]).any():
        raise ValueError(
            "an answer to one variant of an item occurs twice; give repeated answers sample numbers"
        )
    untouched = set(table.loc[table["variant"] == AS_IS, "item"])
    alone = sorted(set(table["item"]) - untouched)
    if alone:
        raise ValueError(f"{len(alone)} items have no variant {AS_IS!r}, for example {alone[0]!r}")
    variants = [v for v in dict.fromkeys(table["variant"]) if v != AS_IS]
    return tuple(_drop(table, variant, level) for variant in variants)


def shortcut_slice_gap(
    table: pd.DataFrame, *, shortcut: str, prediction: str, label: str, level: float = 0.95
) -> tuple[Measurement, ...]:
    """The share of right predictions where the shortcut points to the outcome minus that where it points elsewhere.

    A measurement a shortcut column, on predictions alone: the commonest label of each of its values is what it points
    to, and the rows where the label is another one are its flipped slice. Empty without ``shortcut``; undefined where
    the slice is empty. Labels that are harder for another reason give a gap as well, so a column that the model cannot
    know is a useful comparison.

    Raises
    ------
    ValueError
        When a column is not there.
    """
    names = [name.strip() for name in shortcut.split(",") if name.strip()]
    lacking = [c for c in (*names, prediction, label) if c not in table.columns] if names else []
    if lacking:
        raise ValueError(f"there is no column {', '.join(map(repr, lacking))}")
    return tuple(_slices(table, name, prediction, label, level) for name in names)


def _drop(table: pd.DataFrame, variant: str, level: float) -> Measurement:
    one, two = (table[table["variant"] == v] for v in (variant, AS_IS))
    moved, as_is = means_by(one, "right", "item"), means_by(two, "right", "item")
    found = change(moved, as_is, level=level)
    what: dict[str, Any] = {
        "measure": "shortcut_score_drop", "segment": variant, "level": level, "unit": "difference",
        "n": len(moved.dropna().index.intersection(as_is.dropna().index)),
        "method": "share right as it is minus with the shortcut changed",
    }  # fmt: skip
    if found is None:
        return Measurement(
            **what, value=None, undefined="fewer than two items have a reference in both variants"
        )
    both = moved.index.intersection(as_is.index)
    lost = int(((as_is[both] == 1) & (moved[both] == 0)).sum())
    gained = int(((as_is[both] == 0) & (moved[both] == 1)).sum())
    what["method"] += f"; {found.method}"
    return Measurement(
        **what, value=found.value, low=found.low, high=found.high,
        note=joined(
            f"{as_is.mean():.1%} as it is, {moved.mean():.1%} changed",
            f"{lost} lost, {gained} gained, exact McNemar p = {mcnemar(lost, gained):.2g}",
        ),
    )  # fmt: skip


def _slices(table: pd.DataFrame, shortcut: str, prediction: str, label: str, level: float) -> Measurement:
    known = table.dropna(subset=[shortcut, prediction, label])
    points_to = known.groupby(shortcut)[label].agg(lambda labels: labels.mode().iloc[0])
    right = known[prediction].astype(str) == known[label].astype(str)
    agrees = known[label] == known[shortcut].map(points_to)
    k1, n1 = int(right[agrees].sum()), int(agrees.sum())
    k2, n2 = int(right[~agrees].sum()), int((~agrees).sum())
    what: dict[str, Any] = {
        "measure": "shortcut_slice_gap", "segment": shortcut, "level": level, "n": min(n1, n2), "unit": "difference",
        "method": "share right where the shortcut points to the label minus where it does not; Newcombe's interval",
    }  # fmt: skip
    if points_to.nunique() < 2 or not n1 or not n2:
        why = f"{shortcut} points to one outcome only, or always to the right one: there is no flipped slice"
        return Measurement(**what, value=None, undefined=why)
    low, high = newcombe(k1, n1, k2, n2, level=level)
    said = f"{k1 / n1:.1%} of {n1:,} rows with it, {k2 / n2:.1%} of {n2:,} against it"
    return Measurement(**what, value=k1 / n1 - k2 / n2, low=low, high=high, note=said)
