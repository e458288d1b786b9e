"""A table of results as people read it: every row, whole texts, few digits, nothing from data read as markup."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskkit.charts.style import text
from riskkit.model.shown import Shown, line, table

CHANCES = {"p", "p_holm", "q_bh"}
"""Columns of p-values: a small one is told as below the last digit, never as 0."""
LONGEST = 400


def listed(frame: pd.DataFrame, *, digits: int = 3) -> Shown:
    """``frame`` for readers: every row, ``digits`` decimals, p-values below the last told so, gaps as a dash."""
    if frame.empty:
        return line("Nothing to list: these data hold none of it.")
    heads = [str(name).replace("_", " ") for name in frame.columns]
    sides = ["right" if pd.api.types.is_numeric_dtype(frame[name]) else "left" for name in frame.columns]
    columns = [[_said(v, str(name), digits) for v in frame[name]] for name in frame.columns]
    return table(heads, list(zip(*columns, strict=True)), sides=sides)


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
