"""Rows of plain values, printed as lines or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import typer

from riskkit.errors import UsageError, printable

FORMAT = typer.Option("table", "--format", help="table or json.")


def print_rows(form: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print ``rows`` one a line, or as JSON; text from elsewhere cannot act on the terminal."""
    if form not in {"table", "json"}:
        raise UsageError(f"there is no format {form!r} (table or json)")
    if form == "json":
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        typer.echo("  ".join(f"{line(value)}" for value in row.values() if value not in ("", None, [])))
    typer.echo(f"{len(rows)} in all. Own words, not legal advice.")


def line(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, list):
        return "; ".join(map(line, value))
    if isinstance(value, dict):
        return ", ".join(f"{k} {line(v)}" for k, v in value.items())
    return printable(value, 2000)
