"""What if decisions were made another way: what each mitigation would gain, and what it would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskkit.model import Measurement, Threshold, judge
from riskkit.model.shown import Shown, line, stacked, table
from riskkit.widgets.thresholds import TRIED, _why
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("ratio", "accuracy", "odds_difference")
ENDS = {"ratio": "ratio", "accuracy": "accuracy", "odds_difference": "odds"}
LABELS = {
    "ratio": "ratio of selection rates",
    "accuracy": "agreement with the label",
    "odds_difference": "difference in errors",
}


def what_if_mitigated(
    preview: pd.DataFrame, *, grouping: str, bound: Threshold | None = None, level: float = 0.95
) -> Twin:
    """Ways to decide (``fairness.mitigation_preview``) beside the decisions as they were, and the bound as a slider."""
    ways = [_way(row, level) for row in preview.to_dict("records")]
    fields = (bound or TRIED).model_dump(mode="json", include={"at_least", "at_most", "min_n", "confidence"})
    facts = {
        "ways": ways,
        "grouping": grouping,
        "bound": fields,
        "why": _why(bound),
        "labels": LABELS,
        "said": "",
        "went": "well",
    }
    return Twin("what_if_mitigated", facts, table=shown)


def _way(row: dict[Any, Any], level: float) -> dict[str, Any]:
    name = " ".join(filter(None, (str(row["way"]), str(row["setting"]))))
    numbers = {
        n: [_number(row[n]), _number(row[f"{ENDS[n]}_low"]), _number(row[f"{ENDS[n]}_high"])] for n in NUMBERS
    }
    return {
        "name": name,
        "sees": str(row["sees_the_group"]),
        "n": int(row["n"]),
        "selected": int(row["selected"]),
        "level": level,
        **numbers,
    }


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def shown(facts: Facts) -> Shown:
    """A line a way to decide: what it gains and costs, with intervals, and the verdict at the bound."""
    if not facts["ways"]:
        return line(
            "Nothing to preview: it needs a score and a label, and two groups that both halves of the rows can hold."
        )
    bound = Threshold(measure="selection_rate_ratio", **facts["bound"])
    heads = ("way", "sees the group", "selected", "n", *LABELS.values(), "verdict")
    rows = [
        (
            w["name"],
            w["sees"],
            str(w["selected"]),
            str(w["n"]),
            *(_told(w[n]) for n in NUMBERS),
            _verdict(w, bound),
        )
        for w in facts["ways"]
    ]
    return stacked(line(f"By {facts['grouping']}. {facts['why']}"), table(heads, rows))


def _told(number: list[float | None]) -> str:
    value, low, high = number
    return "" if value is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _verdict(way: dict[str, Any], bound: Threshold) -> str:
    value, low, high = way["ratio"]
    what: dict[str, Any] = {
        "measure": "selection_rate_ratio",
        "method": "preview",
        "level": way["level"],
        "n": way["n"],
    }
    m = Measurement(**what, value=value, low=low, high=high, undefined="" if value is not None else "no rate")
    return judge(m, bound).verdict.value
