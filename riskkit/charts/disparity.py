"""Figure of how far groups are apart: each disparity against its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from riskkit.charts.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SAND,
    SOFT,
    Chart,
    beside,
    empty,
    finish,
    named_rows,
    styled,
    text,
    words,
)
from riskkit.model import Measurement, Threshold, Verdict, judge

LOOK = {Verdict.MET: (BLUE, "o"), Verdict.BREACHED: (ORANGE, "D"), Verdict.INCONCLUSIVE: (SAND, "s")}


def disparities(
    measurements: Sequence[Measurement],
    thresholds: Mapping[str, Threshold],
    *,
    chance: pd.DataFrame | None = None,
) -> Chart:
    """Each measurement's interval against its bound, told met, breached or inconclusive by word, shape and colour.

    A measurement is held against its own threshold, or else the one ``thresholds`` has for its measure. ``chance``
    (columns measure, segment, low, high, as from ``fairness.chance_bands``) draws behind a row where chance keeps it.
    """
    shown = [(m, m.threshold or thresholds.get(m.measure)) for m in measurements]
    if not shown:
        return empty("Disparities", "Nothing was measured: these data do not hold what it needs.")
    verdicts = [judge(m, bound).verdict for m, bound in shown]
    counted = ", ".join(f"{verdicts.count(v)} {v.value}" for v in dict.fromkeys(verdicts))
    title = f"{words(shown[0][0].measure).capitalize()}: {counted}"
    chart = Chart(1.0 + 0.36 * len(shown), about=f"{title}. " + "; ".join(_said(m) for m, _ in shown) + ".")
    with styled():
        ax = chart.subplots()
        named_rows(ax, [words(m.segment or "all") for m, _ in shown])
        ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
        for row, (low, high) in _bands(shown, chance):
            ax.fill_between(
                [low, high], row - 0.36, row + 0.36, color=GREY, alpha=0.3, linewidth=0, zorder=0.5
            )
        for row, ((m, _), verdict) in enumerate(zip(shown, verdicts, strict=True)):
            _interval(ax, row, m, verdict)
        for threshold in dict.fromkeys(bound.describe() for _, bound in shown if bound):
            _bound(ax, next(b for _, b in shown if b and b.describe() == threshold))
        grey = "" if chance is None else ", grey: where chance alone keeps it"
        finish(chart, title, f"mark: observed, bar: interval, dashed: bound{grey}")
    return chart


def _bands(
    shown: Sequence[tuple[Measurement, Threshold | None]], chance: pd.DataFrame | None
) -> list[tuple[int, tuple[float, float]]]:
    """Row and band of every measurement that ``chance`` has one for."""
    if chance is None:
        return []
    columns = (chance[name] for name in ("measure", "segment", "low", "high"))
    bands = {(m, s): (float(low), float(high)) for m, s, low, high in zip(*columns, strict=True)}
    found = [(row, bands.get((m.measure, m.segment))) for row, (m, _) in enumerate(shown)]
    return [(row, band) for row, band in found if band is not None and shown[row][0].value is not None]


def _interval(ax: Axes, row: int, m: Measurement, verdict: Verdict) -> None:
    if m.value is None or m.low is None or m.high is None:
        reason = text(f"not computable: {m.undefined}", 84)
        ax.annotate(
            reason, (0.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=8.5, color=SOFT
        )
        return
    colour, marker = LOOK.get(verdict, (GREY, "X"))
    ax.hlines(row, m.low, m.high, color=colour, linewidth=3.4, alpha=0.65)
    ax.scatter([m.value], [row], s=52, marker=marker, color=colour, edgecolor=INK, linewidth=0.7, zorder=3)
    beside(ax, row, verdict.value, color=INK, bold=True)
    beside(ax, row, f"{_three(m.value)}  [{_three(m.low)}, {_three(m.high)}]  n = {m.n:,}", offset=88)


def _bound(ax: Axes, threshold: Threshold) -> None:
    """Dashed lines at the bound; what lies on the good side is faintly tinted."""
    lowest, highest = ax.get_xlim()
    good = (
        lowest if threshold.at_least is None else threshold.at_least,
        highest if threshold.at_most is None else threshold.at_most,
    )
    lowest, highest = min(lowest, *good), max(highest, *good)
    margin = 0.02 * (highest - lowest)
    lowest, highest = lowest - margin * (lowest in good), highest + margin * (highest in good)
    ax.set_xlim(lowest, highest)
    ax.axvspan(
        lowest if threshold.at_least is None else good[0], highest if threshold.at_most is None else good[1],
        color=BLUE, alpha=0.06, linewidth=0, zorder=0,
    )  # fmt: skip
    for value in (threshold.at_least, threshold.at_most):
        if value is not None:
            ax.axvline(value, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    side, at = (
        ("left", threshold.at_least) if threshold.at_least is not None else ("right", threshold.at_most)
    )
    ax.annotate(
        threshold.describe(), (at or 0.0, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha=side, fontsize=8.5, color=INK,
    )  # fmt: skip


def _three(value: float) -> str:
    """Three decimals, without the sign of a zero."""
    return f"{round(value, 3) + 0.0:.3f}"


def _said(m: Measurement) -> str:
    name = words(m.segment or "all")
    return (
        f"{name} not computable" if m.value is None else f"{name} {m.value:.3f} [{m.low:.3f}, {m.high:.3f}]"
    )
