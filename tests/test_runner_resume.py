"""A portfolio that is killed again and again goes on where it was: nothing is lost, repeated or left running."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskkit.records import Store
from riskkit.runner.keeper import processes_with
from tests.test_runner_kernel import tiny

pytestmark = pytest.mark.kernel

KILLS = int(os.environ.get("RISKKIT_TEST_KILLS", "8"))
RUNS = 6 + KILLS // 2
PORTFOLIO = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from riskkit.model import Evidence, RunFacts
from riskkit.records import Store
from riskkit.runner import Task, due, execute, inspect, sweep
folder = Path(sys.argv[1])
sweep(folder / "runs")
store, spec = Store(folder / "records"), inspect(folder / "tiny.ipynb")
for number in range(int(sys.argv[2])):
    task = Task(f"p{number}", "tiny", spec, {"project": f"p{number}"}, folder)
    latest = {e.project: e for e in store.read_all().evidence}.get(task.project)
    if not due(task, latest=latest, input_sha256=lambda p: None, kit_sha256="a" * 64, now=datetime.now(UTC)):
        continue
    o = execute(task, workdir=folder / "runs")
    facts = RunFacts(status=o.status, reason=o.reason, notebook="tiny", notebook_sha256=spec.sha256,
                     parameters=dict(task.parameters), started=o.started, ended=o.ended,
                     duration_seconds=o.duration_seconds, kit_version="0", kit_sha256="a" * 64, python="3")
    store.commit(Evidence(project=task.project, assessment="tiny", run=facts, conclusion=o.conclusion),
                 {"notebook.ipynb": o.notebook})
    print(task.project, flush=True)
"""


def portfolio(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PORTFOLIO, str(folder), str(RUNS)], stdout=subprocess.PIPE, text=True
    )


def gone(folder: Path) -> bool:
    """Whether no process of a run below ``folder`` is alive, waiting a few seconds for the last to end."""
    until = time.monotonic() + 5
    while processes_with(str(folder)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_portfolio_killed_at_random_instants_completes_without_loss_or_repetition(tmp_path: Path) -> None:
    tiny(tmp_path, "1 + 1")
    draw, acknowledged = random.Random(3), list[str]()
    for _ in range(KILLS):
        process = portfolio(tmp_path)
        time.sleep(draw.uniform(0.3, 3.0))
        process.kill()
        acknowledged += process.communicate()[0].split()
        assert gone(tmp_path)
        assert Store(tmp_path / "records").verify() == ()
    rest = portfolio(tmp_path)
    acknowledged += rest.communicate(timeout=120)[0].split()
    assert rest.returncode == 0
    store = Store(tmp_path / "records")
    stored = store.read_all()
    assert stored.damaged == ()
    assert sorted(e.project for e in stored.evidence) == sorted(f"p{n}" for n in range(RUNS))
    assert len(set(acknowledged)) == len(acknowledged), "a finished run was run again"
    assert store.verify(store.head()) == ()
    assert gone(tmp_path)
    assert not list((tmp_path / "runs").iterdir())
    assert portfolio(tmp_path).communicate(timeout=60)[0] == "", "nothing was left to do"
    print(
        f"{KILLS} kills, {RUNS} runs: {len(stored.evidence)} records, {len(acknowledged)} acknowledged, 0 left"
    )
