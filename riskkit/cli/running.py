"""The command that executes assessments: run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.cli import drawing, planning
from riskkit.cli.executing import Where, execute
from riskkit.cli.filing import How
from riskkit.cli.jobs import Job, find_jobs, with_drawings
from riskkit.cli.workspace import Workspace, here
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
    from riskkit.runner import Outcome


_RAISED = {4: RunFailed, 5: RunStopped, 7: EnvironmentProblem, 9: PolicyError}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit run loan-approval --assessment bias_audit")(run)


def run(
    projects: list[str] = typer.Argument(None, help="Projects to assess; all when left out."),
    assessment: list[str] = typer.Option(
        [], "--assessment", "--only", "-a", help="Only this assessment; may be repeated."
    ),
    force: bool = typer.Option(False, "--force", help="Run also what is fresh."),
    since: str = typer.Option(
        "", help="Run also what was last run before this day, YYYY-MM-DD; unlike --force it can be resumed."
    ),
    shard: str = typer.Option("", help="Only part I of N, such as 2/5; riskkit merge joins the records."),
    plan: bool = typer.Option(False, "--plan", help="Only say what would run, and why."),
    as_json: bool = typer.Option(
        False, "--json", help="With --plan: as JSON (riskkit schema plan describes it)."
    ),
    workers: int = typer.Option(0, help="Notebooks at a time; the number of cores when 0."),
    executor: str = typer.Option("local", help="Where notebooks run: local, or dask with --scheduler."),
    scheduler: str = typer.Option("", help="Address of a Dask scheduler, such as tls://10.0.0.5:8786."),
    tls_ca: Path | None = typer.Option(None, help="File with the authority that signed the cluster's keys."),
    tls_cert: Path | None = typer.Option(None, help="File with our certificate for the cluster."),
    tls_key: Path | None = typer.Option(None, help="File with its private key."),
    trigger: str = typer.Option("manual", help="What started it: manual, schedule or ci."),
    performed_as: str = typer.Option("developer", "--as", help="Whose record it is: developer or validator."),
    strict_env: bool = typer.Option(
        False, "--strict-env", help="Refuse to run unless what is installed is what requirements.lock pins."
    ),
) -> None:
    """Execute what is not fresh and file the evidence."""
    where = Where(executor, scheduler, (tls_ca, tls_cert, tls_key), workers)
    if as_json and not plan:
        raise UsageError("--json goes with --plan")
    workspace = here()
    if strict_env and executor != "local":
        raise UsageError("--strict-env holds this machine against the lock, and cannot speak for a cluster's")
    if strict_env:
        _require_locked(workspace)
    jobs = list(find_jobs(workspace, projects or None, assessment))
    if shard:
        jobs = planning.shard(jobs, shard)
    store = workspace.store()
    wanted = planning.Wanted(performed_as, force, _midnight(since))
    if plan:
        planning.show(planning.plan(workspace, jobs, store.read_all().evidence, wanted), as_json=as_json)
        return
    due = [item.job for item in planning.due(workspace, jobs, store.read_all().evidence, wanted)]
    if not due:
        typer.echo(f"nothing to run: {len(jobs)} assessments are fresh")
        return
    store.check_writable()
    _announce([item for job in due for item in job.drawings])
    _conclude(execute(workspace, store, due, How(trigger, performed_as), where), fresh=len(jobs) - len(due))


def _midnight(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(tzinfo=UTC)) if text else None
    except ValueError:
        raise UsageError(f"--since: {text!r:.40} is not a date (for example 2026-11-20)") from None


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
    ((_, outcome),) = execute(workspace, store, [job], How("schedule", "developer"), Where())
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


def _conclude(ended: Iterable[tuple[Job, Outcome]], *, fresh: int) -> None:
    """Say how many went well, and raise for those that did not."""
    from riskkit.model import Status

    total, bad = 0, []
    for job, outcome in ended:
        total += 1
        if outcome.status is not Status.OK:
            bad.append((job.key, outcome.exit_code, f"{outcome.status}: {outcome.reason}"))
    typer.echo(f"{total - len(bad)} of {total} runs concluded, {fresh} were fresh")
    if bad:
        message = "\n".join(f"{'/'.join(key)}: {said}" for key, _, said in sorted(bad))
        raise _RAISED[max(code for _, code, _ in bad)](message)
