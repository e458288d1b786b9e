"""Figure of generated rows beside real ones: how far each column moved, and how much of its tail is left."""

from __future__ import annotations

import pandas as pd

from riskkit.charts.style import BLUE, INK, SOFT, Chart, beside, empty, finish, named_rows, styled, text

MOST = 20
"""Columns shown; those that moved least are left out."""
LOST = 0.5
"""Share of a tail below which it is printed bold."""


def column_shifts(distances: pd.DataFrame, tails: pd.DataFrame) -> Chart:
    """The distance of each column between real and generated rows, largest first, with the coverage of its tail
    beside.

    ``distances`` is the table of ``fidelity.column_distances``, ``tails`` that of ``tails.by_column``.
    """
    shown = distances.dropna(subset=["distance"]).head(MOST)
    if shown.empty:
        return empty("No column to compare", "No column could be compared.")
    coverage = dict(zip(tails["column"], tails["coverage"], strict=True))
    title = "How far each column of the generated rows lies from the real one"
    chart = Chart(1.25 + 0.27 * len(shown), about=_told(shown, coverage, title))
    names = [text(c) for c in shown["column"]]
    with styled():
        ax = chart.subplots()
        named_rows(ax, names)
        ax.barh(range(len(names)), shown["distance"], color=BLUE, height=0.6)
        ax.set(xlabel="", ylabel="", xlim=(0, max(0.1, float(shown["distance"].max()) * 1.05)))
        ax.spines["bottom"].set_visible(True)
        cells = zip(shown["column"], shown["distance"], shown["p_adjusted"], strict=True)
        for row, (name, distance, p) in enumerate(cells):
            beside(ax, row, f"{distance:.3f}", color=INK)
            beside(ax, row, f"p {p:.2g}" if p >= 0.001 else "p < 0.001", offset=46)
            kept = coverage.get(name)
            lost = kept is not None and kept < LOST
            told = "no tail" if kept is None else f"tail {kept:.0%}"
            beside(ax, row, told, offset=112, color=INK if lost else SOFT, bold=lost)
        finish(
            chart,
            title,
            "Kolmogorov-Smirnov or total variation; p adjusted over columns; tail: share of the real one kept",
        )
    return chart


def _told(shown: pd.DataFrame, coverage: dict[str, float], title: str) -> str:
    first = shown.iloc[0]
    least = min(coverage, key=lambda name: coverage[name]) if coverage else ""
    tail = f"; least of its tail is left in {text(least)}, {coverage[least]:.0%}" if least else ""
    return (
        f"{title}: {len(shown)} columns, furthest {text(first['column'])} at {first['distance']:.3f}{tail}."
    )
