"""A table of results as people read it: every row, whole texts, few digits, nothing from data read as markup."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskkit.charts.style import text

CHANCES = {"p", "p_holm", "q_bh"}
"""Columns of p-values: a small one is told as below the last digit, never as 0."""
LONGEST = 400


class Listed:
    """A table that shows itself: HTML in a notebook and on a page, plain text elsewhere."""

    def __init__(self, frame: pd.DataFrame, *, digits: int = 3) -> None:
        self.heads = [str(name).replace("_", " ") for name in frame.columns]
        self.numeric = [pd.api.types.is_numeric_dtype(frame[name]) for name in frame.columns]
        columns = [[_said(v, str(name), digits) for v in frame[name]] for name in frame.columns]
        self.rows = list(zip(*columns, strict=True))

    def __repr__(self) -> str:
        lines = [tuple(self.heads), *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = [
            [
                cell.rjust(w) if right else cell.ljust(w)
                for cell, w, right in zip(row, widths, self.numeric, strict=True)
            ]
            for row in lines
        ]
        return "\n".join("  ".join(row).rstrip() for row in padded)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        return {"text/html": self._html(), "text/plain": repr(self)}

    def _html(self) -> str:
        if not self.rows:
            return "<p>Nothing to list: these data hold none of it.</p>"
        sides = ["right" if number else "left" for number in self.numeric]
        heads = "".join(
            f'<th scope="col" style="text-align: {side}">{html.escape(head)}</th>'
            for head, side in zip(self.heads, sides, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align: {side}">{html.escape(cell)}</td>'
                for cell, side in zip(row, sides, strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def listed(frame: pd.DataFrame, *, digits: int = 3) -> Listed:
    """``frame`` for readers: every row, ``digits`` decimals, p-values below the last told so, gaps as a dash."""
    return Listed(frame, digits=digits)


def _said(value: Any, name: str, digits: int) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "–"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if not isinstance(value, (float, np.floating)):
        return text(value, LONGEST)
    value = float(value)
    if name in CHANCES and value < 10**-digits:
        return f"< {10**-digits:g}"
    return f"{round(value, digits) + 0.0:,.{digits}f}"
