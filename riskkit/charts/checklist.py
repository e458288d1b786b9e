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
    finish,
    quiet,
    styled,
    text,
)

COLOURS = {
    "met": BLUE, "partly": SAND, "gap": ORANGE, "not_assessed": GREY, "unknown": GREY, "later": "#c9d3db",
    "not_applicable": FAINT,
}  # fmt: skip


def checklist_status(rows: pd.DataFrame) -> Chart:
    """One bar a framework, split by status: columns framework, status, count."""
    table = rows.pivot_table(
        index="framework", columns="status", values="count", aggfunc="sum", fill_value=0, observed=True
    )
    known = [s for s in COLOURS if s in table] + [s for s in table if s not in COLOURS]
    table = table[known].sort_values(known[0], ascending=False, kind="stable") if known else table
    about = "Requirements by status: " + ", ".join(f"{s} {int(table[s].sum())}" for s in known) + "."
    chart = Chart(8, 1.4 + 0.36 * max(1, len(table)), about=about)
    with styled():
        ax = chart.subplots()
        quiet(ax, list(table.index), grid=False)
        left = pd.Series(0, index=table.index)
        for status in known:
            ax.barh(
                range(len(table)),
                table[status],
                left=left,
                height=0.64,
                color=COLOURS.get(status, GREY),
                edgecolor=PAPER,
                linewidth=1,
                label=text(str(status).replace("_", " "), 30),
            )
            for row, (start, size) in enumerate(zip(left, table[status], strict=True)):
                if size:
                    ax.annotate(
                        f"{int(size)}",
                        (start + size / 2, row),
                        ha="center",
                        va="center",
                        fontsize=8,
                        color=INK,
                    )
            left = left + table[status]
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        ax.legend(
            ncols=len(known),
            loc="lower left",
            bbox_to_anchor=(0, 1),
            frameon=False,
            fontsize=8.5,
            handlelength=1,
        )
        finish(chart, "Requirements by status", "")
    return chart
