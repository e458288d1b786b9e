"""Columns of a text table, checked as they are taken."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from riskkit.errors import InputError, Problem

from ._condition import Condition

if TYPE_CHECKING:
    import pandas as pd

MOST_LINES = 5
"""Lines named for one kind of fault in a column."""


def column(table: pd.DataFrame, name: str, file: str, field: str) -> pd.Series[str]:
    """The column called ``name``; one that is not there is an error that names the nearest."""
    if name not in table:
        close = difflib.get_close_matches(name, map(str, table.columns), n=1)
        right = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(map(str, table.columns))}"
        raise InputError([Problem(file, 1, field, f"there is no column {name!r}", right)])
    return table[name]


def numbers(table: pd.DataFrame, name: str, file: str, field: str) -> pd.Series[float]:
    """The column called ``name`` as finite numbers, NaN where the cell is empty."""
    import numpy as np
    import pandas as pd

    cells = column(table, name, file, field)
    found = pd.to_numeric(cells, errors="coerce").astype(float)
    wrong = cells.notna() & ~np.isfinite(found)
    if wrong.any():
        raise InputError(row_problems(cells, wrong, file, name, "is not a finite number"))
    return found


def flags(table: pd.DataFrame, name: str, condition: Condition, file: str, field: str) -> pd.Series[bool]:
    """Where the column called ``name`` meets ``condition``."""
    import numpy as np
    import pandas as pd

    cells = column(table, name, file, field)
    if condition.has_bounds:
        numbers(table, name, file, field)
    codes, distinct = pd.factorize(cells)
    met = condition.test()
    verdicts = np.array([*(met(str(value)) for value in distinct), met("")], dtype=bool)
    return pd.Series(verdicts[codes], index=table.index)


def row_problems(
    cells: pd.Series[Any], wrong: pd.Series[bool], file: str, field: str, what: str
) -> list[Problem]:
    """A problem for the first rows where ``wrong`` holds, and one that counts the rest.

    Lines are given where every row of the file is one line, as ``attrs["one_line_a_row"]`` says.
    """
    import pandas as pd

    faulty = cells[wrong]
    one_line = bool(cells.attrs.get("one_line_a_row"))
    shown = [
        Problem(
            file,
            int(str(row)) + 2 if one_line else None,
            field if one_line else f"{field}, row {int(str(row)) + 1}",
            what if pd.isna(value) else f"{value!r} {what}",
        )
        for row, value in faulty.head(MOST_LINES).items()
    ]
    rest = len(faulty) - len(shown)
    return shown + ([Problem(file, None, field, f"{rest} more rows have this fault")] if rest else [])
