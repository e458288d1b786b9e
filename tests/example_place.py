"""A workspace as `riskkit init` makes it, with two hand-made runs on record."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from riskkit.model import Conclusion, Evidence, Input, Measurement, RunFacts, Status
from riskkit.records import Store

PROJECT = "my-model"


def riskkit(root: Path, *words: str, code: int = 0) -> str:
    """What a command in ``root`` prints; another exit code fails the test."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "RISKKIT", "JPY"))}
    done = subprocess.run(
        [sys.executable, "-m", "riskkit", *words],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def place(root: Path) -> Path:
    """A workspace in ``root`` whose project was assessed twice: the ratio of rates fell, on other data."""
    riskkit(root.parent, "init", root.name)
    now = datetime.now(UTC).replace(microsecond=0)
    for days, value, data in ((2, 0.91, "a"), (1, 0.62, "b")):
        record(root, now - timedelta(days=days), value=value, data=data)
    return root


def record(root: Path, started: datetime, *, value: float, data: str) -> None:
    """File a run by hand."""
    measured = Measurement(
        measure="selection_rate_ratio", segment="sex", value=value, low=value - 0.05, high=value + 0.05,
        n=2000, unit="ratio", method="ratio of rates",
    )  # fmt: skip
    facts = RunFacts(
        status=Status.OK, notebook="bias_audit", notebook_sha256="a" * 64,
        parameters={"project": PROJECT, "seed": started.day},
        started=started, ended=started, duration_seconds=1, kit_version="0.1.0", kit_sha256="b" * 64, python="3.11",
    )  # fmt: skip
    said = Conclusion(
        project=PROJECT, assessment="bias_audit", measurements=(measured,),
        inputs=(Input(path="data/decisions.csv", sha256=data * 64, rows=2000),),
    )  # fmt: skip
    evidence = Evidence(project=PROJECT, assessment="bias_audit", run=facts, conclusion=said)
    notebook = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'
    Store(root / "records").commit(evidence, {"notebook.ipynb": notebook})
