"""Figure of contamination: how many test items each rule finds in the corpus."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from riskkit.charts.style import INK, ORANGE, SOFT, Chart, beside, empty, finish, named_rows, styled

RULES = {
    "any_13_gram": "a run of 13 words",
    "dirty_8_grams": "70 % of runs of 8 words",
    "dirty_tokens": "80 % of words in runs of 10",
    "near_duplicate": "a near duplicate",
}


def contamination(checked: pd.DataFrame) -> Chart:
    """The number and share of test items that stand in the corpus by each rule.

    ``checked`` is the table of ``contamination.check``.
    """
    if checked.empty:
        return empty("Contamination", "No corpus is named.")
    known = checked["contaminated"].notna()
    total, dirty = int(known.sum()), int(checked["contaminated"].fillna(value=False).sum())
    if not total:
        return empty("Contamination", "No item is long enough to be judged.")
    title = f"{dirty:,} of {total:,} test items stand in the corpus by some rule"
    counts = {told: int(checked[column].fillna(value=False).sum()) for column, told in RULES.items()}
    short = len(checked) - total
    caption = "an item can be found by several rules" + (
        f"; {short:,} items too short to be judged" if short else ""
    )
    chart = Chart(
        2.3, about=f"{title}: " + ", ".join(f"{told} {n}" for told, n in counts.items()) + f". {caption}."
    )
    with styled():
        ax = chart.subplots()
        named_rows(ax, list(counts))
        ax.grid(visible=False)
        sns.barplot(x=list(counts.values()), y=list(counts), ax=ax, color=ORANGE, width=0.6, saturation=1)
        ax.set(xticks=[], xlabel="", ylabel="", xlim=(0, max(1, *counts.values())))
        ax.spines["bottom"].set_visible(False)
        for row, told in enumerate(counts):
            beside(ax, row, f"{counts[told]:,}", color=INK)
            beside(ax, row, f"{counts[told] / total:.1%}", offset=48, color=SOFT)
        finish(chart, title, caption)
    return chart
