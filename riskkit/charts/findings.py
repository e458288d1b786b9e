"""Figure of invented facts: which kinds of unsupported claims were found, and in how many answers."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from riskkit.charts.style import INK, ORANGE, SOFT, Chart, beside, finish, named_rows, styled

KINDS = {
    "number": "a number",
    "name": "a name",
    "identifier": "an identifier or link",
    "quote": "a quotation",
    "negation": "a denial of the material",
    "sentence": "a whole sentence",
}


def invented_facts(checked: pd.DataFrame) -> Chart:
    """The share of checked answers with each kind of unsupported claim, most frequent first.

    ``checked`` is the table of ``grounding.check``: columns flagged, refused, kinds.
    """
    looked_at = checked[checked["flagged"].notna()]
    total, flagged, refused = len(looked_at), int(looked_at["flagged"].sum()), int(checked["refused"].sum())
    kinds = looked_at["kinds"].str.split()
    counts = {told: int(kinds.map(lambda found, k=kind: k in found).sum()) for kind, told in KINDS.items()}
    order = sorted(counts, key=lambda told: -counts[told])
    title = (
        f"{flagged:,} of {total:,} answers hold a claim without support"
        if total
        else "No answer could be checked"
    )
    unchecked = len(checked) - total - refused
    caption = f"an answer can hold several kinds; apart from these: {refused:,} refusals" + (
        f", {unchecked:,} answers without context" if unchecked else ""
    )
    chart = Chart(
        2.55, about=f"{title}: " + ", ".join(f"{told} {counts[told]}" for told in order) + f". {caption}."
    )
    with styled():
        ax = chart.subplots()
        named_rows(ax, order)
        ax.grid(visible=False)
        sns.barplot(
            x=[counts[told] for told in order], y=list(order), ax=ax, color=ORANGE, width=0.6, saturation=1
        )
        ax.set(xticks=[], xlabel="", ylabel="", xlim=(0, max(1, *counts.values())))
        ax.spines["bottom"].set_visible(False)
        for row, told in enumerate(order):
            beside(ax, row, f"{counts[told]:,}", color=INK)
            beside(ax, row, f"{counts[told] / total:.1%}" if total else "", offset=48, color=SOFT)
        finish(chart, title, caption)
    return chart
