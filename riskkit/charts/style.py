"""The look of every figure: calm, readable in print and without colour vision, the same bytes for the same data."""

from __future__ import annotations

import warnings
from base64 import b64encode
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

INK, SOFT, FAINT, PAPER = "#22303c", "#55646f", "#dde3e8", "#ffffff"
BLUE, ORANGE, SAND, GREY = "#1f5f8b", "#cb6437", "#e8c06a", "#a7b3bd"
"""Met, breached, in between, unknown: told apart by lightness and, in every chart, by shape or words as well."""
WIDTH = 8.0
"""Inches: as wide as a page's text."""
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
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 6,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.formatter.use_locale": False,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 9,
    "xtick.bottom": True,
    "ytick.left": False,
    "xtick.major.size": 3,
    "xtick.major.width": 0.7,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.dpi": 100,
}


class Chart(Figure):
    """A figure that needs no pyplot: it shows itself in a notebook, and its text from data stays text.

    ``about`` says in one sentence what is seen; it is the text for readers who do not see the picture.
    """

    def __init__(self, height: float, *, about: str) -> None:
        with styled():
            super().__init__(figsize=(WIDTH, height), layout="constrained")
            self.set_layout_engine("constrained", w_pad=0.08, h_pad=0.06, hspace=0.03)
        FigureCanvasAgg(self)
        self.about = printable(about, 600)

    def draw(self, renderer: Any) -> None:
        """Draw in the house style, which ticks made while drawing need as well; a missing letter shows as a box."""
        with styled(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            super().draw(renderer)

    def __repr__(self) -> str:
        return f"Chart: {self.about}"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        # Asked for before any formatter that pyplot's inline backend registers, so the bytes stay ours.
        width, height = (round(96 * inches) for inches in self.get_size_inches())
        shown = {"image/png": b64encode(png(self)).decode(), "text/plain": repr(self)}
        return shown, {"image/png": {"width": width, "height": height}}


def styled() -> AbstractContextManager[None]:
    """The house style for the lines within; nothing outside them changes."""
    return mpl.rc_context(STYLE)


def png(chart: Figure) -> bytes:
    """The figure as PNG; equal charts give equal bytes."""
    return _saved(chart, format="png", dpi=DPI, metadata={"Software": None})


def svg(chart: Figure) -> bytes:
    """The figure as SVG with text as outlines; equal charts give equal bytes."""
    return _saved(chart, format="svg", metadata={"Date": None, "Creator": None})


def text(value: object, limit: int = 34) -> str:
    """``value`` for display: control characters escaped, cut at ``limit`` characters."""
    return printable(value, limit)


def words(name: object, limit: int = 60) -> str:
    """A name from code in words: ``sex x age_band`` becomes ``sex × age band``."""
    return text(str(name).replace("_", " ").replace(" x ", " × "), limit)


def usd(value: float) -> str:
    """An amount of dollars with as many digits as it deserves."""
    return f"${value:,.0f}" if value >= 100 or value == round(value) else f"${value:,.2f}"


def finish(chart: Chart, title: str, caption: str = "") -> None:
    """A bold title, a softer line at the foot, and the layout settled once, so that every rendering is the same."""
    chart.suptitle(text(title, 96), x=0.012, ha="left", fontsize=11.5, fontweight="bold", color=INK)
    if caption:
        chart.supxlabel(text(caption, 150), x=0.012, ha="left", fontsize=8.5, color=SOFT)
    chart.draw_without_rendering()
    chart.set_layout_engine("none")


def empty(title: str, why: str) -> Chart:
    """A figure that says why there is nothing to show."""
    chart = Chart(1.1, about=f"{title}. {why}")
    with styled():
        chart.subplots().set_axis_off()
        finish(chart, title, why)
    return chart


def named_rows(axes: Axes, names: Sequence[str]) -> None:
    """Rows named at the left, first on top, all equally high; light vertical lines only."""
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)


def beside(
    axes: Axes, row: float, note: str, *, offset: float = 8, color: str = SOFT, bold: bool = False
) -> None:
    """A note at the right of a row, outside the axes."""
    axes.annotate(
        note, (1, row), (offset, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
        fontsize=8.5, color=color, fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _saved(chart: Figure, **how: Any) -> bytes:
    out = BytesIO()
    with styled():
        chart.savefig(out, **how)
    return out.getvalue()
