"""The look of every figure: calm, readable in print and without colour vision, the same bytes for the same data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from riskkit.errors import printable

INK, SOFT, FAINT, PAPER = "#22303c", "#5f6f7d", "#d9dfe4", "#ffffff"
BLUE, ORANGE, SAND, GREY = "#2a6f97", "#c8553d", "#e0b15e", "#93a1ad"
"""Met, breached, in between, unknown: told apart by lightness and, in every chart, by shape or words as well."""
DPI = 144
STYLE: Any = {
    **sns.axes_style("white"),
    **sns.plotting_context("notebook", font_scale=0.9),
    "text.parse_math": False,
    "text.usetex": False,
    "svg.hashsalt": "riskkit",
    "svg.fonttype": "path",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": FAINT,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlepad": 8,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": True,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 9,
    "xtick.bottom": True,
    "ytick.left": False,
    "xtick.major.size": 3,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.dpi": 100,
}


class Chart(Figure):
    """A figure that needs no pyplot: it shows itself in a notebook, and its text from data stays text.

    ``about`` says in one sentence what is seen; it is the text for readers who do not see the picture.
    """

    def __init__(self, width: float, height: float, *, about: str) -> None:
        with styled():
            super().__init__(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(self)
        self.about = printable(about, 600)

    def draw(self, renderer: Any) -> None:
        """Draw in the house style, which ticks made while drawing need as well."""
        with styled():
            super().draw(renderer)

    def __repr__(self) -> str:
        return f"Chart: {self.about}"

    def _repr_png_(self) -> bytes:
        return png(self)


def styled() -> AbstractContextManager[None]:
    """The house style for the lines within; nothing outside them changes."""
    return mpl.rc_context(STYLE)


def png(chart: Figure) -> bytes:
    """The figure as PNG; equal charts give equal bytes."""
    return _saved(chart, format="png", dpi=DPI, metadata={"Software": None})


def svg(chart: Figure) -> bytes:
    """The figure as SVG with text as outlines; equal charts give equal bytes."""
    return _saved(chart, format="svg", metadata={"Date": None, "Creator": None})


def text(value: object, limit: int = 48) -> str:
    """``value`` for display: control characters escaped, cut at ``limit`` characters."""
    return printable(value, limit)


def finish(chart: Chart, title: str, subtitle: str = "") -> None:
    """A bold title, a softer line at the foot, and the layout settled once, so that every rendering is the same."""
    chart.suptitle(text(title, 110), x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    if subtitle:
        chart.supxlabel(text(subtitle, 160), x=0.01, ha="left", fontsize=8.5, color=SOFT)
    chart.draw_without_rendering()
    chart.set_layout_engine("none")


def quiet(axes: Axes, names: Sequence[str], *, grid: bool = True) -> None:
    """Rows named at the left, first on top, light vertical lines only."""
    axes.set_yticks(range(len(names)), [text(n) for n in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    if grid:
        axes.grid(axis="x", color=FAINT, linewidth=0.7)
        axes.set_axisbelow(True)


def _saved(chart: Figure, **how: Any) -> bytes:
    out = BytesIO()
    with styled():
        chart.savefig(out, **how)
    return out.getvalue()
