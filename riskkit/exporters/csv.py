"""Every table as comma-separated values, for a spreadsheet or a data frame: ``register.csv`` and nine more."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from riskkit.exporters._sources import Sources
from riskkit.exporters._table import Table
from riskkit.exporters._tables import TABLES
from riskkit.exporters._tables_measured import REGISTER
from riskkit.model import Register

FILES = {f"{table.name}.csv": f"{table.title} (CSV)" for table in TABLES if table.name != "register"}
FOR = ("portfolio",)
_NUMBERS = (int, float)
_STARTERS = ("=", "+", "-", "@", "|", "%")


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write a file for each table, ``inventory.csv`` to ``calendar.csv``.

    Values are exact; what is not known is empty. Text that a spreadsheet could take for a formula starts with an
    apostrophe, as OWASP advises for CSV injection.
    """
    del sources
    out.mkdir(parents=True, exist_ok=True)
    return [_write(table, register, out) for table in TABLES]


def write_register(register: Register, out: Path) -> Path:
    """Write ``register.csv`` alone."""
    return _write(REGISTER, register, out)


def _write(table: Table, register: Register, out: Path) -> Path:
    path = out / f"{table.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(column.name for column in table.columns)
        writer.writerows([_cell(value) for value in row.values()] for row in table.cells(register))
    return path


def _cell(value: str | bool | int | float | date | None) -> str:
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, _NUMBERS):
        return repr(value)
    text = " ".join(str(value).split())
    return "'" + text if text.startswith(_STARTERS) else text
