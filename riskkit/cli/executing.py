"""Jobs executed side by side, each filed as it ends."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from riskkit.cli import drawing, filing
from riskkit.cli.filing import How
from riskkit.cli.jobs import Job
from riskkit.cli.progress import Progress
from riskkit.cli.workspace import Workspace, now
from riskkit.errors import PolicyError, RunStopped, UsageError

if TYPE_CHECKING:
    from riskkit.records import Store
    from riskkit.runner import Limits, Outcome, Place, Surroundings, Task


class Where(NamedTuple):
    """Where notebooks run, and how many at a time; 0 for as many as there are cores, or slots of a cluster."""

    executor: str = "local"
    scheduler: str = ""
    tls: tuple[Path | None, Path | None, Path | None] = (None, None, None)
    """Files: the authority, our certificate, its key."""
    workers: int = 0


def execute(
    workspace: Workspace, store: Store, jobs: list[Job], how: How, where: Where
) -> Iterator[tuple[Job, Outcome]]:
    """Run ``jobs``, filing each as it ends, and yield how each ended.

    Ctrl-C stops what is running and files nothing for it.
    """
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
    with (
        Progress(len(jobs)) as progress,
        _place(workspace, where, runs=len(jobs)) as place,
        concurrent.futures.ThreadPoolExecutor(place.slots + 1) as pool,
    ):
        slots = threading.Semaphore(place.slots)  # while one run is filed, the next goes on

        def one(job: Job) -> tuple[Job, Outcome]:
            told, started, task = progress.event(job.key), now(), job.task
            try:
                with slots:
                    if stop.is_set():
                        raise RunStopped("cancelled")
                    task = drawing.prepared(task, job.drawings, progress=progress.answers(job.key), stop=stop)
                    outcome, used = place.run(task, limits=_limits(job), on_event=told, stop=stop)
            except RunStopped as error:
                outcome, used = drawing.stopped(error, started=started), place.surroundings
            if not stop.is_set():
                outcome = _filed(store, job, outcome, task, used, how)
                progress.done(job.key, outcome)
            return job, outcome

        waiting = {pool.submit(one, job) for job in jobs}
        try:
            while waiting:  # what is done is let go of: however many there are, memory holds a few
                done, waiting = concurrent.futures.wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
            if trouble := place.trouble():
                typer.echo(trouble, err=True)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            typer.echo("stopped; what is done is filed, run again to go on", err=True)
            raise


def _place(workspace: Workspace, where: Where, *, runs: int) -> AbstractContextManager[Place]:
    """Where the notebooks are to run.

    Raises:
        UsageError: there is no such place.
    """
    from riskkit import runner

    if where.executor == "local" and not where.scheduler:
        slots = where.workers or os.cpu_count() or 1
        return runner.this_machine(workspace.root, scratch=workspace.build / "runs", slots=slots, runs=runs)
    if where.executor != "dask" or not where.scheduler:
        raise UsageError(
            "--executor is local, or dask with --scheduler (for example --executor dask --scheduler tls://10.0.0.5:8786)"
        )
    return runner.cluster(
        workspace.root,
        where.scheduler,
        tls=runner.Tls(*where.tls),
        slots=where.workers,
        remote=workspace.remote,
    )


def _limits(job: Job) -> Limits:
    from riskkit import runner

    own = job.project.profile.limits
    return runner.Limits(seconds=own.minutes * 60, memory_mb=own.memory_mb, output_mb=own.output_mb)


def _filed(
    store: Store, job: Job, outcome: Outcome, task: Task, surroundings: Surroundings, how: How
) -> Outcome:
    """File a run; one that would carry a secret is not recorded and counts as failed, and the others go on."""
    from riskkit.model import Status

    files = filing.files(outcome, task) | {"environment.json": surroundings.fingerprint.to_bytes()}
    try:
        store.commit(filing.evidence(job, outcome, surroundings, how), files)
    except PolicyError as error:
        return replace(
            outcome, status=Status.FAILED, reason=str(error), exit_code=error.exit_code, conclusion=None
        )
    return outcome


def _leave(number: int, _: object) -> None:
    """End on a signal as on Ctrl-C: what runs is stopped, nothing is left behind."""
    sys.exit(128 + number)
