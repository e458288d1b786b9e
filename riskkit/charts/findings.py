"""Figure of invented facts: which kinds of unsupported claims were found, and in how many answers."""

from __future__ import annotations

import pandas as pd

from riskkit.charts.style import GREY, ORANGE, SOFT, Chart, finish, quiet, styled

KINDS = ("number", "name", "identifier", "quote", "sentence")


def invented_facts(checked: pd.DataFrame) -> Chart:
    """The share of checked answers with each kind of unsupported claim, most frequent first.

    ``checked`` is the table of ``grounding.check``: columns flagged, refused, unsupported.
    """
    looked_at = checked[checked["flagged"].notna()]
    claims = looked_at["unsupported"].str.split("; ")
    counts = {
        kind: int(claims.map(lambda c, k=kind: any(x.startswith(f"{k}: ") for x in c)).sum())
        for kind in KINDS
    }
    order = sorted(counts, key=lambda k: -counts[k])
    flagged = int(looked_at["flagged"].sum())
    title = f"{flagged:,} of {len(looked_at):,} answers hold a claim without support"
    refused = int(checked["refused"].sum())
    about = f"{title}: " + ", ".join(f"{k} {counts[k]}" for k in order) + f". {refused} refusals apart."
    chart = Chart(8, 2.9, about=about)
    with styled():
        ax = chart.subplots()
        quiet(ax, order, grid=False)
        ax.barh(
            range(len(order)),
            [counts[k] for k in order],
            height=0.62,
            color=[ORANGE if counts[k] else GREY for k in order],
        )
        for row, kind in enumerate(order):
            share = counts[kind] / len(looked_at) if len(looked_at) else 0
            ax.annotate(
                f"{counts[kind]:,} ({share:.1%})",
                (counts[kind], row),
                (5, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                color=SOFT,
            )
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        finish(chart, title, f"an answer can hold several kinds; {refused:,} refusals are counted apart")
    return chart
