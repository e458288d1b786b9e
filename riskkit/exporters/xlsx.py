"""A workbook of every table, with columns to edit that ``riskkit import`` takes back: ``riskkit.xlsx``."""

from __future__ import annotations

from pathlib import Path

from riskkit.errors import EnvironmentProblem, UsageError
from riskkit.exporters._sources import Sources
from riskkit.model import Register

FILES = {"riskkit.xlsx": "Workbook (Excel)"}
FOR = ("portfolio",)
NEEDS = "openpyxl"
ROWS = 1_000_000
"""Rows a sheet may have; the format ends at 1,048,576."""


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``riskkit.xlsx``; equal registers of equal files give equal bytes.

    Nothing in it is computed when it is opened: every cell is a value, and text that looks like a formula is text.

    Raises
    ------
    EnvironmentProblem
        Without openpyxl.
    UsageError
        When a sheet would have more rows than the format knows.
    """
    del sources
    try:
        from riskkit.exporters._workbook import workbook
    except ImportError:
        raise EnvironmentProblem("openpyxl is not installed: pip install 'riskkit[excel]'") from None
    rows = max(len(register.entries), *(len(p.duties.rows) if p.duties else 0 for p in register.projects), 0)
    if rows > ROWS:
        raise UsageError(f"a sheet would have {rows:,} rows; export project by project")
    out.mkdir(parents=True, exist_ok=True)
    path = out / "riskkit.xlsx"
    path.write_bytes(workbook(register))
    return [path]
