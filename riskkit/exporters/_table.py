"""A table that can be taken away: its columns with kind and meaning, and its rows as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from riskkit.model import Register
from riskkit.model.workbook import clean

Kind = Literal["text", "number", "integer", "boolean", "date"]
Row = Mapping[str, object]
_EXACT = (bool, int, float, date)

_TYPES: dict[Kind, str] = {
    "text": "string",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "date": "string",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; a cell of any kind may be empty, which always means that it is not known or does not apply."""

    name: str
    about: str
    kind: Kind = "text"

    @property
    def schema(self) -> dict[str, Any]:
        """What a cell may hold, as JSON Schema."""
        form = {"format": "date"} if self.kind == "date" else {}
        return {"type": [_TYPES[self.kind], "null"], "description": self.about, **form}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the register: ``rows`` makes its rows, each a value for some of the columns."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: Callable[[Register], Iterable[Row]]

    def cells(self, register: Register) -> Iterator[dict[str, Any]]:
        """Each row with every column: text, a number, a truth value, a day, or None."""
        empty = dict.fromkeys(column.name for column in self.columns)
        for row in self.rows(register):
            if strange := row.keys() - empty.keys():
                raise AssertionError(f"{self.name}: no column is called {sorted(strange)}")
            yield empty | {name: _plain(value) for name, value in row.items()}

    @property
    def schema(self) -> dict[str, Any]:
        """What the rows hold, as JSON Schema."""
        names = [column.name for column in self.columns]
        return {
            "type": "array",
            "description": self.about,
            "items": {
                "type": "object",
                "properties": {column.name: column.schema for column in self.columns},
                "required": names,
                "additionalProperties": False,
            },
        }


def listed(values: Iterable[object]) -> str:
    """Several values in one cell, parted by semicolons."""
    return "; ".join(str(value) for value in values)


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return clean(value) or None
    return value if value is None or isinstance(value, _EXACT) else clean(str(value)) or None
