"""Figure of which groups fare differently from everybody else, the strongest evidence first."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SOFT,
    Chart,
    beside,
    empty,
    finish,
    named_rows,
    styled,
    text,
    words,
)

ALARM = 0.05
"""Adjusted p-value below which chance is no likely cause."""


def ranked_groups(ranked: pd.DataFrame) -> Chart:
    """Each group's rate less that of everybody else, in the order of evidence, with p adjusted for all groups.

    ``ranked`` is the table of ``fairness.ranked_groups``, or its head; marks tell by shape and colour whether chance is
    a likely cause once all groups of the table are allowed for.
    """
    title = "Which groups the evidence points to"
    if ranked.empty:
        return empty(title, "No group is large enough to be compared.")
    alarms = ranked["p_holm"] < ALARM
    chart = Chart(1.0 + 0.33 * len(ranked), about=f"{title}: {_told(ranked, int(alarms.sum()))}")
    with styled():
        ax = chart.subplots()
        named_rows(ax, [f"{text(g, 26)}  ({words(w, 24)})" for g, w in _names(ranked)])
        ax.tick_params(axis="y", labelsize=8.5)
        ax.axvline(0, color=SOFT, linewidth=0.9)
        for place, (row, alarm) in enumerate(zip(ranked.to_dict("records"), alarms, strict=True)):
            colour = GREY if not alarm else ORANGE if row["difference"] < 0 else BLUE
            ax.hlines(place, row["low"], row["high"], color=colour, linewidth=3.0, alpha=0.6)
            marker = "o" if not alarm else "D" if row["difference"] < 0 else "s"
            ax.scatter(
                row["difference"], place, s=42, marker=marker, color=colour, edgecolor=INK, linewidth=0.7, zorder=3
            )  # fmt: skip
            beside(ax, place, _p(row["p_holm"]), color=INK, bold=bool(alarm))
            beside(ax, place, f"{row['rate']:.1%} against {row['others']:.1%}, n = {row['n']:,}", offset=72)
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda v, _: f"{round(100 * v, 3):+g}" if round(v, 9) else "0")
        )
        ax.set_xlabel("percentage points above or below everybody else")
        caption = "diamond: lower and square: higher than everybody else, circle: chance is a likely cause (adjusted p)"
        finish(chart, f"{title}: {_alarms(int(alarms.sum()), len(ranked))}", caption)
    return chart


def _names(ranked: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(ranked["group"].astype(str), ranked["grouping"].astype(str), strict=True))


def _alarms(count: int, shown: int) -> str:
    return f"{count} of the {shown} shown" if count else f"none of the {shown} shown"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _told(ranked: pd.DataFrame, alarms: int) -> str:
    first = ranked.iloc[0]
    return (
        f"{_alarms(alarms, len(ranked))}; first {text(first['group'])}, {first['rate']:.1%} against "
        f"{first['others']:.1%} of everybody else (adjusted {_p(first['p_holm'])})."
    )
