"""The tables there are, in the order in which they are read."""

from __future__ import annotations

from riskkit.exporters._table import Table
from riskkit.exporters._tables_measured import EVIDENCE, INVENTORY, MEASUREMENTS, REGISTER
from riskkit.exporters._tables_written import CALENDAR, CHECKLIST, CONTROLS, DECISIONS, FINDINGS, QUESTIONS

TABLES: tuple[Table, ...] = (
    INVENTORY, REGISTER, CONTROLS, EVIDENCE, MEASUREMENTS, FINDINGS, DECISIONS, CHECKLIST, QUESTIONS, CALENDAR,
)  # fmt: skip
"""Every table; CSV, JSON and the workbook hold the same rows."""
