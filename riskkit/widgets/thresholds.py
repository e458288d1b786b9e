"""What if the cut-off or the bound were another: rates, ratio and verdict, looked up while a slider moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from riskkit.model import Measurement, Threshold, judge
from riskkit.model.shown import Shown, line, stacked, table
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    import pandas as pd

TRIED = Threshold(measure="selection_rate_ratio", at_least=0.8)
"""What is tried where the project has no bound."""


def what_if_thresholds(
    ratios: Iterable[Measurement],
    steps: tuple[pd.DataFrame, pd.DataFrame],
    *,
    bound: Threshold | None = None,
    level: float = 0.95,
) -> Twin:
    """Sliders for the cut-off of the score, the bound and the smallest sample; the verdict follows, with its n.

    ``ratios`` are those of the decisions as they were, ``steps`` the tables of ``measures.cutoff_steps``. The browser
    looks figures up and judges them as ``riskkit.model.judge`` does.
    """
    by_cutoff, rates = steps
    decided = {m.segment: _measured(m) for m in ratios}
    groupings = [
        {
            "name": name,
            "steps": [
                {"cutoff": None, "share": None, "who": m["who"], "measurement": m, "rates": []},
                *(
                    _step(row, rates, level)
                    for row in by_cutoff[by_cutoff["grouping"] == name].to_dict("records")
                ),
            ],
        }
        for name, m in decided.items()
    ]
    in_force = bound or TRIED
    facts = {
        "groupings": groupings,
        "bound": in_force.model_dump(mode="json", include={"at_least", "at_most", "min_n", "confidence"}),
        "why": _why(bound),
        "said": "",
        "went": "well",
    }
    return Twin("what_if_thresholds", facts, table=shown)


def _why(bound: Threshold | None) -> str:
    if bound is None:
        return f"No bound is set for this project; tried with {TRIED.describe()}."
    by = f"set by {bound.owner}: {bound.rationale}" if bound.owned else "without owner or reason"
    return f"In force: {bound.describe()}, n at least {bound.min_n}, {by} ({bound.source.value})."


def _measured(m: Measurement) -> dict[str, Any]:
    fields = m.model_dump(mode="json", include={"value", "low", "high", "level", "n", "undefined"})
    return {**fields, "who": m.undefined or m.note.partition(";")[0]}


def _step(row: Mapping[Any, Any], rates: pd.DataFrame, level: float) -> dict[str, Any]:
    there = rates[(rates["grouping"] == row["grouping"]) & (rates["cutoff"] == row["cutoff"])]
    known = row["ratio"] is not None and row["ratio"] == row["ratio"]
    ratio = {name: float(row[column]) if known else None
             for name, column in (("value", "ratio"), ("low", "low"), ("high", "high"))}  # fmt: skip
    return {
        "cutoff": row["cutoff"],
        "share": row["share"],
        "who": row["lowest_and_highest"],
        "measurement": {
            **ratio,
            "level": level,
            "n": int(row["n"]),
            "undefined": "" if known else row["lowest_and_highest"],
        },
        "rates": [
            [str(r["group"]), int(r["selected"]), int(r["n"]), r["rate"], r["low"], r["high"]]
            for r in there.to_dict("records")
        ],
    }


def shown(facts: Facts) -> Shown:
    """Every cut-off of every grouping, with the verdict at the bound."""
    bound = Threshold(measure="selection_rate_ratio", **facts["bound"])
    heads = ("grouping", "cut-off", "selected", "ratio", "interval", "n", "verdict", "lowest and highest")
    rows = [
        _row(grouping["name"], step, bound) for grouping in facts["groupings"] for step in grouping["steps"]
    ]
    return stacked(line(facts["why"]), table(heads, rows))


def _row(name: str, step: Mapping[str, Any], bound: Threshold) -> tuple[str, ...]:
    m = step["measurement"]
    measured = Measurement(
        measure="selection_rate_ratio", method="looked up",
        **{k: m[k] for k in ("value", "low", "high", "level", "n", "undefined")},
    )  # fmt: skip
    return (
        name,
        "as decided" if step["cutoff"] is None else f"{step['cutoff']:g}",
        "" if step["share"] is None else f"{step['share']:.1%}",
        "" if m["value"] is None else f"{m['value']:.3f}",
        "" if m["low"] is None else f"[{m['low']:.3f}, {m['high']:.3f}]",
        str(m["n"]),
        judge(measured, bound).verdict.value,
        step["who"],
    )
