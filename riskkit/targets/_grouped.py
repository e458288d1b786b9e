"""The combinations of values that occur in a file too large to hold, and how often each does."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riskkit.errors import EnvironmentProblem, InputError, Problem

from ._tables import as_text

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

MEMORY = "128MB"
"""What the engine may hold at once; beyond it, it works on disk."""
COUNT = "number of rows"


def read_grouped(path: Path, columns: Sequence[str], *, file: str) -> tuple[pd.DataFrame, pd.Series[int]]:
    """The distinct rows of ``columns`` in a CSV or Parquet file, as text, and how many rows each stands for.

    Memory depends on the number of combinations, not of rows. Empty cells are missing, as in ``read_table``.

    Raises
    ------
    InputError
        When the file cannot be read, or a column is not there.
    EnvironmentProblem
        When DuckDB is not installed.
    """
    if importlib.util.find_spec("duckdb") is None:
        raise EnvironmentProblem(
            f'{file}: a file of this size needs DuckDB to be counted: pip install "riskkit[arrow]"'
        )
    import duckdb

    wanted = list(dict.fromkeys(columns))
    with duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False}) as engine:
        try:
            rows = _opened(engine, path)
            there = {name.strip(): name for name in rows.columns}
            if missing := [name for name in wanted if name not in there]:
                right = f"one of {', '.join(there)}"
                raise InputError(
                    [Problem(file, 1, "", f"there is no column {name!r}", right) for name in missing]
                )
            by = [duckdb.ColumnExpression(there[name]) for name in wanted]
            often = duckdb.FunctionExpression("count_star").alias(COUNT)
            found = rows.aggregate([*by, often]).df()
        except duckdb.Error as error:
            raise InputError(
                [Problem(file, None, "", f"cannot be read: {str(error).splitlines()[0]}")]
            ) from None
    found.columns = [*wanted, COUNT]
    return as_text(found[wanted]), found[COUNT].astype("int64")


def _opened(engine: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    with path.open("rb") as stream:
        parquet = stream.read(4) == b"PAR1"
    exact = "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
    if parquet:
        return engine.read_parquet(exact)
    return engine.read_csv(exact, header=True, all_varchar=True, delimiter=",", quotechar='"', escapechar='"')
