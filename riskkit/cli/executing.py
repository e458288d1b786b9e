"""Jobs executed side by side, each filed as it ends."""

from __future__ import annotations

import concurrent.futures
import signal
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from riskkit.cli import drawing, filing
from riskkit.cli.filing import How
from riskkit.cli.jobs import Job
from riskkit.cli.progress import Progress
from riskkit.cli.workspace import Workspace, now
from riskkit.errors import PolicyError, RunStopped

if TYPE_CHECKING:
    from riskkit.records import Store
    from riskkit.runner import Limits, Outcome, Surroundings, Task


def execute(workspace: Workspace, store: Store, jobs: list[Job], how: How) -> list[tuple[Job, Outcome]]:
    """Run ``jobs``, filing each as it ends; Ctrl-C stops what is running and files nothing for it."""
    from riskkit import runner

    surroundings, stop = runner.surroundings(workspace.root), threading.Event()
    scratch = workspace.build / "runs"
    runner.sweep(scratch)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
    with (
        Progress(len(jobs)) as progress,
        runner.warm_where_possible(len(jobs)) as warm,
        concurrent.futures.ThreadPoolExecutor(how.workers) as pool,
    ):

        def one(job: Job) -> tuple[Job, Outcome]:
            told, started = progress.event(job.key), now()
            try:
                task = drawing.prepared(job.task, job.drawings, progress=progress.answers(job.key), stop=stop)
                outcome = runner.execute(
                    task, workdir=scratch, limits=_limits(job), on_event=told, stop=stop, warm=warm
                )
            except RunStopped as error:
                task, outcome = job.task, drawing.stopped(error, started=started)
            if not stop.is_set():
                outcome = _filed(store, job, outcome, task, surroundings, how)
                progress.done(job.key, outcome)
            return job, outcome

        futures = [pool.submit(one, job) for job in jobs]
        try:
            outcomes = [future.result() for future in concurrent.futures.as_completed(futures)]
            if warm and (trouble := warm.trouble()):
                typer.echo(f"each run imported everything anew: {trouble}", err=True)
            return outcomes
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            typer.echo("stopped; what is done is filed, run again to go on", err=True)
            raise


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
