"""A run's processes: started, listened to, and ended whatever happens here."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event as Flag
from typing import IO, Any

from riskkit.runner import keeper
from riskkit.runner.kernel import MEMORY
from riskkit.runner.room import Room
from riskkit.runner.task import Limits
from riskkit.runner.warm import Keeper, Warm

_HERE = Path(__file__).parent


def supervise(
    room: Room,
    *,
    parameters: Mapping[str, object],
    limits: Limits,
    environ: Mapping[str, str],
    mark: str,
    python: str,
    stop: Flag | None,
    warm: Warm | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield what the run reports, an ``end`` event last; nothing of it is alive afterwards.

    ``mark`` is a value in ``environ`` that no other process has. The processes are forked from ``warm`` if it is given
    and alive, and are started anew otherwise.
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
    environ = {**environ, MEMORY: str(limits.memory_mb)}
    with room.log.open("wb") as log:
        order = {"kept": kept, "environ": environ, "folder": str(room.work)}
        process = (warm.fork(order, log) if warm else None) or _started(kept, environ, room.work, log)
    with _ended_in_any_case(process, mark):
        yield from _events(process, stop)


def _started(
    kept: Mapping[str, Any], environ: Mapping[str, str], folder: Path, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """A keeper that is a new process."""
    bare = ["-I", "-S"] if sys.platform == "linux" else ["-I"]
    return subprocess.Popen(
        [sys.executable, *bare, str(_HERE / "keeper.py"), json.dumps(kept)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environ,
        cwd=folder,
        start_new_session=True,
    )


def _events(process: subprocess.Popen[bytes] | Keeper, stop: Flag | None) -> Iterator[dict[str, Any]]:
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
def _ended_in_any_case(process: subprocess.Popen[bytes] | Keeper, mark: str) -> Iterator[None]:
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
