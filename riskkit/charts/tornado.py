"""Figure of which assumption moves the bill: a bar each, the widest on top."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import (
    BLUE,
    INK,
    ORANGE,
    SOFT,
    Chart,
    beside,
    empty,
    finish,
    named_rows,
    styled,
    usd,
    words,
)

MOST = 12
"""Assumptions shown."""


def tornado(found: pd.DataFrame) -> Chart:
    """The total over the horizon at the low and high value of each assumption, with the share of variance it explains.

    ``found`` is the table of ``cost.tornado``.
    """
    title = "Which assumption moves the bill"
    if found.empty:
        return empty(title, "Every assumption is a fixed number; state ranges to see what matters.")
    shown, top = found.head(MOST), found.iloc[0]
    told = (
        f"{words(top['assumption'])} moves the bill most: {usd(top['total_low'])} to {usd(top['total_high'])}"
    )
    chart = Chart(1.35 + 0.3 * len(shown), about=told)
    with styled():
        ax = chart.subplots()
        named_rows(ax, [words(name, 44) for name in shown["assumption"]])
        middle = float(found.attrs.get("expected", (top["total_low"] + top["total_high"]) / 2))
        for row, line in enumerate(shown.to_dict(orient="records")):
            _bar(ax, row, line, middle)
            shares = f"{line['alone']:.0%}" + (
                f" + {line['interaction']:.0%}" if line["interaction"] >= 0.005 else ""
            )
            beside(ax, row, shares, color=INK)
        beside(ax, -0.85, "alone + interactions", offset=8)
        ax.axvline(middle, color=SOFT, linewidth=0.8)
        ax.margins(x=0.16)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: usd(v)))
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        hidden = f"; {len(found) - MOST} more not shown" if len(found) > MOST else ""
        caption = (
            "mean USD over the horizon with one at its 10th or 90th percentile; right: share of variance"
        )
        finish(chart, told, caption + hidden)
    return chart


def _bar(ax: Axes, row: int, line: Mapping[Hashable, Any], middle: float) -> None:
    ends = ((line["total_low"], line["low"], ORANGE), (line["total_high"], line["high"], BLUE))
    one_side = (ends[0][0] >= middle) == (ends[1][0] >= middle)
    farther = max(abs(total - middle) for total, _, _ in ends)
    for total, value, colour in sorted(ends, key=lambda end: -abs(end[0] - middle)):
        ax.barh(
            row,
            total - middle,
            left=middle,
            height=0.62,
            color=colour,
            alpha=0.55 if colour is ORANGE else 0.95,
        )
        if one_side and abs(total - middle) < farther:
            continue
        right = total >= middle
        ax.annotate(
            _number(value), (total, row), (4 if right else -4, 0), textcoords="offset points", va="center",
            ha="left" if right else "right", fontsize=8, color=SOFT,
        )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
