"""Figures of how groups fare: rates by group, and disparities against their bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SAND,
    SOFT,
    Chart,
    finish,
    quiet,
    styled,
    text,
)
from riskkit.model import Measurement, Threshold, Verdict, judge

MOST = 24
"""Groups shown of one grouping; the rest is counted below it."""
LOOK = {
    Verdict.MET: (BLUE, "o", "met"),
    Verdict.BREACHED: (ORANGE, "D", "breached"),
    Verdict.INCONCLUSIVE: (SAND, "s", "inconclusive"),
}


def group_rates(rates: pd.DataFrame, *, title: str) -> Chart:
    """Every group's rate with its interval, highest first, one panel a grouping.

    ``rates`` has the columns grouping, group, n, rate, low, high, as from ``fairness.rates_by_group``.
    """
    panels = list(rates.groupby("grouping", sort=False))
    sizes = [min(len(p), MOST) for _, p in panels]
    low, high = rates["rate"].min(), rates["rate"].max()
    about = f"{title}. {len(rates)} groups in {len(panels)} groupings; rates from {low:.1%} to {high:.1%}."
    chart = Chart(8, 0.9 + sum(0.28 * s + 0.6 for s in sizes), about=about)
    with styled():
        axes = chart.subplots(
            len(panels), 1, sharex=True, squeeze=False, height_ratios=[s + 1.2 for s in sizes]
        )[:, 0]
        for ax, (grouping, panel) in zip(axes, panels, strict=True):
            _rates(ax, str(grouping), panel.sort_values("rate", ascending=False, kind="stable"))
        axes[-1].xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
        finish(chart, title, "dot: observed rate; bar: interval; vertical line: everybody")
    return chart


def disparities(measurements: Sequence[Measurement], thresholds: Mapping[str, Threshold]) -> Chart:
    """Each measurement's interval against its bound, told met, breached or inconclusive by shape and colour.

    A measurement is held against its own threshold, or else the one ``thresholds`` has for its measure.
    """
    shown = list(measurements)
    judged = [judge(m, m.threshold or thresholds.get(m.measure)).verdict for m in shown]
    measure = shown[0].measure.replace("_", " ") if shown else "nothing measured"
    counted = ", ".join(f"{judged.count(v)} {v.value}" for v in dict.fromkeys(judged))
    chart = Chart(8, 1.3 + 0.42 * max(1, len(shown)), about=f"{measure.capitalize()} by grouping: {counted}.")
    with styled():
        ax = chart.subplots()
        quiet(ax, [m.segment or "all" for m in shown])
        for row, (m, verdict) in enumerate(zip(shown, judged, strict=True)):
            _interval(ax, row, m, verdict)
        for bound in {
            b
            for m in shown
            if (t := m.threshold or thresholds.get(m.measure))
            for b in (t.at_least, t.at_most)
        }:
            if bound is not None:
                ax.axvline(bound, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
                ax.annotate(
                    f"bound {bound:g}",
                    (bound, 1),
                    (3, 3),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    fontsize=8,
                    color=INK,
                )
        finish(chart, measure.capitalize(), "mark: observed; bar: interval; dashed: bound")
    return chart


def _rates(ax: Axes, grouping: str, panel: pd.DataFrame) -> None:
    shown = panel if len(panel) <= MOST else pd.concat([panel.head(MOST // 2), panel.tail(MOST // 2)])
    quiet(ax, list(shown["group"]))
    rows = np.arange(len(shown))
    ax.hlines(rows, shown["low"], shown["high"], color=BLUE, linewidth=2, alpha=0.45)
    ax.scatter(shown["rate"], rows, s=34, color=BLUE, zorder=3)
    ax.axvline(panel["selected"].sum() / panel["n"].sum(), color=SOFT, linewidth=0.9, zorder=0)
    for row, (rate, n) in enumerate(zip(shown["rate"], shown["n"], strict=True)):
        ax.annotate(
            f"{rate:.1%}  n = {n:,}",
            (1, row),
            (6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=SOFT,
        )
    hidden = len(panel) - len(shown)
    ax.set_title(text(grouping, 80) + (f"  ({hidden} groups in the middle not shown)" if hidden else ""))
    ax.xaxis.set_major_locator(MaxNLocator(6))


def _interval(ax: Axes, row: int, m: Measurement, verdict: Verdict) -> None:
    colour, marker, word = LOOK.get(verdict, (GREY, "x", verdict.value))
    if m.value is None or m.low is None or m.high is None:
        ax.annotate(
            text(f"not computable: {m.undefined}", 90),
            (0.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            color=SOFT,
        )
        return
    ax.hlines(row, m.low, m.high, color=colour, linewidth=3, alpha=0.6)
    ax.scatter([m.value], [row], s=46, marker=marker, color=colour, edgecolor=INK, linewidth=0.6, zorder=3)
    ax.annotate(
        f"{m.value:.3f} [{m.low:.3f}, {m.high:.3f}]  n = {m.n:,}  {word}",
        (1, row),
        (6, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=SOFT,
    )
