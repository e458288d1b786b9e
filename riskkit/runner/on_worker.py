"""The part of a cluster's run that happens on a worker."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

from distributed import WorkerPlugin, get_worker

from riskkit.errors import EnvironmentProblem, StorageError
from riskkit.remote import remote
from riskkit.runner.environment import Surroundings, kit_sha256, surroundings
from riskkit.runner.inputs import Inputs, lay_out
from riskkit.runner.run import execute
from riskkit.runner.task import Limits, Outcome, Task
from riskkit.runner.warm import Warm, warm_where_possible

_LOOK = 0.25
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """A run as it is sent to a worker; without ``inputs``, its workspace is on a path that all machines share."""

    task: Task
    limits: Limits
    kit_sha256: str
    inputs: Inputs | None


class Ready(WorkerPlugin):
    """Makes a worker ready: a folder for runs, and a process to fork them from; both go when the command ends."""

    def __init__(self, name: str) -> None:
        self.name = name

    def setup(self, worker: Any) -> None:
        """Begin to make ready; the worker is not kept waiting."""
        self.folder = Path(worker.local_directory) / self.name
        self.stack = contextlib.ExitStack()
        self.warm: Warm | None = self.stack.enter_context(warm_where_possible(_MANY))
        self.surroundings: Surroundings | None = None

    def teardown(self, worker: Any) -> None:
        """End what was begun."""
        self.stack.close()


def run(order: Order, ready: str) -> tuple[Outcome, Surroundings]:
    """How the run went and with what; it ends early when nobody waits for it any more.

    Raises:
        EnvironmentProblem: this worker has another kit.
        StorageError: the inputs are not there, or the scratch folder cannot be written to.
    """
    worker: Any = get_worker()
    place: Ready = worker.plugins[ready]
    if kit_sha256() != order.kit_sha256:
        raise EnvironmentProblem(
            f"the worker {worker.address} has another version of riskkit: install the same there"
        )
    task = order.task
    if order.inputs is not None:
        root = lay_out(order.inputs, there=remote(order.inputs.url), folder=place.folder / "inputs")
        task = replace(task, workspace=root)
    elif not (task.workspace / "projects" / task.project).is_dir():
        raise StorageError(
            f"{task.workspace}: the worker {worker.address} does not see this folder: "
            "put it on a path that all share, or name a store in RISKKIT_REMOTE"
        )
    place.surroundings = place.surroundings or surroundings(task.workspace)
    with _unless_cancelled(worker) as stop:
        outcome = execute(
            task, workdir=place.folder / "runs", limits=order.limits, stop=stop, warm=place.warm
        )
    return outcome, place.surroundings


@contextlib.contextmanager
def _unless_cancelled(worker: Any) -> Iterator[Flag]:
    """A flag that is set when the scheduler lets go of this task: it was cancelled, or whoever asked for it is gone."""
    key, stop, over = worker.get_current_task(), Flag(), Flag()

    def watch() -> None:
        while not over.wait(_LOOK):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                stop.set()
                return

    watcher = threading.Thread(target=watch, name="riskkit-cancelled")
    watcher.start()
    try:
        yield stop
    finally:
        over.set()
        watcher.join()
