"""Rows of decisions counted into tables, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.errors import printable
from riskkit.measures.counts import BETWEEN, CountTable, Ints

MISSING = "missing"
"""The reported group of rows whose group is not known."""
CHUNK = 1 << 18
"""Rows counted at once, so that memory stays flat."""
DENSE = 1 << 22
"""Most combinations of groups that get a place each, whether or not they occur."""


def groupings(table: pd.DataFrame, groups: Sequence[str] | None = None) -> list[tuple[str, ...]]:
    """The groupings to compare: every group column, then every pair of them; or exactly those ``groups`` names.

    The columns are ``table.attrs["groups"]``; an item such as ``sex x age_band`` means the intersection.

    Raises
    ------
    ValueError
        When no column is declared, or one that is named is not in the table.
    """
    if isinstance(groups, str):
        raise ValueError(f"groups is a list, for example [{groups!r}]")
    if groups:
        found = [(item,) if item in table else tuple(map(str.strip, item.split(BETWEEN))) for item in groups]
    else:
        columns = list(table.attrs.get("groups") or ())
        pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :]]
        found = [*((c,) for c in columns), *pairs]
    if not found:
        raise ValueError(
            'no group column is declared (table.attrs["groups"], for example ["sex", "age_band"])'
        )
    unknown = sorted({name for grouping in found for name in grouping if name not in table})
    if unknown:
        raise ValueError(
            f"no column {', '.join(unknown)} in the table (it has {', '.join(map(str, table.columns))})"
        )
    return found


def count(table: pd.DataFrame, grouping: Sequence[str], *, by_label: bool = False) -> CountTable:
    """Counts over the columns of ``grouping`` in one pass over the rows; a missing group value is its own group.

    Parameters
    ----------
    table : one row a decision; ``selected`` true where the outcome was favourable, ``label`` what really happened.
    by_label : also split by ``label``; rows without a label are left out.

    Raises
    ------
    ValueError
        When ``selected`` or ``label`` is not True and False, a decision is missing, or two group values look the same.
    """
    if by_label:
        table = table[table["label"].notna()] if "label" in table else table
    bits = [_bits(table, name) for name in (("label", "selected") if by_label else ("selected",))]
    encoded = [_codes(table[name]) for name in grouping]
    shape = (*(max(1, len(levels)) for _, levels in encoded), *(2 for _ in bits))
    keys, counts = _tally([codes for codes, _ in encoded] + bits, shape)
    width = 2 ** len(bits)
    where, inverse = np.unique(keys // width, return_inverse=True)
    filled = np.zeros((len(where), width), dtype=np.int64)
    filled[inverse, keys % width] = counts
    codes = np.unravel_index(where, shape[: len(encoded)]) if len(where) else ()
    cells = zip(
        *([levels[i] for i in c] for c, (_, levels) in zip(codes, encoded, strict=False)), strict=True
    )
    return CountTable(tuple(grouping), tuple(cells), filled.reshape(len(where), *(2 for _ in bits)))


def tables(
    table: pd.DataFrame, groups: Sequence[str] | None = None, *, by_label: bool = False
) -> list[CountTable]:
    """A count table a grouping (see :func:`groupings`), all taken from one pass over the rows."""
    wanted = groupings(table, groups)
    joint = count(
        table, list(dict.fromkeys(name for grouping in wanted for name in grouping)), by_label=by_label
    )
    return [joint.marginal(grouping) for grouping in wanted]


def _tally(columns: Sequence[NDArray[Any]], shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Keys that occur and how often; in chunks, so that memory stays flat however many rows there are."""
    size, rows = prod(shape), len(columns[0])
    if size >= 2**62:
        raise ValueError(f"too many combinations of groups to count at once ({size:.1e}); name fewer columns")
    total = np.zeros(size if size <= DENSE else 0, dtype=np.int64)
    parts: list[Ints] = []
    for start in range(0, rows, CHUNK):
        key = np.zeros(min(CHUNK, rows - start), dtype=np.int64)
        for column, levels in zip(columns, shape, strict=True):
            key *= levels
            key += column[start : start + CHUNK]
        if size <= DENSE:
            total += np.bincount(key, minlength=size)
        else:
            parts.append(key)
    if size <= DENSE:
        keys = np.flatnonzero(total)
        return keys, total[keys]
    keys, counts = np.unique(np.concatenate(parts) if parts else np.zeros(0, np.int64), return_counts=True)
    return keys, counts


def _bits(table: pd.DataFrame, name: str) -> NDArray[Any]:
    if name not in table:
        raise ValueError(
            f"the table of decisions has no column {name!r} (it has {', '.join(map(str, table.columns))})"
        )
    column = table[name]
    if not (
        pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.infer_dtype(column, skipna=True) == "boolean"
    ):
        shown = ", ".join(sorted({printable(v, 20) for v in column.dropna().unique()[:4]}))
        raise ValueError(
            f"column {name!r} holds {shown or 'nothing'}, not True and False: declare the favourable value"
        )
    if missing := int(column.isna().sum()):
        raise ValueError(
            f"column {name!r} is empty in {missing} of {len(column)} rows; every decision must be known"
        )
    return column.to_numpy(dtype=bool)


def _codes(column: pd.Series[Any]) -> tuple[NDArray[Any], list[str]]:
    """Small codes and the group each stands for; blank and missing values become one group."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, raw = column.cat.codes.to_numpy(), list(column.cat.categories)
    else:
        codes, found = pd.factorize(column, sort=True)
        raw = list(found)
    labels = [_label(value) for value in raw]
    levels = list(dict.fromkeys(label for label in labels if label != MISSING))
    if len(levels) < sum(label != MISSING for label in labels):
        twice = next(label for label in levels if labels.count(label) > 1)
        raise ValueError(
            f"two different values of column {column.name!r} read {twice!r}; make them one before the audit"
        )
    levels.append(MISSING)
    place = {label: i for i, label in enumerate(levels)}
    places = np.array([place[label] for label in [*labels, MISSING]], dtype=np.int64)
    return places[codes].astype(np.min_scalar_type(len(levels)), copy=False), levels


def _label(value: Any) -> str:
    text = str(value)
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    return printable(text, 80) if text.strip() else MISSING
