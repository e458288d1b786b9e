"""Figure of what a mitigation would gain and what it would cost."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
from matplotlib.ticker import FuncFormatter

from riskkit.charts.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    SAND,
    SOFT,
    Chart,
    empty,
    finish,
    styled,
    text,
)
from riskkit.model import Threshold

LOOK = {
    "as decided": (ORANGE, "D"),
    "one cut-off": (INK, "s"),
    "ThresholdOptimizer": (BLUE, "o"),
    "ExponentiatedGradient": (SAND, "^"),
}
HEIGHT = 4.4


def trade_off(found: pd.DataFrame, *, bound: Threshold | None = None) -> Chart:
    """Agreement with the label against the ratio of selection rates, a mark a way to decide, both with intervals.

    ``found`` is the table of ``fairness.mitigation_preview``; when it is empty the figure says what is missing.
    """
    title = "What a mitigation would change, on data it was not fitted to"
    if found.empty:
        return empty(
            title,
            "Not applicable: it needs a score and a label, and two groups that both halves of the rows can hold.",
        )
    shown = found[found["ratio"].notna()]
    chart = Chart(HEIGHT, about=f"{title}. " + "; ".join(_said(row) for row in shown.to_dict("records")))
    with styled():
        ax = chart.subplots()
        ax.grid(color=FAINT, linewidth=0.7)
        if bound is not None and bound.at_least is not None:
            ax.axvline(bound.at_least, color=INK, linewidth=1, linestyle=(0, (4, 3)))
            ax.annotate(
                bound.describe(), (bound.at_least, 1), (3, 3), xycoords=("data", "axes fraction"),
                textcoords="offset points", fontsize=8.5, color=INK,
            )  # fmt: skip
        for way, part in shown.groupby("way", sort=False):
            colour, marker = LOOK.get(str(way), (GREY, "X"))
            part = part.sort_values("ratio")
            ax.hlines(
                part["accuracy"],
                part["ratio_low"],
                part["ratio_high"],
                color=colour,
                linewidth=1.4,
                alpha=0.5,
            )
            ax.vlines(
                part["ratio"],
                part["accuracy_low"],
                part["accuracy_high"],
                color=colour,
                linewidth=1.4,
                alpha=0.5,
            )
            ax.plot(
                part["ratio"], part["accuracy"], color=colour, marker=marker, markersize=7, linewidth=0.8,
                markeredgecolor=INK, markeredgewidth=0.6, label=text(way),
            )  # fmt: skip
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
        ax.set_xlabel("ratio of lowest to highest selection rate", color=SOFT)
        ax.set_ylabel("agreement with the label", color=SOFT)
        ax.legend(fontsize=8.5, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
        finish(chart, title, "mark: held-out half, bars: intervals of both, dashed: bound")
    return chart


def _said(row: dict[Hashable, Any]) -> str:
    way = " ".join(filter(None, (text(row["way"]), text(row["setting"]))))
    return f"{way}: ratio {row['ratio']:.3f}, agreement {row['accuracy']:.1%}"
