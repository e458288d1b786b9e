"""Figure of a plan: how the error grows over generations, by what is kept of the real data."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from riskkit.charts.style import BLUE, FAINT, GREY, ORANGE, SAND, SOFT, Chart, empty, finish, styled, text

COLOURS = (ORANGE, SAND, GREY, BLUE)
STROKES = ("-", (0, (6, 2)), (0, (2, 1.5)), "-.")
"""Lines are told apart by stroke as well as by colour."""


def generations_ahead(plans: pd.DataFrame) -> Chart:
    """The error of each plan over generations, in units of the first, each line named at its end.

    ``plans`` has the columns plan, generation, error, low, high, as from ``collapse.plans``.
    """
    if plans.empty:
        return empty("No plan to show", "There are no generations.")
    first = float(plans.loc[plans["generation"] == plans["generation"].min(), "error"].mean())
    title = "What is kept of the real data decides how errors build up"
    chart = Chart(3.2, about=f"{title}: " + _told(plans, first))
    with styled():
        ax = chart.subplots()
        ends = []
        for number, (name, part) in enumerate(plans.groupby("plan", sort=False)):
            colour, stroke = COLOURS[number % len(COLOURS)], STROKES[number % len(STROKES)]
            ax.fill_between(
                part["generation"],
                part["low"] / first,
                part["high"] / first,
                color=colour,
                alpha=0.15,
                linewidth=0,
            )
            ax.plot(part["generation"], part["error"] / first, color=colour, linestyle=stroke, linewidth=1.8)
            ends.append((float(part["error"].iloc[-1] / first), text(name, 40)))
        _name_lines(ax, ends)
        ax.grid(axis="y", color=FAINT, linewidth=0.7)
        ax.set(xlabel="generation", ylabel="", ylim=(0, None))
        ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        finish(
            chart,
            title,
            "in units of the first error; band: interval of the mean over runs; a linear model, for planning",
        )
    return chart


def _name_lines(ax: Axes, ends: Sequence[tuple[float, str]]) -> None:
    """The name of each line at its right end, moved apart where lines end close together."""
    highest = max(value for value, _ in ends)
    gap, last = highest / 13, -1.0
    for value, name in sorted(ends):
        place = max(value, last + gap)
        ax.annotate(
            f"{name}  {value:.1f}", (1, place), (8, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", fontsize=8.5, color=SOFT,
        )  # fmt: skip
        last = place


def _told(plans: pd.DataFrame, first: float) -> str:
    last = plans[plans["generation"] == plans["generation"].max()]
    ends = zip(last["plan"], last["error"], strict=True)
    parts = [f"{text(name, 40)} {error / first:.1f}" for name, error in ends]
    return f"after {int(last['generation'].iloc[0])} generations, in units of the first error: {', '.join(parts)}."
