"""Figure of a projected bill: the median month by month, its bands and the budget."""

from __future__ import annotations

from typing import Protocol

import pandas as pd
import seaborn as sns
from matplotlib.ticker import FuncFormatter, MaxNLocator

from riskkit.charts.style import BLUE, FAINT, INK, ORANGE, SOFT, Chart, finish, styled, usd

BANDS = (("p90", "p99", 0.13), ("p10", "p90", 0.28))
MARKS = (("p99", "99 % below"), ("p90", "90 % below"), ("p50", "median"), ("p10", "10 % below"))
APART = 0.055
"""Least distance between two labels, as a share of the height."""


class _Projection(Protocol):
    @property
    def months(self) -> pd.DataFrame: ...
    @property
    def monthly_budget_usd(self) -> float: ...


def cost_fan(projection: _Projection) -> Chart:
    """The median bill by month, bands below which 90 and 99 percent of the simulated futures lie, and the budget."""
    months, budget = projection.months, projection.monthly_budget_usd
    last = months.iloc[-1]
    title = _title(months, budget)
    top = 1.06 * max(budget, float(months["p99"].max()))
    about = f"{title}. Month {int(last['month'])}: median {usd(last['p50'])}, one in ten above {usd(last['p90'])}."
    chart = Chart(3.7, about=about)
    with styled():
        ax = chart.subplots()
        for low, high, alpha in BANDS:
            ax.fill_between(months["month"], months[low], months[high], color=BLUE, alpha=alpha, linewidth=0)
        marker = "o" if len(months) == 1 else None
        sns.lineplot(x=months["month"], y=months["p50"], ax=ax, color=BLUE, linewidth=2.2, marker=marker)
        ax.axhline(budget, color=ORANGE, linewidth=1.4, linestyle=(0, (5, 3)))
        first, end = float(months["month"].iloc[0]), float(last["month"])
        ax.annotate(
            f"budget {usd(budget)}",
            (first, budget),
            (2, 4),
            textcoords="offset points",
            color=ORANGE,
            fontsize=9,
        )
        for (name, told), place in zip(
            MARKS, _apart([last[name] for name, _ in MARKS], APART * top), strict=True
        ):
            strong = name == "p50"
            ax.annotate(
                f"{told} {usd(last[name])}", (last["month"], place), (6, 0), textcoords="offset points", va="center",
                fontsize=8.5, color=INK if strong else SOFT, fontweight="bold" if strong else "normal",
            )  # fmt: skip
        ax.set(
            xlabel="month",
            ylabel="",
            ylim=(0, top),
            xlim=(first, end) if first < end else (first - 0.5, first + 0.5),
        )
        ax.grid(axis="y", color=FAINT, linewidth=0.7)
        ax.set_axisbelow(True)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: usd(v)))
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_locator(MaxNLocator(13, integer=True, min_n_ticks=1))
        finish(
            chart,
            title,
            "USD a month; dark band: 80 of 100 simulated futures, light band: up to the 99th of 100",
        )
    return chart


def _title(months: pd.DataFrame, budget: float) -> str:
    over = months[months["p50"] > budget]
    share = months["exceed"].iloc[-1]
    if len(over):
        return f"The median future passes the budget of {usd(budget)} in month {int(over['month'].iloc[0])}"
    return (
        f"The median future stays within the budget of {usd(budget)}; {share:.0%} exceed it in the last month"
    )


def _apart(places: list[float], least: float) -> list[float]:
    """The places, highest first, moved just enough that no two labels touch, and none slides below zero."""
    found = [float(place) for place in places]
    for i in range(1, len(found)):
        found[i] = min(found[i], found[i - 1] - least)
    below = max(0.0, least / 2 - found[-1])
    for i in range(len(found) - 1, -1, -1):
        floor = least / 2 if i == len(found) - 1 else found[i + 1] + least
        found[i] = max(found[i], floor) if below else found[i]
    return found
