"""A table of any columns, such as inputs of a model, training rows or documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import Field

from riskkit.errors import InputError, Problem
from riskkit.model import Frozen, Name

from . import Read
from ._answers import unpacked
from ._columns import column, flags
from ._condition import Condition
from ._tables import MOST_PROBLEMS, read_table, text_of

if TYPE_CHECKING:
    import pandas as pd


class Settings(Frozen):
    """Where the rows stand, and which rows and columns are meant."""

    dataset: Name = Field(
        description="a dataset of the profile (CSV, Parquet or JSON Lines; text may be packed with gzip)",
        examples=["training"],
    )
    columns: tuple[str, ...] = Field(
        (), description="only these columns; all when left out", examples=[["income", "debt"]]
    )
    where: dict[str, Condition] = Field(
        {}, description="keep only rows whose columns meet these", examples=[{"split": "train"}]
    )


def rows(settings: Settings, read: Read) -> pd.DataFrame:
    """The rows that are meant: numbers where every cell of a column is one, text elsewhere, empty cells missing.

    Raises
    ------
    InputError
        When the file is malformed, a column is not there, or no row is left.
    """
    file = f"dataset {settings.dataset}"
    raw = _read(unpacked(read(settings.dataset), file=file), file)
    for name, condition in settings.where.items():
        raw = raw[flags(raw, name, condition, file, f"where.{name}")]
    if raw.empty:
        raise InputError([Problem(file, None, "where", "no row is left")])
    names = settings.columns or tuple(map(str, raw.columns))
    found = {name: column(raw, name, file, "columns") for name in names}
    return _numbered(found).reset_index(drop=True)


def _read(data: bytes, file: str) -> pd.DataFrame:
    import pandas as pd

    if not data.lstrip().startswith(b"{"):
        return read_table(data, file=file)
    lines: list[dict[str, str]] = []
    problems: list[Problem] = []
    for number, line in enumerate(text_of(data, file=file).rstrip("\n").split("\n"), 1):
        try:
            lines.append(
                {name: _text(value) for name, value in json.loads(line).items() if value is not None}
            )
        except (ValueError, AttributeError, RecursionError):
            problems.append(Problem(file, number, "", "is no JSON object", "one object a line"))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return pd.DataFrame(lines, dtype="str")


def _numbered(columns: dict[str, pd.Series[Any]]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    found = {}
    for name, cells in columns.items():
        numbers = pd.to_numeric(cells, errors="coerce").astype(float)
        known = cells.notna()
        found[name] = numbers if known.any() and bool(np.isfinite(numbers[known]).all()) else cells
    return pd.DataFrame(found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
