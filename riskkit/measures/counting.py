"""Rows of decisions counted into tables, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.measures import encoding
from riskkit.measures.counts import BETWEEN, CountTable, Ints, summed
from riskkit.measures.encoding import MISSING, UNKNOWN, Encoded

__all__ = ["MISSING", "count", "groupings", "rows_column", "tables"]

CHUNK = 1 << 16
"""Rows counted at once, so that memory stays flat and the keys stay in the processor's cache."""
TIMES = "how often it occurs"
"""The column that says for how many rows of a Dask table one stands."""
DENSE = 1 << 22
"""Most combinations of groups that get a place each, whether or not they occur."""


def groupings(table: Any, groups: Sequence[str] | None = None) -> list[tuple[str, ...]]:
    """The groupings to compare: every group column, then every pair of them; or exactly those ``groups`` names.

    The columns are ``table.attrs["groups"]``; an item such as ``sex x age_band`` means the intersection.

    Raises
    ------
    ValueError
        When no column is declared, or one that is named is not in the table.
    """
    if isinstance(groups, str):
        raise ValueError(f"groups is a list, for example [{groups!r}]")
    there = encoding.column_names(table)
    if groups:
        found = [(item,) if item in there else tuple(map(str.strip, item.split(BETWEEN))) for item in groups]
    else:
        columns = list(_declared(table, "groups") or ())
        pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]
        found = [*((c,) for c in columns), *pairs]
    if not found:
        raise ValueError(
            'no group column is declared (table.attrs["groups"], for example ["sex", "age_band"])'
        )
    unknown = sorted({name for grouping in found for name in grouping if name not in there})
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)} in the table (it has {', '.join(there)})")
    return found


def count(table: Any, grouping: Sequence[str], *, by_label: bool = False) -> CountTable:
    """Counts over the columns of ``grouping`` in one pass over the rows; a missing group value is its own group.

    Memory stays flat: rows are taken in chunks, and columns are not copied.

    Parameters
    ----------
    table : pandas, Polars, Arrow, or Dask, whose partitions are counted where they lie; one row a decision,
        ``selected`` true where the outcome was favourable, ``label`` what really happened. Where
        ``table.attrs["rows"]`` names a column, each row stands for that many decisions.
    by_label : also split by ``label``; rows without a label are left out.

    Raises
    ------
    ValueError
        When ``selected`` or ``label`` is not True and False, a decision is missing, or two group values look the same.
    """
    if hasattr(table, "map_partitions"):
        table = _gathered(table, [*grouping, *(["label"] if by_label else []), "selected"])
    columns = [encoding.groups(encoding.column(table, name)) for name in grouping]
    shape = tuple(len(column.levels) for column in columns)
    bits = [Encoded(encoding.labels(table, "label"), ())] if by_label else []
    bits.append(Encoded(encoding.flags(table, "selected").view(np.uint8), ()))
    sizes = (*shape, *((UNKNOWN + 1,) if by_label else ()), 2)
    keys, counts = tally([*columns, *bits], sizes, _rows(table))
    width = 2 * (UNKNOWN + 1) if by_label else 2
    if by_label:
        known = keys % width < 2 * UNKNOWN
        keys, counts = keys[known], counts[known]
    where, inverse = np.unique(keys // width, return_inverse=True)
    filled = np.zeros((len(where), width), dtype=np.int64)
    filled[inverse, keys % width] = counts
    codes = np.unravel_index(where, shape) if len(where) else ()
    cells = zip(*([c.levels[i] for i in code] for code, c in zip(codes, columns, strict=False)), strict=True)
    outcomes = (2, 2) if by_label else (2,)
    return summed(tuple(grouping), tuple(cells), filled[:, : prod(outcomes)].reshape(len(where), *outcomes))


def _gathered(table: Any, columns: Sequence[str]) -> pd.DataFrame:
    """The combinations that occur in a Dask table and how often: each partition is counted where it lies."""
    whole: pd.DataFrame = table[list(columns)].map_partitions(_sizes, list(columns)).compute()
    whole = whole.reset_index(drop=True)
    whole.attrs = {"rows": TIMES}
    return whole


def _sizes(part: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return part.groupby(columns, dropna=False, observed=True).size().rename(TIMES).reset_index()


def tables(table: Any, groups: Sequence[str] | None = None, *, by_label: bool = False) -> list[CountTable]:
    """A count table a grouping (see :func:`groupings`), all taken from one pass over the rows."""
    wanted = groupings(table, groups)
    joint = count(
        table, list(dict.fromkeys(name for grouping in wanted for name in grouping)), by_label=by_label
    )
    return [joint.marginal(grouping) for grouping in wanted]


def rows_column(table: Any) -> str | None:
    """The column that says how many decisions each row stands for, if there is one."""
    name = _declared(table, "rows")
    return None if name is None else str(name)


def _declared(table: Any, what: str) -> Any:
    """What ``table.attrs`` declares; tables that are not pandas' declare nothing."""
    return getattr(table, "attrs", {}).get(what)


def _rows(table: Any) -> NDArray[np.int64] | None:
    name = rows_column(table)
    return None if name is None else encoding.column(table, name).to_numpy(dtype=np.int64)


def tally(
    columns: Sequence[Encoded], shape: tuple[int, ...], times: NDArray[np.int64] | None
) -> tuple[Ints, Ints]:
    """Keys that occur and how often; in chunks, so that memory stays flat however many rows there are."""
    size, rows = prod(shape), len(columns[0].codes)
    if size >= 2**62:
        raise ValueError(f"too many combinations of groups to count at once ({size:.1e}); name fewer columns")
    dense = size <= DENSE
    strides = [prod(shape[i + 1 :]) for i in range(len(shape))]
    first = -sum(column.lowest * stride for column, stride in zip(columns, strides, strict=True))
    total = np.zeros(size if dense else 0, dtype=np.int64)
    keys, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for start in range(0, rows, CHUNK):
        stop = min(rows, start + CHUNK)
        key = np.full(stop - start, first)
        for column, stride in zip(columns, strides, strict=True):
            key += np.multiply(column.codes[start:stop], stride, dtype=np.int64)
        each = None if times is None else times[start:stop]
        if dense and each is None:
            total += np.bincount(key, minlength=size)
        elif dense and each is not None:
            np.add.at(total, key, each)
        else:
            keys, counts = _merged(keys, counts, key, each)
    if dense:
        keys = np.flatnonzero(total)
        return keys, total[keys]
    return keys, counts


def _merged(keys: Ints, counts: Ints, key: Ints, each: Ints | None) -> tuple[Ints, Ints]:
    """The keys so far with those of a chunk added; memory grows with the keys that occur, not with the rows."""
    found, inverse = np.unique(np.concatenate([keys, key]), return_inverse=True)
    total = np.zeros(len(found), dtype=np.int64)
    np.add.at(total, inverse, np.concatenate([counts, np.ones_like(key) if each is None else each]))
    return found, total
