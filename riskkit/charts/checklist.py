"""Figure of a checklist: how many requirements of each framework stand where."""

from __future__ import annotations

import pandas as pd

from riskkit.charts.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    PAPER,
    SAND,
    Chart,
    beside,
    finish,
    named_rows,
    styled,
    text,
    words,
)

LOOK = {
    "gap": (ORANGE, PAPER),
    "partly": (SAND, INK),
    "not_assessed": (GREY, INK),
    "met": (BLUE, PAPER),
    "later": ("#d3dbe1", INK),
    "not_applicable": (FAINT, INK),
}
"""Bar and label of each status, in the order of what wants attention."""


def checklist_status(rows: pd.DataFrame) -> Chart:
    """One bar a framework, split by status, most open first: columns framework, status, count."""
    return _drawn(_pivoted(rows))


def _pivoted(counts: pd.DataFrame) -> pd.DataFrame:
    """Frameworks by status, statuses in the order of LOOK, the framework with most open requirements first."""
    table = (
        counts.astype({"framework": str, "status": str})
        .groupby(["framework", "status"])["count"]
        .sum()
        .unstack(fill_value=0)
    )
    table = table[[s for s in LOOK if s in table] + [s for s in table if s not in LOOK]]
    still_open = table.drop(columns=["met", "later", "not_applicable"], errors="ignore").sum(axis=1)
    return table.loc[still_open.sort_values(ascending=False, kind="stable").index]


def _drawn(table: pd.DataFrame) -> Chart:
    total = int(table.to_numpy().sum())
    met = int(table["met"].sum()) if "met" in table else 0
    title = f"{met:,} of {total:,} requirements are met" if total else "No requirement concerns this system"
    told = ", ".join(f"{words(status)} {int(table[status].sum())}" for status in table)
    chart = Chart(1.05 + 0.36 * max(1, len(table)), about=f"{title}: {told}.")
    with styled():
        ax = chart.subplots()
        named_rows(ax, [text(name) for name in table.index])
        left = pd.Series(0, index=table.index)
        for status in table:
            fill, ink = LOOK.get(str(status), (GREY, PAPER))
            bars = ax.barh(
                range(len(table)), table[status], left=left, height=0.62, color=fill, edgecolor=PAPER, linewidth=1,
                label=words(status, 30),
            )  # fmt: skip
            ax.bar_label(
                bars,
                [f"{n}" if n else "" for n in table[status]],
                label_type="center",
                fontsize=8.5,
                color=ink,
            )
            left = left + table[status]
        for row, n in enumerate(table.sum(axis=1)):
            beside(ax, row, f"{int(n):,}")
        ax.grid(visible=False)
        ax.set(xticks=[], xlim=(0, max(1, int(left.max() if len(left) else 1))))
        ax.spines["bottom"].set_visible(False)
        if len(table.columns):
            ax.legend(ncols=len(table.columns), loc="lower left", bbox_to_anchor=(-0.01, 0.99), frameon=False,
                      fontsize=8.5, handlelength=1, handleheight=1, columnspacing=1.4, borderaxespad=0.2)  # fmt: skip
        finish(
            chart,
            title,
            "each bar in the order of the legend; not assessed: no answer, or a fact that would decide is missing",
        )
    return chart
