"""Small evidence for the tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from riskkit.model import Conclusion, Evidence, Measurement, RunFacts, Status

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'
FILES = {"notebook.ipynb": NOTEBOOK, "groups.csv": b"group,n\na,10\nb,20\n"}


def evidence(
    number: int = 0, *, project: str = "demo", assessment: str = "bias_audit", **facts: Any
) -> Evidence:
    """Good evidence, a minute later and a little different for each ``number``."""
    run = {
        "status": Status.OK, "notebook": assessment, "notebook_sha256": "a" * 64, "parameters": {"project": project},
        "started": NOW + timedelta(minutes=number), "ended": NOW + timedelta(minutes=number, seconds=3),
        "duration_seconds": 3, "kit_version": "0.1.0", "kit_sha256": "b" * 64, "python": "3.11.7",
    } | facts  # fmt: skip
    measured = Measurement(measure="gap", value=0.1 + number / 100, low=0, high=1, n=30, method="by hand")
    said = Conclusion(project=project, assessment=assessment, measurements=(measured,))
    good = run["status"] is Status.OK
    return Evidence(
        project=project,
        assessment=assessment,
        run=RunFacts.model_validate(run),
        conclusion=said if good else None,
    )


def tree(root: Path) -> dict[str, bytes]:
    """Every file below ``root`` and its bytes, but for the lock."""
    files = (p for p in sorted(root.rglob("*")) if p.is_file() and p.name != ".lock")
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}
