"""Figure of how scores match what happened, for each group."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import FuncFormatter

from riskkit.charts.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    PAPER,
    SAND,
    SOFT,
    Chart,
    empty,
    finish,
    styled,
    text,
    words,
)

LOOK = ((BLUE, "o"), (ORANGE, "D"), (SAND, "s"), (INK, "^"), (GREY, "v"), (SOFT, "P"))
"""Colour and shape of each group; from the seventh on they repeat, so no more than that many are drawn."""
SIDE = 3.4
SMALL = 30
"""Rows below which a mark is hollow and stands by itself."""


def calibration(curves: pd.DataFrame) -> Chart:
    """The share whose label is true against the score, a panel a grouping, a line a group; the diagonal is agreement.

    ``curves`` is the table of ``scores.calibration_curves``; when it is empty the figure says what is missing.
    """
    title = "Do scores mean the same in every group?"
    if curves.empty:
        return empty(
            title, "Not applicable: calibration needs a score and a label, and these data lack one of them."
        )
    panels = list(curves.groupby("grouping", sort=False))
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    chart = Chart(0.7 + SIDE * rows, about=f"{title} {_told(curves)}")
    with styled():
        axes = chart.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, (name, panel) in zip(axes, panels, strict=False):
            ax.plot([0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
            groups = list(panel.groupby("group", sort=True))
            for (group, part), (colour, marker) in zip(groups, LOOK, strict=False):
                ax.vlines(part["score"], part["low"], part["high"], color=colour, linewidth=1.1, alpha=0.5)
                many = part[part["n"] >= SMALL]
                few = part[part["n"] < SMALL]
                ax.plot(
                    many["score"], many["share"], color=colour, marker=marker, markersize=4.5, linewidth=1.3,
                    markeredgecolor=PAPER, markeredgewidth=0.5, label=text(group, 24),
                )  # fmt: skip
                ax.plot(
                    few["score"], few["share"], color=colour, marker=marker, markersize=4.5, linestyle="none",
                    markerfacecolor=PAPER,
                )  # fmt: skip
            hidden = len(groups) - len(LOOK)
            ax.set(
                title=words(name) + (f"   ({hidden} more groups)" if hidden > 0 else ""),
                xlabel="score",
                ylabel="",
            )
            ax.grid(color=FAINT, linewidth=0.7)
            ax.legend(fontsize=8, frameon=False, loc="upper left")
            ax.tick_params(labelbottom=True)
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
        for ax in axes[len(panels) :]:
            ax.set_axis_off()
        finish(
            chart,
            title,
            f"mark: share whose label is true (hollow: fewer than {SMALL} people), bar: interval, dashed: agreement",
        )
    return chart


def _told(curves: pd.DataFrame) -> str:
    gaps = curves.assign(off=(curves["share"] - curves["score"]).abs() * curves["n"]).groupby(
        ["grouping", "group"]
    )
    errors = (
        (gaps["off"].sum() / gaps["n"].sum())
        .rename("error")
        .reset_index()
        .sort_values("error", kind="stable")
    )
    least, most = errors.iloc[0], errors.iloc[-1]
    return (
        f"Mean distance from {least['error']:.3f} ({text(least['group'])}) to {most['error']:.3f} "
        f"({text(most['group'])})."
    )
