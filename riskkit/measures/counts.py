"""Count tables: how many were selected in every group, which is all an audit of decisions needs of the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BETWEEN = " x "
"""What joins the columns of an intersection, as in ``sex x age_band``."""

OUTCOMES = {
    2: ("not selected", "selected"),
    4: (
        "label false, not selected",
        "label false, selected",
        "label true, not selected",
        "label true, selected",
    ),
}
"""What the numbers of a row of the JSON count, by how many there are."""

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
        return summed(tuple(names), [tuple(cell[c] for c in columns) for cell in self.cells], self.counts)

    def pooled(self, least: int) -> CountTable:
        """Cells of fewer than ``least`` rows made one, so that no small cell can be read and the total stays."""
        if bool((self.n >= least).all()):
            return self
        other = (f"fewer than {least}",) * len(self.names)
        cells = [c if n >= least else other for c, n in zip(self.cells, self.n, strict=True)]
        return summed(self.names, cells, self.counts)

    def to_json(self) -> str:
        """The whole table as one line of JSON, from which every rate, interval and test can be computed anew."""
        rows = [[*cell, *map(int, row)] for cell, row in zip(self.cells, self._flat, strict=True)]
        what = {"names": self.names, "columns": OUTCOMES[self._flat.shape[1]], "rows": rows}
        return json.dumps(what, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> CountTable:
        """The table that :meth:`to_json` wrote.

        Raises
        ------
        ValueError
            When the text is not such a table.
        """
        try:
            what = json.loads(text)
            names, outcomes = tuple(map(str, what["names"])), len(what["columns"])
            shape = {2: (2,), 4: (2, 2)}[outcomes]
            cells = tuple(tuple(map(str, row[:-outcomes])) for row in what["rows"])
            counts = np.array([row[-outcomes:] for row in what["rows"]], dtype=np.int64)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a count table: {error}") from None
        if {len(cell) for cell in cells} - {len(names)} or (counts < 0).any():
            raise ValueError("not a count table: a row has too few groups, or a count below 0")
        return cls(names, cells, counts.reshape(-1, *shape))

    @property
    def _flat(self) -> Ints:
        return self.counts.reshape(len(self.cells), -1)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.to_json()}

    def keep(self, mask: NDArray[np.bool_]) -> CountTable:
        """Only the cells where ``mask`` is true."""
        cells = tuple(cell for cell, kept in zip(self.cells, mask, strict=True) if kept)
        return CountTable(self.names, cells, self.counts[mask])

    def __add__(self, other: CountTable) -> CountTable:
        if self.names != other.names or self.counts.ndim != other.counts.ndim:
            raise ValueError(f"tables over {self.grouping} and {other.grouping} do not add")
        return summed(self.names, [*self.cells, *other.cells], np.concatenate([self.counts, other.counts]))


def summed(names: tuple[str, ...], cells: Sequence[Cell], counts: Ints) -> CountTable:
    """A table in which cells of the same name are one."""
    place: dict[Cell, int] = {}
    rows = [place.setdefault(cell, len(place)) for cell in cells]
    total = np.zeros((len(place), *counts.shape[1:]), dtype=np.int64)
    np.add.at(total, rows, counts)
    return CountTable(names, tuple(place), total)
