"""The command that executes assessments: run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from riskkit.cli import drawing
from riskkit.cli.executing import execute
from riskkit.cli.filing import How
from riskkit.cli.jobs import Job, due_jobs, find_jobs, with_drawings
from riskkit.cli.workspace import Workspace, here
from riskkit.errors import (
    EnvironmentProblem,
    InputError,
    PolicyError,
    Problem,
    RunFailed,
    RunStopped,
)

if TYPE_CHECKING:
    from pathlib import Path

    from riskkit.runner import Outcome


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
    jobs = list(find_jobs(workspace, projects or None, assessment))
    store = workspace.store()
    evidence = store.read_all().evidence
    due = [
        (with_drawings(workspace, job, evidence, performed_as), why)
        for job, why in due_jobs(workspace, jobs, evidence, force=force, performed_as=performed_as)
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
    outcomes = execute(workspace, store, [job for job, _ in due], how)
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
    (job,) = find_jobs(workspace, [project], named[:1])
    task = job.task
    task = replace(task, parameters=runner.check_parameters(task.notebook, {**task.parameters, **parameters}))
    store = workspace.store()
    job = with_drawings(workspace, replace(job, task=task), store.read_all().evidence, "developer")
    _announce(list(job.drawings))
    ((_, outcome),) = execute(workspace, store, [job], How("schedule", "developer", 1))
    return outcome


def raise_for(outcome: Outcome) -> None:
    """Raise unless ``outcome`` is ok."""
    from riskkit.model import Status

    if outcome.status is not Status.OK:
        raise _RAISED[outcome.exit_code](f"{outcome.status}: {outcome.reason}")


def _require_locked(workspace: Workspace) -> None:
    from riskkit.runner import strict

    strict.require_locked(workspace.root / strict.LOCK)


def _announce(drawings: list[drawing.Drawing]) -> None:
    """Check every endpoint and say what will be asked, before anything is."""
    for item in drawings:
        item.check(os.environ)
        typer.echo(f"asking {item.target} at {item.settings.base_url}: {item.estimate()}", err=True)
    if drawings and (unused := drawing.ignored_proxies()):
        typer.echo(f"{', '.join(unused)} not used: endpoints are asked directly", err=True)


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
