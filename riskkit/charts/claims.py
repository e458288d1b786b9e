"""Figure of the claims of reports: which hold, and how the others fail."""

from __future__ import annotations

import pandas as pd

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
    text,
)


def claims_by_outcome(made: pd.DataFrame) -> Chart:
    """How many claims hold, and of those that do not, what was found instead.

    ``made`` is the table of ``analyst.check``: columns right and found.
    """
    if made.empty:
        return empty("No claim could be checked", "No report holds a number or a direction.")
    wrong = made.loc[~made["right"], "found"].value_counts()
    rows = [("holds", int(made["right"].sum()), BLUE), *((text(k), int(n), ORANGE) for k, n in wrong.items())]
    title = f"{int(wrong.sum()):,} of {len(made):,} claims do not follow from their table"
    told = ", ".join(f"{name} {n}" for name, n, _ in rows)
    chart = Chart(1.0 + 0.34 * len(rows), about=f"{title}: {told}.")
    with styled():
        ax = chart.subplots()
        named_rows(ax, [name for name, _, _ in rows])
        ax.grid(visible=False)
        for row, (_, n, colour) in enumerate(rows):
            ax.barh(row, n, color=colour, height=0.55)
            beside(ax, row, f"{n:,}", color=INK)
            beside(ax, row, f"{n / len(made):.1%}", offset=48, color=SOFT)
        ax.set(xticks=[], xlim=(0, max(n for _, n, _ in rows)))
        ax.spines["bottom"].set_visible(False)
        finish(chart, title, "numbers and directions that could be looked up or computed again")
    return chart
