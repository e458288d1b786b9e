"""Columns of decisions as small codes, whatever library holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.errors import printable

MISSING = "missing"
"""The reported group of rows whose group is not known."""
UNKNOWN = 2
"""Code of a label that is not known; 0 is False, 1 True."""


class Encoded(NamedTuple):
    """A column as codes that count up from ``lowest``, and what each code means.

    Codes stay as small as the source holds them, so that encoding takes no memory to speak of.
    """

    codes: NDArray[Any]
    levels: tuple[str, ...]
    lowest: int = 0


class Places(NamedTuple):
    """The combination of groups each row belongs to, as one number, and the columns it is made of."""

    keys: NDArray[np.int64]
    columns: tuple[Encoded, ...]

    def parts(self, key: int) -> tuple[str, ...]:
        """The groups that ``key`` stands for, one a column."""
        at = np.unravel_index(key, tuple(len(c.levels) for c in self.columns))
        return tuple(c.levels[int(i)] for c, i in zip(self.columns, at, strict=True))


def places(table: Any, grouping: Sequence[str]) -> Places:
    """Where each row of ``table`` belongs among the combinations of the columns of ``grouping``."""
    columns = tuple(groups(column(table, name)) for name in grouping)
    keys = np.zeros(len(columns[0].codes), dtype=np.int64)
    for one in columns:
        keys *= len(one.levels)
        keys += one.codes
        keys -= one.lowest
    return Places(keys, columns)


def column_names(table: Any) -> list[str]:
    """The columns of a pandas, Polars or Arrow table."""
    return list(map(str, table.columns if isinstance(table, pd.DataFrame) else _any_frame(table).columns))


def column(table: Any, name: str) -> pd.Series[Any]:
    """One column as a pandas series; text of other libraries is taken as sorted categories, as pandas' text is."""
    if isinstance(table, pd.DataFrame):
        return table[name]
    # Through Arrow: narwhals 2.28 hands an Arrow dictionary over with its missing values filled.
    values = _any_frame(table)[name].to_arrow()
    text = str(values.type) in {"string", "large_string", "string_view"}
    series: pd.Series[Any] = (values.dictionary_encode() if text else values).to_pandas()
    return (series.cat.reorder_categories(sorted(series.cat.categories)) if text else series).rename(name)


def flags(table: Any, name: str) -> NDArray[np.bool_]:
    """A column of True and False without a gap.

    Raises
    ------
    ValueError
        When it is not there, holds something else, or is empty in some row.
    """
    series = _flags(table, name)
    if missing := 0 if series.dtype == bool else int(series.isna().sum()):
        raise ValueError(
            f"column {name!r} is empty in {missing} of {len(series)} rows; every decision must be known"
        )
    return np.asarray(series.to_numpy(dtype=bool))


def labels(table: Any, name: str) -> NDArray[np.uint8]:
    """A column of True and False in which some are not known: 0, 1 and ``UNKNOWN``."""
    series = _flags(table, name)
    if series.dtype == bool:
        return np.asarray(series.to_numpy()).view(np.uint8)
    known = series.notna().to_numpy()
    codes = np.full(len(series), UNKNOWN, dtype=np.uint8)
    codes[known] = series[known].astype(bool).to_numpy()
    return codes


def groups(series: pd.Series[Any]) -> Encoded:
    """A column of groups; blank and missing values become one group.

    Raises
    ------
    ValueError
        When two different values would look the same.
    """
    if isinstance(series.array, pd.Categorical):
        codes, raw = series.array.codes, list(series.array.categories)
    else:
        codes, found = pd.factorize(series, sort=True)
        raw = list(found)
        codes = codes.astype(np.min_scalar_type(-max(1, len(raw))), copy=False)
    levels = [_label(value) for value in raw]
    known = [level for level in levels if level != MISSING]
    if len(set(known)) < len(known):
        twice = next(level for level in known if known.count(level) > 1)
        raise ValueError(
            f"two different values of column {series.name!r} read {twice!r}; make them one before the audit"
        )
    if blank := [i for i, level in enumerate(levels) if level == MISSING]:
        codes = np.where(np.isin(codes, blank), -1, codes).astype(codes.dtype)
    return Encoded(codes, (MISSING, *levels), lowest=-1)


def _any_frame(table: Any) -> Any:
    import narwhals as nw

    try:
        return nw.from_native(table, eager_only=True)
    except TypeError:
        raise ValueError(
            f"a {type(table).__name__} is no table of rows (give a pandas, Polars or Arrow table)"
        ) from None


def _flags(table: Any, name: str) -> pd.Series[Any]:
    if name not in (there := column_names(table)):
        raise ValueError(f"the table of decisions has no column {name!r} (it has {', '.join(there)})")
    series = column(table, name)
    if not (
        pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.infer_dtype(series, skipna=True) == "boolean"
    ):
        shown = ", ".join(sorted({printable(v, 20) for v in series.dropna().unique()[:4]}))
        raise ValueError(
            f"column {name!r} holds {shown or 'nothing'}, not True and False: declare the favourable value"
        )
    return series


def _label(value: Any) -> str:
    text = str(value)
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    return printable(text.strip(), 80) if text.strip() else MISSING
