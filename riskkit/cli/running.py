"""The command that executes assessments: run."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import typer

from riskkit.cli import drawing
from riskkit.cli.progress import Progress
from riskkit.cli.workspace import Workspace, here, now
from riskkit.errors import (
    EnvironmentProblem,
    InputError,
    PolicyError,
    Problem,
    RunFailed,
    RunStopped,
    UsageError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from riskkit.model import Evidence, Project
    from riskkit.records import Store
    from riskkit.runner import Limits, Outcome, Surroundings, Task


_RAISED = {4: RunFailed, 5: RunStopped, 7: EnvironmentProblem, 9: PolicyError}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit run loan-approval --assessment bias_audit")(run)


def run(
    projects: list[str] = typer.Argument(None, help="Projects to assess; all when left out."),
    assessment: list[str] = typer.Option(
        [], "--assessment", "-a", help="Only this assessment; may be repeated."
    ),
    force: bool = typer.Option(False, "--force", help="Run also what is fresh."),
    plan: bool = typer.Option(False, "--plan", help="Only say what would run, and why."),
    workers: int = typer.Option(0, help="Notebooks at a time; the number of cores when 0."),
    trigger: str = typer.Option("manual", help="What started it: manual, schedule or ci."),
    performed_as: str = typer.Option("developer", "--as", help="Whose record it is: developer or validator."),
    strict_env: bool = typer.Option(
        False, "--strict-env", help="Refuse to run unless what is installed is what requirements.lock pins."
    ),
) -> None:
    """Execute what is not fresh and file the evidence."""
    workspace = here()
    if strict_env:
        _require_locked(workspace)
    jobs = list(_jobs(workspace, projects or None, assessment))
    store = workspace.store()
    evidence = store.read_all().evidence
    due = [
        (_with_drawings(workspace, job, evidence, performed_as), why)
        for job, why in _due(workspace, jobs, evidence, force=force, performed_as=performed_as)
    ]
    if plan:
        for job, why in due:
            typer.echo(f"run    {job.task.project}/{job.task.assessment}: {why}")
            for item in job.drawings:
                typer.echo(f"       asks {item.target}: {item.estimate()}")
        typer.echo(f"{len(due)} to run, {len(jobs) - len(due)} fresh")
        return
    if not due:
        typer.echo(f"nothing to run: {len(jobs)} assessments are fresh")
        return
    store.check_writable()
    how = How(trigger=trigger, performed_as=performed_as, workers=workers or os.cpu_count() or 1)
    _announce([item for job, _ in due for item in job.drawings])
    outcomes = _execute(workspace, store, [job for job, _ in due], how)
    _conclude(outcomes, fresh=len(jobs) - len(due))


def run_one(notebook: Path, parameters: Mapping[str, object]) -> Outcome:
    """Run and file one assessment, named by its notebook in a workspace and its parameter ``project``.

    Values the project's profile gives are used where ``parameters`` has none.

    Raises:
        InputError: the notebook is no workspace's, or its project has no assessment with it, or a parameter is wrong.
    """
    from riskkit import runner

    workspace = Workspace(notebook.resolve().parents[1])
    project = str(parameters.get("project", ""))
    _, (found,) = workspace.read([project])
    named = [n for n, a in found.profile.assessments.items() if (a.notebook or n) == notebook.stem]
    if not named:
        right = f"one of {', '.join(a.notebook or n for n, a in found.profile.assessments.items())}"
        raise InputError(
            [
                Problem(
                    f"projects/{project}/profile.yml",
                    None,
                    "assessments",
                    f"{notebook.stem} is not there",
                    right,
                )
            ]
        )
    (job,) = _jobs(workspace, [project], named[:1])
    task = job.task
    task = replace(task, parameters=runner.check_parameters(task.notebook, {**task.parameters, **parameters}))
    store = workspace.store()
    job = _with_drawings(workspace, replace(job, task=task), store.read_all().evidence, "developer")
    _announce(list(job.drawings))
    ((_, outcome),) = _execute(workspace, store, [job], How("schedule", "developer", 1))
    return outcome


def raise_for(outcome: Outcome) -> None:
    """Raise unless ``outcome`` is ok."""
    from riskkit.model import Status

    if outcome.status is not Status.OK:
        raise _RAISED[outcome.exit_code](f"{outcome.status}: {outcome.reason}")


def _require_locked(workspace: Workspace) -> None:
    from riskkit.runner import strict

    strict.require_locked(workspace.root / strict.LOCK)


def _limits(job: Job) -> Limits:
    from riskkit import runner

    own = job.project.profile.limits
    return runner.Limits(seconds=own.minutes * 60, memory_mb=own.memory_mb, output_mb=own.output_mb)


@dataclass(frozen=True, slots=True)
class How:
    """What a run is told on the command line."""

    trigger: str
    performed_as: str
    workers: int


@dataclass(frozen=True, slots=True)
class Job:
    """An assessment of a project, ready to run."""

    project: Project
    task: Task
    drawings: tuple[drawing.Drawing, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Project and assessment."""
        return self.task.project, self.task.assessment


def _jobs(workspace: Workspace, names: list[str] | None, only: list[str]) -> Iterator[Job]:
    """Every assessment asked for, all parameters checked before anything runs."""
    from riskkit import runner

    _, projects = workspace.read(names)
    offered = {a for p in projects for a in p.profile.assessments}
    if unknown := sorted(set(only) - offered):
        raise UsageError(
            f"no project has the assessment {', '.join(unknown)} (there is {', '.join(sorted(offered))})"
        )
    specs, problems, jobs = {}, [], []
    for project in projects:
        for name, assessment in project.profile.assessments.items():
            if only and name not in only:
                continue
            notebook = assessment.notebook or name
            try:
                if notebook not in specs:
                    specs[notebook] = runner.inspect(workspace.notebooks / f"{notebook}.ipynb")
                values = {"project": project.id, **assessment.parameters}
                if "as_of" in {p.name for p in specs[notebook].parameters}:
                    values.setdefault("as_of", now().date().isoformat())
                parameters = runner.check_parameters(specs[notebook], values)
            except InputError as error:
                at = f"notebooks/{notebook}.ipynb"
                problems += [
                    _named(p, project.id, name) if notebook in specs else replace(p, file=at)
                    for p in error.problems
                ]
                continue
            jobs.append(Job(project, runner.Task(project=project.id, assessment=name, notebook=specs[notebook],
                                                 parameters=parameters, workspace=workspace.root)))  # fmt: skip
    if problems:
        raise InputError(dict.fromkeys(problems))
    yield from jobs


def _named(problem: Problem, project: str, assessment: str) -> Problem:
    """A parameter's problem, told where the parameter is written."""
    if str(problem.file).endswith(".ipynb") and problem.field:
        field = f"assessments.{assessment}.parameters.{problem.field}"
        return Problem(f"projects/{project}/profile.yml", None, field, problem.what, problem.right)
    return problem


def _due(
    workspace: Workspace, jobs: list[Job], evidence: Iterable[Evidence], *, force: bool, performed_as: str
) -> list[tuple[Job, str]]:
    """The jobs that must run, each with the reason."""
    from riskkit import runner

    latest = {(e.project, e.assessment): e for e in evidence if e.run.performed_as == performed_as}
    kit, moment = runner.kit_sha256(), now()
    found = []
    for job in jobs:
        verdict = runner.due(
            job.task,
            latest=latest.get(job.key),
            input_sha256=_digests(workspace, job),
            kit_sha256=kit,
            now=moment,
            forced=force,
        )
        if verdict:
            found.append((job, verdict.why))
    return found


def _with_drawings(workspace: Workspace, job: Job, evidence: Iterable[Evidence], performed_as: str) -> Job:
    """``job`` with what it needs of endpoints."""
    epoch = drawing.epoch(evidence, job.key, performed_as=performed_as)
    found = drawing.drawings(workspace, job.project.profile, job.task, epoch=epoch)
    return replace(job, drawings=tuple(found))


def _announce(drawings: list[drawing.Drawing]) -> None:
    """Check every endpoint and say what will be asked, before anything is."""
    for item in drawings:
        item.check(os.environ)
        typer.echo(f"asking {item.target} at {item.settings.base_url}: {item.estimate()}", err=True)
    if drawings and (unused := drawing.ignored_proxies()):
        typer.echo(f"{', '.join(unused)} not used: endpoints are asked directly", err=True)


def _digests(workspace: Workspace, job: Job) -> Callable[[str], str | None]:
    """What the files an earlier run read are like today."""
    from riskkit.profiles.inputs import present_sha256

    folder, own = workspace.projects / job.project.id, job.project.profile.assessed_sha256
    return lambda path: present_sha256(path, folder=folder, profile_sha256=own)


def _execute(workspace: Workspace, store: Store, jobs: list[Job], how: How) -> list[tuple[Job, Outcome]]:
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


def _filed(
    store: Store, job: Job, outcome: Outcome, task: Task, surroundings: Surroundings, how: How
) -> Outcome:
    """File a run; one that would carry a secret is not recorded and counts as failed, and the others go on."""
    from riskkit.model import Status

    files = _files(outcome, task) | {"environment.json": surroundings.fingerprint.to_bytes()}
    try:
        store.commit(_evidence(job, outcome, surroundings, how), files)
    except PolicyError as error:
        return replace(
            outcome, status=Status.FAILED, reason=str(error), exit_code=error.exit_code, conclusion=None
        )
    return outcome


def _leave(number: int, _: object) -> None:
    """End on a signal as on Ctrl-C: what runs is stopped, nothing is left behind."""
    sys.exit(128 + number)


def _conclude(outcomes: list[tuple[Job, Outcome]], *, fresh: int) -> None:
    """Say how many went well, and raise for those that did not."""
    from riskkit.model import Status

    bad = [(job, o) for job, o in outcomes if o.status is not Status.OK]
    typer.echo(f"{len(outcomes) - len(bad)} of {len(outcomes)} runs concluded, {fresh} were fresh")
    if not bad:
        return
    message = "\n".join(
        f"{'/'.join(j.key)}: {o.status}: {o.reason}" for j, o in sorted(bad, key=lambda b: b[0].key)
    )
    raise _RAISED[max(o.exit_code for _, o in bad)](message)


def _files(outcome: Outcome, task: Task) -> dict[str, bytes]:
    """The executed notebook, and the answers it was given."""
    return {"notebook.ipynb": outcome.notebook, **task.answers} if outcome.notebook else {}


def _evidence(job: Job, outcome: Outcome, surroundings: Surroundings, how: How) -> Evidence:
    from riskkit.model import Evidence, RunFacts, Trigger

    facts = {
        "status": outcome.status,
        "reason": outcome.reason,
        "notebook": job.task.notebook.name,
        "notebook_sha256": job.task.notebook.sha256,
        "parameters": dict(job.task.parameters),
        "started": outcome.started,
        "ended": outcome.ended,
        "duration_seconds": outcome.duration_seconds,
        "valid_until": _valid_until(job, outcome.ended),
        "trigger": Trigger(how.trigger),
        "performed_as": how.performed_as,
        "kit_version": surroundings.kit_version,
        "kit_sha256": surroundings.kit_sha256,
        "python": surroundings.python,
        "environment": surroundings.packages,
        "git_commit": surroundings.git_commit,
        "git_dirty": surroundings.git_dirty,
        "cells": outcome.cells,
        "cell_anchors": dict(outcome.cell_anchors),
        "warnings": outcome.warnings,
    }
    return Evidence(
        project=job.project.id,
        assessment=job.task.assessment,
        conclusion=outcome.conclusion,
        run=RunFacts.model_validate(facts),
    )


def _valid_until(job: Job, ended: datetime) -> datetime:
    from riskkit.model import VALID_DAYS

    profile = job.project.profile
    days = profile.assessments[job.task.assessment].valid_days or VALID_DAYS[profile.tier.tier]
    return ended + timedelta(days=days)
