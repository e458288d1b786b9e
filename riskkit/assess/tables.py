"""How much of a table a notebook shows."""

from __future__ import annotations

ROWS, COLUMNS, CHARACTERS = 1000, 50, 500
"""What a table may fill of a page: whole checklists and whole sentences fit, and a hostile text ends somewhere."""


def show_in_full() -> None:
    """Let pandas show tables whole up to these bounds, where it would cut text at 50 characters and rows at 60."""
    import pandas as pd

    pd.set_option("display.max_rows", ROWS)
    pd.set_option("display.max_columns", COLUMNS)
    pd.set_option("display.max_colwidth", CHARACTERS)
