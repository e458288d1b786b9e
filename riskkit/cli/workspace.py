"""The workspace a command works on, and the clock, which only this file reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import typer

from riskkit import workspace
from riskkit.errors import UsageError
from riskkit.workspace import Workspace

__all__ = ["Workspace", "day", "here", "now"]


def here(root: Path | None = None) -> Workspace:
    """The workspace at or above the current folder, or at ``root``; its notices go to standard error."""
    return workspace.find(root or Path.cwd(), notice=partial(typer.echo, err=True))


def now() -> datetime:
    """The present moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def day(text: str | None) -> date:
    """``text`` as a date, or today."""
    if not text:
        return now().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of: {text!r} is not a date (for example 2026-11-20)") from None
