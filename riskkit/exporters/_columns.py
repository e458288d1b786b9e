"""What each column of each table means, as ``_columns.txt`` says it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from riskkit.exporters._table import Column, Kind

_MEANINGS = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
"""A table's name in brackets; then its columns, each with its kind where that is not text, and its meaning."""


def columns(table: str) -> tuple[Column, ...]:
    """The columns of ``table``, in order."""
    _, _, after = _MEANINGS.partition(f"[{table}]\n")
    lines = after.partition("\n[")[0].splitlines()
    return tuple(_column(*line.split(maxsplit=1)) for line in lines)


def _column(head: str, about: str) -> Column:
    name, _, kind = head.partition(":")
    return Column(name, about, cast(Kind, kind or "text"))
