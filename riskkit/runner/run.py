"""One notebook, run once, under supervision."""

from __future__ import annotations

import os
import secrets as randomness
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from typing import Any

from riskkit.errors import EnvironmentProblem, StorageError
from riskkit.model.handover import ANSWERS, ASSESSMENT, NONCE, RESULT, WORKSPACE
from riskkit.model.secret import Secrets
from riskkit.runner.judge import rule
from riskkit.runner.outcome import Span, executed, outcome
from riskkit.runner.parameters import check_parameters
from riskkit.runner.room import Room, scrubbed
from riskkit.runner.scratch import held
from riskkit.runner.supervise import supervise
from riskkit.runner.task import CellDone, Clock, Finished, Limits, OnEvent, Outcome, Started, Task
from riskkit.runner.warm import Warm

_SOCKET_PATH = 90


def _wall_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the default; whoever wants another passes it


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run takes from where it runs: its environment, its clock, its Python."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    clock: Clock = _wall_clock
    python: str = sys.executable


def execute(
    task: Task,
    *,
    workdir: Path,
    limits: Limits | None = None,
    on_event: OnEvent | None = None,
    stop: Flag | None = None,
    machine: Machine | None = None,
    warm: Warm | None = None,
) -> Outcome:
    """How ``task`` went, after running it in processes of its own.

    Scratch files go into a new folder below ``workdir``, which is gone afterwards. Setting ``stop`` from another
    thread ends the run early. Its processes are forked from ``warm`` if given, which changes how soon it begins and
    nothing else. When this returns or raises, nothing of the run is alive.

    Raises:
        InputError, PolicyError: a parameter may not be passed; nothing was started.
        StorageError: ``workdir`` cannot be written to.
        EnvironmentProblem: this system cannot supervise processes.
    """
    if os.name != "posix":
        raise EnvironmentProblem("runs need Linux or macOS (on Windows, use WSL)")
    limits, machine = limits or Limits(), machine or Machine()
    parameters = check_parameters(task.notebook, task.parameters)
    mark = randomness.token_hex(16)
    started, since = machine.clock(), time.monotonic()
    with _room(workdir) as room:
        room.source.write_bytes(task.notebook.source)
        for name, data in task.answers.items():
            (room.answers / name).write_bytes(data)
        events: list[Mapping[str, Any]] = []
        for event in supervise(
            room,
            parameters=parameters,
            limits=limits,
            environ=_environ(task, machine, room, mark),
            mark=mark,
            python=machine.python,
            stop=stop,
            warm=warm if warm and warm.python == machine.python else None,
        ):
            events.append(event)
            _tell(on_event, event)
        notebook = executed(room.target)
        ended = outcome(
            rule(events, task=task, limits=limits, nonce=mark, result=room.result, executed=notebook),
            task=task,
            notebook=notebook,
            log=room.log,
            events=events,
            folder=room.folder,
            secrets=Secrets({**Secrets.among(machine.environ).values, **_lent(task, machine)}),
            span=Span(started, machine.clock(), time.monotonic() - since),
        )
    if on_event:
        on_event(Finished(ended.status, ended.reason))
    return ended


def _environ(task: Task, machine: Machine, room: Room, mark: str) -> dict[str, str]:
    """The whole environment of the run."""
    handed = {
        RESULT: str(room.result),
        NONCE: mark,
        WORKSPACE: str(task.workspace.resolve()),
        ASSESSMENT: task.assessment,
        ANSWERS: str(room.answers),
    }
    return {**scrubbed(machine.environ, room), **_lent(task, machine), **handed}


def _lent(task: Task, machine: Machine) -> dict[str, str]:
    return {name: machine.environ[name] for name in task.secrets if name in machine.environ}


def _tell(on_event: OnEvent | None, event: Mapping[str, Any]) -> None:
    if on_event and event["event"] == "started":
        on_event(Started(event["cells"]))
    elif on_event and event["event"] == "cell":
        on_event(CellDone(event["number"], event["cells"]))


@contextmanager
def _room(workdir: Path) -> Iterator[Room]:
    """A new folder for one run, and one with a path short enough for sockets; both are gone afterwards."""
    sockets = None
    try:
        short = next((d for d in (tempfile.gettempdir(), "/tmp") if len(d) < _SOCKET_PATH - 20), "/tmp")
        with held(workdir) as folder:
            sockets = Path(tempfile.mkdtemp(prefix="rk-", dir=short))
            for name in ("work", "jupyter", "answers"):
                (folder / name).mkdir(mode=0o700)
            yield Room(folder, sockets)
    except OSError as error:
        raise StorageError(f"{error.filename or workdir}: {error.strerror or error}") from error
    finally:
        if sockets is not None:
            shutil.rmtree(sockets, ignore_errors=True)
