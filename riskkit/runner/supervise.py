"""A run's processes: started, listened to, and ended whatever happens here."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import Any

from riskkit.runner import keeper
from riskkit.runner.kernel import MEMORY
from riskkit.runner.task import Limits

_HERE = Path(__file__).parent
_PASSED = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
)
_FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
}


@dataclass(frozen=True, slots=True)
class Room:
    """The folder of one run: what it reads, what it leaves, and where its kernel works."""

    folder: Path
    sockets: Path

    @property
    def source(self) -> Path:
        """The notebook to run."""
        return self.folder / "source.ipynb"

    @property
    def target(self) -> Path:
        """The notebook as far as it ran."""
        return self.folder / "executed.ipynb"

    @property
    def result(self) -> Path:
        """The result file that ``case.conclude`` writes."""
        return self.folder / "result.json"

    @property
    def log(self) -> Path:
        """What the processes wrote beside the notebook."""
        return self.folder / "log.txt"

    @property
    def answers(self) -> Path:
        """What endpoints answered before the run."""
        return self.folder / "answers"

    @property
    def work(self) -> Path:
        """The kernel's working folder: empty, and not importable."""
        return self.folder / "work"


def scrubbed(environ: Mapping[str, str], room: Room) -> dict[str, str]:
    """The environment of a run: a short list of harmless variables, and settings that make runs repeatable.

    Nothing else passes: no keys, no proxies, no PYTHONPATH, no user's Jupyter or IPython folders.
    """
    kept = {name: environ[name] for name in environ if name in _PASSED or name.startswith("LC_")}
    own = {
        name: str(room.folder / "jupyter")
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
    }
    return {**kept, **_FIXED, **own, "JUPYTER_CONFIG_DIR": str(room.folder / "jupyter")}


def supervise(
    room: Room,
    *,
    parameters: Mapping[str, object],
    limits: Limits,
    environ: Mapping[str, str],
    mark: str,
    python: str,
    stop: Flag | None,
) -> Iterator[dict[str, Any]]:
    """Yield what the run reports, an ``end`` event last; nothing of it is alive afterwards.

    ``mark`` is a value in ``environ`` that no other process has.
    """
    order = {
        "source": str(room.source),
        "target": str(room.target),
        "parameters": dict(parameters),
        "folder": str(room.work),
        "sockets": str(room.sockets),
        "output_mb": limits.output_mb,
        "kernel": [
            python,
            "-P",
            str(_HERE / "kernel.py"),
            "-f",
            "{connection_file}",
            "--HistoryManager.enabled=False",
        ],
    }
    (room.folder / "order.json").write_text(json.dumps(order))
    kept = {
        "argv": [python, "-P", str(_HERE / "child.py"), str(room.folder / "order.json")],
        "seconds": limits.seconds,
        "memory_mb": limits.memory_mb,
        "output_mb": limits.output_mb,
        "log": str(room.log),
        "remove": [str(room.folder), str(room.sockets)],
    }
    bare = ["-I", "-S"] if sys.platform == "linux" else ["-I"]
    with room.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *bare, str(_HERE / "keeper.py"), json.dumps(kept)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**environ, MEMORY: str(limits.memory_mb)},
            cwd=room.work,
            start_new_session=True,
        )
    with _ended_in_any_case(process, mark):
        yield from _events(process, stop)


def _events(process: subprocess.Popen[bytes], stop: Flag | None) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    assert process.stdin is not None
    waiting, asked = b"", False
    while True:
        if stop is not None and stop.is_set() and not asked:
            asked = True
            with contextlib.suppress(OSError):
                os.write(process.stdin.fileno(), b"x")
        if not select.select([process.stdout], [], [], 0.2)[0]:
            continue
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            return
        *lines, waiting = (waiting + data).split(b"\n")
        for line in lines:
            yield json.loads(line)


@contextlib.contextmanager
def _ended_in_any_case(process: subprocess.Popen[bytes], mark: str) -> Iterator[None]:
    """On leaving, by whatever way, the keeper has ended the run; if it was killed itself, we end the run."""
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield
    finally:
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        process.stdout.close()
        if process.returncode != 0:
            while left := keeper.processes_with(mark):
                keeper.kill(left)
