"""Count tables: how many were selected in every group, which is all an audit of decisions needs of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BETWEEN = " x "
"""What joins the columns of an intersection, as in ``sex x age_band``."""

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
        rows: Ints = self.decisions.sum(axis=1)
        return rows

    @property
    def selected(self) -> Ints:
        """Selected rows of each cell."""
        selected: Ints = self.decisions[:, 1]
        return selected

    @property
    def decisions(self) -> Ints:
        """Counts without the label: shape (cells, 2)."""
        counts: Ints = self.counts if self.counts.ndim == 2 else self.counts.sum(axis=1)
        return counts

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


def _summed(names: tuple[str, ...], cells: Sequence[Cell], counts: Ints) -> CountTable:
    place: dict[Cell, int] = {}
    rows = [place.setdefault(cell, len(place)) for cell in cells]
    total = np.zeros((len(place), *counts.shape[1:]), dtype=np.int64)
    np.add.at(total, rows, counts)
    return CountTable(names, tuple(place), total)
