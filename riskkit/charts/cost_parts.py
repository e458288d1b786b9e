"""Figure of what a bill is made of: expected dollars of each component, month by month."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import FAINT, INK, Chart, empty, finish, styled, usd, words

COLOURS = (
    "#1f5f8b",
    "#6fa3c7",
    "#123a56",
    "#a9c9de",
    "#cb6437",
    "#e59a74",
    "#e8c06a",
    "#b98f2d",
    "#55646f",
    "#a7b3bd",
)
"""Alternately dark and light, so that neighbours are told apart without colour."""
SMALL = 0.01
"""Components below this share of the whole are put together."""


def cost_parts(parts: pd.DataFrame) -> Chart:
    """Stacked expected dollars by month; ``parts`` has a column month and one column a component."""
    title = "What the bill is made of"
    amounts = _shown(parts.drop(columns="month"))
    total = float(amounts.to_numpy().sum())
    if not total:
        return empty(title, "Nothing is expected to cost anything.")
    shares = {str(name): float(amount) / total for name, amount in amounts.sum().items()}
    first = max(shares, key=lambda name: shares[name])
    chart = Chart(
        3.6,
        about=f"{title}. Of it {words(first)} {shares[first]:.0%} of {usd(total)} over {len(parts)} months.",
    )
    with styled():
        ax = chart.subplots()
        floor = pd.Series(0.0, index=amounts.index)
        for colour, name in zip(COLOURS, shares, strict=False):
            ax.bar(
                parts["month"], amounts[name], bottom=floor, color=colour, width=0.86,
                label=f"{words(name)}  {shares[name]:.0%}",
            )  # fmt: skip
            floor = floor + amounts[name]
        handles, labels = ax.get_legend_handles_labels()
        ax.legend(
            handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8.5,
            labelcolor=INK,
        )  # fmt: skip
        ax.set(xlabel="month", ylabel="", xlim=(0.4, len(parts) + 0.6))
        ax.grid(axis="y", color=FAINT, linewidth=0.7)
        ax.set_axisbelow(True)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: usd(v)))
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_locator(MaxNLocator(13, integer=True, min_n_ticks=1))
        finish(
            chart,
            f"{words(first).capitalize()}: {shares[first]:.0%} of the expected bill",
            "expected USD a month",
        )
    return chart


def _shown(amounts: pd.DataFrame) -> pd.DataFrame:
    """The components, largest first; small ones together as other, so that there is a colour for each."""
    sums = {str(name): float(amount) for name, amount in amounts.sum().items()}
    order = sorted(sums, key=lambda name: -sums[name])
    kept = [n for n in order if sums[n] >= SMALL * sum(sums.values()) > 0][: len(COLOURS) - 1]
    rest = amounts.drop(columns=kept)
    found = amounts[kept]
    return found.assign(other=rest.sum(axis=1)) if rest.to_numpy().sum() > 0 else found
