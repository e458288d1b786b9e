"""Figures of a model update: what changed by class, and when the evidence of a change was enough."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from riskkit.charts.style import (
    BLUE,
    GREY,
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

MOST = 20
"""Classes shown; of more those that changed most."""


def class_shifts(flips: pd.DataFrame) -> Chart:
    """The share of right answers before and after for each right answer, joined by an arrow, the largest loss first.

    ``flips`` is the table of ``update_changes.class_flips``: answer, prompts, right_before, right_after, p_holm.
    """
    shown = flips[flips["prompts"] > 0].assign(
        change=lambda t: (t["right_after"] - t["right_before"]) / t["prompts"]
    )
    if shown.empty:
        return empty("Right answers before and after", "No prompt has a reference.")
    shown = (
        shown.reindex(shown["change"].abs().sort_values(ascending=False).index)
        .head(MOST)
        .sort_values("change")
    )
    moved = int((shown["p_holm"] < 0.05).sum())
    title = f"Right answers before and after: {moved} of {len(shown)} classes moved"
    about = "; ".join(f"{text(a)} {b:.1%} to {c:.1%}" for a, b, c in _shares(shown))
    chart = Chart(1.25 + 0.34 * len(shown), about=f"{title}. {about}.")
    with styled():
        ax = chart.subplots()
        named_rows(ax, [text(a or "undetermined") for a in shown["answer"]])
        for row, (_, before, after) in enumerate(_shares(shown)):
            color = ORANGE if after < before else BLUE
            ax.annotate(
                "", (after, row), (before, row),
                arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
            ax.plot([before], [row], marker="o", markersize=6, color=GREY, zorder=3)
            beside(ax, row, f"{before:.1%} to {after:.1%}", color=INK)
            beside(ax, row, f"of {int(shown['prompts'].iloc[row]):,}", offset=98)
        ax.set(xlim=(-0.02, 1.02), xlabel="", ylabel="")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
        finish(
            chart,
            title,
            "dot: share right before; arrow head: after (orange: fewer, blue: more); first answers",
        )
    return chart


def scheduled_looks(found: pd.DataFrame, *, level: float = 0.95) -> Chart:
    """The e-process over scheduled looks with the line it must cross, and the share right at each look beneath it.

    ``found`` is the table of ``looks.looks``: look, share, e_process.
    """
    if len(found) < 2:
        return empty("Evidence of a change", "There are fewer than two scheduled looks.")
    bound, highest = 1 / (1 - level), float(found["e_process"].max())
    crossed = found.loc[found["e_process"] >= bound, "look"]
    told = f"crossed at {text(crossed.iloc[0])}" if len(crossed) else "never crossed"
    title = f"Evidence of a change over {len(found)} looks: the line of {bound:.0f} is {told}"
    chart = Chart(3.4, about=f"{title}; the highest value is {highest:.3g}.")
    with styled():
        upper, lower = chart.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        places = range(len(found))
        upper.axhline(bound, color=ORANGE, linestyle="--", linewidth=1.1)
        upper.plot(places, found["e_process"], color=BLUE, marker="o", markersize=4, linewidth=1.6)
        upper.set(yscale="log", title="e-process", xlabel="", ylabel="")
        upper.set_ylim(min(0.05, float(found["e_process"].min()) / 2), max(2 * bound, highest**1.1))
        upper.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        upper.yaxis.set_major_locator(LogLocator(numticks=5))
        upper.yaxis.set_minor_formatter(NullFormatter())
        lower.plot(places, found["share"], color=SOFT, marker="o", markersize=4, linewidth=1.3)
        lower.set(title="share right", xlabel="", ylabel="")
        lower.margins(y=0.3)
        lower.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0%}"))
        lower.yaxis.set_major_locator(MaxNLocator(3))
        lower.set_xticks(*_ticks(found))
        for ax in (upper, lower):
            ax.grid(axis="y", color=SOFT, alpha=0.2, linewidth=0.7)
        finish(chart, title, "above the dashed line a change is shown, however often one looks; log scale")
    return chart


def _shares(shown: pd.DataFrame) -> list[tuple[str, float, float]]:
    columns = (
        shown["answer"],
        shown["right_before"] / shown["prompts"],
        shown["right_after"] / shown["prompts"],
    )
    return [(str(a), float(b), float(c)) for a, b, c in zip(*columns, strict=True)]


def _ticks(found: pd.DataFrame) -> tuple[list[int], list[str]]:
    """Places and names of at most nine looks."""
    step = max(1, -(-len(found) // 9))
    places = list(range(0, len(found), step))
    return places, [text(found["look"].iloc[i], 12) for i in places]
