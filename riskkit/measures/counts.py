"""Count tables: how many were selected in every group, which is all an audit of decisions needs of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskkit.errors import printable

MISSING = "missing"
"""The reported group of rows whose group is not known."""
BETWEEN = " x "
"""What joins the columns of an intersection, as in ``sex x age_band``."""
CHUNK = 1 << 18
DENSE = 1 << 22

Cell = tuple[str, ...]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CountTable:
    """Integer counts of decisions: one row of ``counts`` a group cell that occurs.

    ``counts`` has shape (cells, 2): not selected, selected; or (cells, 2, 2): label false or true, then not selected,
    selected. Tables of shards, days or versions add; nothing in one points to a person, small cells apart.
    """

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    counts: Ints

    @property
    def n(self) -> Ints:
        """Rows of each cell."""
        return self.counts.reshape(len(self.cells), -1).sum(axis=1)

    @property
    def selected(self) -> Ints:
        """Selected rows of each cell."""
        return self.decisions[:, 1]

    @property
    def decisions(self) -> Ints:
        """Counts without the label: shape (cells, 2)."""
        return self.counts if self.counts.ndim == 2 else self.counts.sum(axis=1)

    @property
    def grouping(self) -> str:
        """The columns in words, such as ``sex x age_band``."""
        return BETWEEN.join(self.names)

    @property
    def groups(self) -> tuple[str, ...]:
        """The cells in words, such as ``female, 26-40``."""
        return tuple(", ".join(cell) for cell in self.cells)

    def marginal(self, names: Sequence[str]) -> CountTable:
        """The same decisions over fewer columns, in the order of ``names``; touches no row."""
        columns = [self.names.index(name) for name in names]
        return _summed(tuple(names), [tuple(cell[c] for c in columns) for cell in self.cells], self.counts)

    def keep(self, mask: NDArray[np.bool_]) -> CountTable:
        """Only the cells where ``mask`` is true."""
        cells = tuple(cell for cell, kept in zip(self.cells, mask, strict=True) if kept)
        return CountTable(self.names, cells, self.counts[mask])

    def __add__(self, other: CountTable) -> CountTable:
        if self.names != other.names or self.counts.ndim != other.counts.ndim:
            raise ValueError(f"tables over {self.grouping} and {other.grouping} do not add")
        return _summed(self.names, [*self.cells, *other.cells], np.concatenate([self.counts, other.counts]))


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
    if not pd.api.types.is_bool_dtype(column.dtype):
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


def _summed(names: tuple[str, ...], cells: Sequence[Cell], counts: Ints) -> CountTable:
    place: dict[Cell, int] = {}
    rows = [place.setdefault(cell, len(place)) for cell in cells]
    total = np.zeros((len(place), *counts.shape[1:]), dtype=np.int64)
    np.add.at(total, rows, counts)
    return CountTable(names, tuple(place), total)
