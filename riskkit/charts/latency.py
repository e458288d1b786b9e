"""Figure of how long calls take: the share answered by a time, and the slow end by length of prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import BLUE, FAINT, GREY, INK, ORANGE, SOFT, Chart, empty, finish, styled, words
from riskkit.model import Measurement, Threshold


def latency(
    calls: pd.DataFrame,
    measured: Iterable[Measurement],
    bounds: Mapping[str, Threshold],
    *,
    by_length: pd.DataFrame | None = None,
) -> Chart:
    """The share of calls answered within a time, its quantiles with intervals, and bounds; at the right by length.

    ``measured`` are latency quantiles, ``by_length`` the table of ``latency_tables.latency_by_length``.
    """
    title = "How long calls take"
    seconds = np.sort(calls["latency"].dropna().to_numpy(float)) if "latency" in calls else np.zeros(0)
    if len(seconds) < 2:
        return empty(title, "The calls do not tell their latency.")
    told = _told(measured := list(measured), bounds)
    chart = Chart(3.4, about=f"{title}. {told}.")
    with styled():
        wide = by_length is not None and len(by_length) > 1
        axes = chart.subplots(1, 2 if wide else 1, squeeze=False, width_ratios=(3, 2) if wide else None)[0]
        chart.set_layout_engine("constrained", w_pad=0.08, h_pad=0.06, wspace=0.08)
        _shares(axes[0], seconds, measured, bounds)
        if wide and by_length is not None:
            _lengths(axes[1], by_length)
        caption = "bars: intervals" + (
            "; right: median and 95 % quantile by length of the prompt" if wide else ""
        )
        finish(chart, told, caption + ("; orange: bound" if bounds else ""))
    return chart


def _shares(
    ax: Axes, seconds: np.ndarray, measured: list[Measurement], bounds: Mapping[str, Threshold]
) -> None:
    ax.step(seconds, np.arange(1, len(seconds) + 1) / len(seconds), where="post", color=BLUE, linewidth=2)
    for m in measured:
        share = _share(m.measure)
        if m.value is None or m.low is None or m.high is None or share is None:
            continue
        ax.hlines(share, m.low, m.high, color=INK, linewidth=6, alpha=0.35)
        ax.plot([m.value], [share], "o", color=INK, markersize=4.5)
        ax.annotate(
            f"{share:.0%} within {m.value:.2g} s", (m.low, share), (-8, 3), textcoords="offset points", fontsize=8.5,
            color=INK, ha="right",
        )  # fmt: skip
        bound = bounds.get(m.measure)
        if bound is not None and bound.at_most is not None:
            ax.plot([bound.at_most], [share], "|", color=ORANGE, markersize=15, markeredgewidth=2.4)
    most = max([float(seconds[-1]), *(b.at_most or 0 for b in bounds.values())])
    ax.set(xlabel="seconds", ylabel="", ylim=(0, 1.04), xlim=(0, 1.05 * most))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
    ax.grid(color=FAINT, linewidth=0.7)
    ax.set_axisbelow(True)
    ax.set_title("share answered within")


def _lengths(ax: Axes, table: pd.DataFrame) -> None:
    at = range(len(table))
    for name, colour, told, shift in (("p50", BLUE, "median", -0.08), ("p95", GREY, "95 %", 0.08)):
        known = table[name].notna().to_numpy()
        places = [i + shift for i in at if known[i]]
        rows = table[known]
        low, high = rows[f"{name}_low"].astype(float), rows[f"{name}_high"].astype(float)
        ax.vlines(places, low, high, color=colour, linewidth=6, alpha=0.35)
        ax.plot(places, rows[name].astype(float), "o", color=colour, markersize=5, label=told)
    unit = str(table.columns[0])
    ax.set(xlabel=words(unit), ylabel="", ylim=(0, None), xlim=(-0.5, len(table) - 0.5))
    ax.set_xticks(list(at), [str(t).replace(" to ", "\nto ") for t in table[unit]])
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.grid(axis="y", color=FAINT, linewidth=0.7)
    ax.set_axisbelow(True)
    ax.set_title("seconds by length of prompt")
    ax.set_ylim(0, 1.12 * ax.get_ylim()[1])
    ax.legend(frameon=False, fontsize=8.5, labelcolor=SOFT, loc="lower left")


def _share(measure: str) -> float | None:
    digits = "".join(c for c in measure.partition("_p")[2] if c.isdigit())
    return int(digits) / 100 if digits else None


def _told(measured: list[Measurement], bounds: Mapping[str, Threshold]) -> str:
    slow = next((m for m in measured if m.measure == "latency_p95_seconds" and m.value is not None), None)
    if slow is None:
        return "Too few calls for a 95 % quantile"
    bound = bounds.get(slow.measure)
    against = f", the bound is {bound.at_most:g}" if bound is not None and bound.at_most is not None else ""
    return f"95 of 100 calls are answered within {slow.value:.2g} seconds{against}"
