"""Figure of the selection rate ratio at every cut-off of a score."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
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
    words,
)
from riskkit.model import Threshold, Verdict

LOOK = {
    Verdict.MET.value: (BLUE, "o"),
    Verdict.BREACHED.value: (ORANGE, "D"),
    Verdict.INCONCLUSIVE.value: (SAND, "s"),
}
SIDE = 2.1


def ratios_by_cutoff(found: pd.DataFrame, *, bound: Threshold | None = None) -> Chart:
    """The ratio with its interval against the share selected, a panel a grouping; the shape tells the verdict.

    ``found`` is the table of ``fairness.ratios_by_cutoff``; when it is empty the figure says what is missing.
    """
    title = "If the score alone decided: ratio at every cut-off"
    if found.empty:
        return empty(title, "Not applicable: these data hold no score.")
    panels = list(found.groupby("grouping", sort=False))
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    chart = Chart(0.8 + SIDE * rows, about=f"{title}. {_told(found)}")
    with styled():
        axes = chart.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        lowest = max(0.0, min(0.75, float(found["low"].min()) - 0.05))
        for i, (ax, (name, panel)) in enumerate(zip(axes, panels, strict=False)):
            _panel(ax, panel[panel["ratio"].notna()], bound)
            ax.set(title=words(name), ylim=(lowest, 1.03))
            ax.set_xlabel("share selected" if i + columns >= len(panels) else "")
            ax.tick_params(labelbottom=i + columns >= len(panels))
        for ax in axes[len(panels) :]:
            ax.set_axis_off()
        at = "" if bound is None else f", dashed: {bound.describe()}"
        finish(chart, title, f"circle: met, diamond: breached, square: not decided, bar: interval{at}")
    return chart


def _panel(ax: Axes, panel: pd.DataFrame, bound: Threshold | None) -> None:
    ax.grid(color=FAINT, linewidth=0.7)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
    if bound is not None and bound.at_least is not None:
        ax.axhline(bound.at_least, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    ax.plot(panel["share"], panel["ratio"], color=SOFT, linewidth=0.9)
    for row in panel.to_dict("records"):
        colour, marker = LOOK.get(row["verdict"], (GREY, "X"))
        ax.vlines(row["share"], row["low"], row["high"], color=colour, linewidth=2.6, alpha=0.55)
        ax.scatter(
            [row["share"]],
            [row["ratio"]],
            s=30,
            marker=marker,
            color=colour,
            edgecolor=INK,
            linewidth=0.6,
            zorder=3,
        )


def _told(found: pd.DataFrame) -> str:
    counted = found["verdict"].value_counts()
    return f"{len(found)} cut-offs and groupings: " + ", ".join(f"{n} {v}" for v, n in counted.items()) + "."
