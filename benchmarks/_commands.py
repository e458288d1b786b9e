"""Commands of the kit and of its peers, timed as whole processes, and a cluster on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from riskkit.runner.keeper import processes_below

CORES = sorted(os.sched_getaffinity(0))
BIN = Path(sys.executable).parent
BARE = """
import sys, time, matplotlib; matplotlib.use("agg")
from IPython.core.interactiveshell import InteractiveShell
import json, os
from riskkit import assess, charts; from riskkit.measures import fairness
os.environ["RISKKIT_WORKSPACE"] = sys.argv[1]
shell, spans = InteractiveShell.instance(), []
for path in sys.argv[2:]:
    cells = [c["source"] for c in json.load(open(path))["cells"]]
    since = time.perf_counter()
    for source in cells:
        shell.run_cell(source).raise_error()
    spans.append(time.perf_counter() - since)
sys.stderr.write(repr(sorted(spans[1:])[len(spans[1:]) // 2]))
"""
IN_ONE = """
import sys, papermill
for number, path in enumerate(sys.argv[1:]):
    papermill.execute_notebook(path, f"one-{number}.ipynb", {"project": "p000"}, progress_bar=False)
"""


class Took(NamedTuple):
    """What a command took: seconds by the clock and of processors, memory of itself and of all its processes."""

    seconds: float
    processor_s: float
    own_mb: float
    all_mb: float
    out: str


def riskkit(folder: Path, *words: str) -> Took:
    """Run a command of the kit, with its memory watched twice a second."""
    since, used = time.perf_counter(), _processor_s()
    process = start(folder, *words)
    most, over = [0.0, 0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            most[0] = max(most[0], _mb(process.pid, "status", "VmRSS:"))
            family = [process.pid, *processes_below(process.pid)]
            most[1] = max(most[1], sum(_mb(p, "smaps_rollup", "Pss:") for p in family))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - since
    over.set()
    watcher.join()
    if process.returncode:
        sys.exit(f"riskkit {' '.join(words)}: {err[-2000:]}")
    return Took(seconds, _processor_s() - used, *most, out)


def start(folder: Path, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Begin a command of the kit."""
    environ = {**os.environ, "COLUMNS": "200", **(environ or {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([BIN / "riskkit", *words], cwd=folder, env=environ, **pipes)  # type: ignore[call-overload,no-any-return]


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _mb(pid: int, file: str, line: str) -> float:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        return next(int(text.split()[1]) for text in lines if text.startswith(line)) / 1024
    return 0.0


def by_commands(folder: Path, notebooks: Sequence[Path]) -> tuple[float, float]:
    """Seconds and processor seconds a notebook of a loop over the papermill command, as many at a time as cores."""
    lines = "".join(f"{path} loop-{i}.ipynb\n" for i, path in enumerate(notebooks))
    papermill = [BIN / "papermill", "--no-progress-bar", "-p", "project", "p000"]
    return _a_notebook(["xargs", "-L1", f"-P{len(CORES)}", *papermill], folder, len(notebooks), lines)


def in_one_process(folder: Path, notebooks: Sequence[Path]) -> tuple[float, float]:
    """The same of execute_notebook in one process, one after the other."""
    return _a_notebook([sys.executable, "-c", IN_ONE, *notebooks], folder, len(notebooks))


PEERS = {"command": by_commands, "one": in_one_process}


def _a_notebook(command: list[object], folder: Path, runs: int, given: str = "") -> tuple[float, float]:
    since, used, words = time.perf_counter(), _processor_s(), list(map(str, command))
    done = subprocess.run(words, cwd=folder, input=given, text=True, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr[-2000:]}")
    return (time.perf_counter() - since) / runs, (_processor_s() - used) / runs


def bare(folder: Path, notebooks: Sequence[Path]) -> float:
    """Seconds that the cells of one notebook take in a process that has imported everything: the median."""
    command = [sys.executable, "-c", BARE, str(folder), *map(str, notebooks)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(re.findall(r"[\d.e-]+$", done.stderr.strip())[-1])


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler with workers of one slot, each held to a core, and their process groups."""
    started = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                "--no-dashboard", "--scheduler-file", str(file)]  # fmt: skip
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "start_new_session": True,
            "cwd": folder,
        }
        try:
            started.append(subprocess.Popen(dask, **quiet))  # type: ignore[call-overload]
            while not file.exists() or not file.read_text().endswith("}"):
                time.sleep(0.1)
            address = json.loads(file.read_text())["address"]
            for number in range(workers):
                worker = ["taskset", "-c", str(CORES[number % len(CORES)]), sys.executable, "-m",
                          "distributed.cli.dask_worker", address, "--nthreads", "1", "--nworkers", "1",
                          "--no-dashboard", "--local-directory", folder]  # fmt: skip
                started.append(subprocess.Popen(worker, **quiet))  # type: ignore[call-overload]
            _wait_for(address, workers)
            yield address, [process.pid for process in started[1:]]
        finally:
            for process in reversed(started):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def _wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=300)


@contextlib.contextmanager
def bucket() -> Iterator[dict[str, str]]:
    """The environment that names a bucket of an S3 server on this machine."""
    with tempfile.NamedTemporaryFile() as said:
        server = subprocess.Popen([BIN / "moto_server", "-p", "0"], stdout=said, stderr=said)
        try:
            while not (url := re.search(r"http://127\.0\.0\.1:\d+", Path(said.name).read_text())):
                time.sleep(0.1)
            yield {"AWS_ENDPOINT_URL": url[0], "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
                   "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
        finally:
            server.terminate()
            server.wait()
