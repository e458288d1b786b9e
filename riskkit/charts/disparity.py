"""Figures of how groups fare: rates by group, and disparities against their bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PAPER,
    SAND,
    SOFT,
    Chart,
    beside,
    finish,
    named_rows,
    styled,
    text,
    words,
)
from riskkit.model import Measurement, Threshold, Verdict, judge

MOST = 24
"""Groups shown of one grouping; of more the highest and lowest are shown and the rest is counted."""
SMALL = 30
"""Rows below which a group's dot is hollow."""
LOOK = {Verdict.MET: (BLUE, "o"), Verdict.BREACHED: (ORANGE, "D"), Verdict.INCONCLUSIVE: (SAND, "s")}


def group_rates(rates: pd.DataFrame, *, title: str) -> Chart:
    """Every group's rate with its interval, highest first, one panel a grouping.

    ``rates`` has the columns grouping, group, n, selected, rate, low, high, as from ``fairness.rates_by_group``.
    """
    panels = [(words(name), _trimmed(panel)) for name, panel in rates.groupby("grouping", sort=False)]
    if not panels:
        return _empty(title, "There are no groups to show.")
    heights = [len(panel) for _, panel in panels]
    chart = Chart(0.85 + 0.27 * sum(heights) + 0.36 * len(panels), about=_told(rates, title))
    with styled():
        axes = chart.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for ax, (name, panel) in zip(axes, panels, strict=True):
            _rates(ax, name, panel)
            ax.spines["bottom"].set_visible(ax is axes[-1])
            ax.tick_params(axis="x", length=3 if ax is axes[-1] else 0)
        axes[-1].xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
        axes[-1].xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
        finish(
            chart,
            title,
            f"dot: observed rate (hollow: fewer than {SMALL}), bar: interval, vertical line: everybody",
        )
    return chart


def disparities(measurements: Sequence[Measurement], thresholds: Mapping[str, Threshold]) -> Chart:
    """Each measurement's interval against its bound, told met, breached or inconclusive by word, shape and colour.

    A measurement is held against its own threshold, or else the one ``thresholds`` has for its measure.
    """
    shown = [(m, m.threshold or thresholds.get(m.measure)) for m in measurements]
    if not shown:
        return _empty("Disparities", "Nothing was measured.")
    verdicts = [judge(m, bound).verdict for m, bound in shown]
    counted = ", ".join(f"{verdicts.count(v)} {v.value}" for v in dict.fromkeys(verdicts))
    title = f"{words(shown[0][0].measure).capitalize()}: {counted}"
    chart = Chart(1.0 + 0.36 * len(shown), about=f"{title}. " + "; ".join(_said(m) for m, _ in shown) + ".")
    with styled():
        ax = chart.subplots()
        named_rows(ax, [words(m.segment or "all") for m, _ in shown])
        ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
        for row, ((m, _), verdict) in enumerate(zip(shown, verdicts, strict=True)):
            _interval(ax, row, m, verdict)
        for threshold in dict.fromkeys(bound.describe() for _, bound in shown if bound):
            _bound(ax, next(b for _, b in shown if b and b.describe() == threshold))
        finish(chart, title, "mark: observed, bar: interval, dashed: bound")
    return chart


def _trimmed(panel: pd.DataFrame) -> pd.DataFrame:
    ordered = panel.sort_values("rate", ascending=False, kind="stable")
    if len(ordered) <= MOST:
        return ordered
    kept = pd.concat([ordered.head(MOST // 2), ordered.tail(MOST // 2)])
    kept.attrs["hidden"] = len(ordered) - MOST
    kept.attrs["everybody"] = panel["selected"].sum() / panel["n"].sum()
    return kept


def _rates(ax: Axes, name: str, panel: pd.DataFrame) -> None:
    places = range(len(panel))
    named_rows(ax, [text(group) for group in panel["group"]])
    ax.axvline(
        panel.attrs.get("everybody", panel["selected"].sum() / panel["n"].sum()), color=SOFT, linewidth=0.9
    )
    ax.hlines(places, panel["low"], panel["high"], color=BLUE, linewidth=2.2, alpha=0.45)
    for small, fill in ((False, BLUE), (True, PAPER)):
        dots = (panel["n"] < SMALL).to_numpy() == small
        sns.scatterplot(
            x=panel["rate"][dots], y=[p for p, d in zip(places, dots, strict=True) if d], ax=ax,
            s=36, color=fill, edgecolor=BLUE, linewidth=1.3, zorder=3, legend=False,
        )  # fmt: skip
    for place, (rate, n) in enumerate(zip(panel["rate"], panel["n"], strict=True)):
        beside(ax, place, f"{rate:.1%}", color=INK)
        beside(ax, place, f"of {n:,}", offset=50)
    hidden = panel.attrs.get("hidden", 0)
    ax.set(
        title=name + (f"   ({hidden} groups between highest and lowest not shown)" if hidden else ""),
        xlabel="",
        ylabel="",
    )


def _interval(ax: Axes, row: int, m: Measurement, verdict: Verdict) -> None:
    if m.value is None or m.low is None or m.high is None:
        reason = text(f"not computable: {m.undefined}", 84)
        ax.annotate(
            reason, (0.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=8.5, color=SOFT
        )
        return
    colour, marker = LOOK.get(verdict, (GREY, "X"))
    ax.hlines(row, m.low, m.high, color=colour, linewidth=3.4, alpha=0.65)
    ax.scatter([m.value], [row], s=52, marker=marker, color=colour, edgecolor=INK, linewidth=0.7, zorder=3)
    beside(ax, row, verdict.value, color=INK, bold=True)
    beside(ax, row, f"{_three(m.value)}  [{_three(m.low)}, {_three(m.high)}]  n = {m.n:,}", offset=88)


def _bound(ax: Axes, threshold: Threshold) -> None:
    """Dashed lines at the bound; what lies on the good side is faintly tinted."""
    lowest, highest = ax.get_xlim()
    good = (
        lowest if threshold.at_least is None else threshold.at_least,
        highest if threshold.at_most is None else threshold.at_most,
    )
    lowest, highest = min(lowest, *good), max(highest, *good)
    margin = 0.02 * (highest - lowest)
    lowest, highest = lowest - margin * (lowest in good), highest + margin * (highest in good)
    ax.set_xlim(lowest, highest)
    ax.axvspan(
        lowest if threshold.at_least is None else good[0], highest if threshold.at_most is None else good[1],
        color=BLUE, alpha=0.06, linewidth=0, zorder=0,
    )  # fmt: skip
    for value in (threshold.at_least, threshold.at_most):
        if value is not None:
            ax.axvline(value, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    side, at = (
        ("left", threshold.at_least) if threshold.at_least is not None else ("right", threshold.at_most)
    )
    ax.annotate(
        threshold.describe(), (at or 0.0, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha=side, fontsize=8.5, color=INK,
    )  # fmt: skip


def _three(value: float) -> str:
    """Three decimals, without the sign of a zero."""
    return f"{round(value, 3) + 0.0:.3f}"


def _empty(title: str, why: str) -> Chart:
    chart = Chart(1.1, about=f"{title}. {why}")
    with styled():
        chart.subplots().set_axis_off()
        finish(chart, title, why)
    return chart


def _told(rates: pd.DataFrame, title: str) -> str:
    ordered = rates.sort_values("rate", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    return (
        f"{title}: rates of {len(rates)} groups, from {low['rate']:.1%} ({text(low['group'])}, n {low['n']:,}) "
        f"to {high['rate']:.1%} ({text(high['group'])}, n {high['n']:,})."
    )


def _said(m: Measurement) -> str:
    name = words(m.segment or "all")
    return (
        f"{name} not computable" if m.value is None else f"{name} {m.value:.3f} [{m.low:.3f}, {m.high:.3f}]"
    )
