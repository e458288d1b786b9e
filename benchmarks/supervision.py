"""What it costs to run a notebook under supervision and to record it, beside a plain papermill call.

`python benchmarks/supervision.py [--quick]`. One small notebook (pandas, a figure) is run in turn by papermill in a
plain child process, by the kit's child without supervision, and by the kit as it is, and then recorded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from riskkit.model import Evidence, RunFacts
from riskkit.records import Store
from riskkit.runner import Outcome, Task, execute, inspect, room
from riskkit.runner.kernel import MEMORY

CELLS = (
    "import json, os\nimport pandas as pd, seaborn as sns",
    "table = pd.DataFrame({'group': list('ab') * 500, 'y': range(1000)})\ntable.groupby('group').y.describe()",
    "_ = sns.barplot(table, x='group', y='y')",
    """m = {'measure': 'gap', 'value': 0.1, 'low': 0.0, 'high': 0.2, 'n': 10, 'method': 'none'}
said = {'project': project, 'assessment': 'small', 'measurements': [m]}
with open(os.environ['RISKKIT_RESULT'], 'w') as file:
    json.dump({'nonce': os.environ['RISKKIT_NONCE'], 'conclusion': said}, file)""",
)
PACKAGES = {d.metadata["Name"]: d.version for d in metadata.distributions()}
PLAIN = """
import sys
sys.modules["rfc3987_syntax"] = None
import papermill
papermill.execute_notebook(sys.argv[1], sys.argv[2], {"project": "demo"}, progress_bar=False, kernel_name="python3")
"""


def notebook(folder: Path) -> Path:
    """The notebook that is run."""

    def cell(number: int, source: str, **metadata: object) -> dict[str, object]:
        return {"id": f"c{number}", "cell_type": "code", "source": source, "metadata": metadata, "outputs": [],
                "execution_count": None}  # fmt: skip

    cells = [
        cell(0, 'project: str = "x"', tags=["parameters"]),
        *(cell(i, c) for i, c in enumerate(CELLS, 1)),
    ]
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}
    (folder / "small.ipynb").write_text(json.dumps(content), encoding="utf-8")
    return folder / "small.ipynb"


def plainly(path: Path) -> None:
    """Run it by papermill, as one would by hand."""
    environ = {**os.environ, "RISKKIT_RESULT": str(path) + ".result", "RISKKIT_NONCE": "x"}
    command = [sys.executable, "-c", PLAIN, str(path), str(path.with_suffix(".out.ipynb"))]
    subprocess.run(command, env=environ, capture_output=True, check=True)


def unsupervised(path: Path) -> None:
    """Run it by the kit's child, with nobody watching."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(prefix="rk-") as sockets:
        here = room.Room(Path(folder), Path(sockets))
        for name in ("work", "jupyter"):
            (here.folder / name).mkdir()
        program = Path(room.__file__).parent
        order = {
            "source": str(path), "target": str(here.target), "parameters": {"project": "demo"},
            "folder": str(here.work), "sockets": str(here.sockets), "output_mb": 20,
            "kernel": [sys.executable, "-P", str(program / "kernel.py"), "-f", "{connection_file}"],
        }  # fmt: skip
        (here.folder / "order.json").write_text(json.dumps(order))
        environ = {**room.scrubbed(os.environ, here), "RISKKIT_RESULT": str(here.result), "RISKKIT_NONCE": "x",
                   MEMORY: "4096"}  # fmt: skip
        with Path(os.devnull).open("wb") as events:
            place = [str(here.folder / "order.json"), str(events.fileno())]
            command = [sys.executable, "-P", str(program / "child.py"), *place]
            subprocess.run(
                command,
                env=environ,
                cwd=here.work,
                capture_output=True,
                check=True,
                pass_fds=[events.fileno()],
            )


def supervised(path: Path) -> Outcome:
    """Run it as `riskkit run` does."""
    task = Task("demo", "small", inspect(path), {"project": "demo"}, path.parent)
    outcome = execute(task, workdir=path.parent / "runs")
    assert outcome.ok, outcome.reason
    return outcome


def record(store: Store, outcome: Outcome) -> None:
    """Record a run as `riskkit run` does."""
    now = datetime.now(UTC)
    facts = RunFacts(
        status=outcome.status, notebook="small", notebook_sha256="a" * 64, parameters={}, started=now, ended=now,
        duration_seconds=1, kit_version="0", kit_sha256="a" * 64, python="3",
        environment=PACKAGES,
    )  # fmt: skip
    evidence = Evidence(project="demo", assessment="small", run=facts, conclusion=outcome.conclusion)
    store.commit(evidence, {"notebook.ipynb": outcome.notebook or b""})


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def main() -> None:
    """Measure in turn, print the table, and end with one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else 15
    names = ("papermill, plain", "kit, unsupervised", "kit, supervised", "record")
    spans: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path, store = notebook(Path(folder)), Store(Path(folder) / "records")
        latest: list[Outcome] = []
        works = (
            lambda: plainly(path),
            lambda: unsupervised(path),
            lambda: latest.append(supervised(path)),
            lambda: record(store, latest[-1]),
        )
        for number in range(rounds + 1):
            for name, work in zip(names, works, strict=True):
                span = seconds(work)
                spans[name] += [span] if number else []  # the first round warms the caches
        check = seconds(store.verify) / (rounds + 1)
    middle = {name: statistics.median(found) for name, found in spans.items()}
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"papermill {metadata.version('papermill')}, {rounds} rounds; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    for name, found in spans.items():
        print(f"{name:<20} median {middle[name]:7.3f} s   from {min(found):7.3f} to {max(found):7.3f}")
    supervision = middle["kit, supervised"] - middle["kit, unsupervised"]
    print(json.dumps({
        "supervision_s": round(supervision, 3),
        "record_s": round(middle["record"], 4),
        "overhead_s": round(supervision + middle["record"], 3),
        "times_faster_than_plain_papermill": round(middle["papermill, plain"] / middle["kit, supervised"], 2),
        "verify_ms_a_record": round(check * 1000, 2),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
