"""Figure of how groups fare: the rate of each with its interval."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import (
    BLUE,
    INK,
    PAPER,
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

MOST = 24
"""Groups shown of one grouping; of more the highest and lowest are shown and the rest is counted."""
SMALL = 30
"""Rows below which a group's dot is hollow."""


def group_rates(rates: pd.DataFrame, *, title: str) -> Chart:
    """Every group's rate with its interval, highest first, one panel a grouping.

    ``rates`` has the columns grouping, group, n, selected, rate, low, high, as from ``fairness.rates_by_group``.
    """
    panels = [(words(name), _trimmed(panel)) for name, panel in rates.groupby("grouping", sort=False)]
    if not panels:
        return empty(title, "There are no groups to show.")
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


def _told(rates: pd.DataFrame, title: str) -> str:
    ordered = rates.sort_values("rate", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    return (
        f"{title}: rates of {len(rates)} groups, from {low['rate']:.1%} ({text(low['group'])}, n {low['n']:,}) "
        f"to {high['rate']:.1%} ({text(high['group'])}, n {high['n']:,})."
    )
