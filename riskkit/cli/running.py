"""The command that executes assessments: run."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from riskkit.errors import InputError, Problem, RunFailed, RunStopped, UsageError

from .progress import Progress
from .workspace import Workspace, here, now

if TYPE_CHECKING:
    from riskkit.model import Evidence, Project
    from riskkit.records import Store
    from riskkit.runner import Outcome, Task

VALID_DAYS = {1: 90, 2: 180, 3: 365}
"""How long evidence counts, by tier, where the assessment does not say."""


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
) -> None:
    """Execute what is not fresh and file the evidence."""
    workspace = here()
    jobs = list(_jobs(workspace, projects or None, assessment))
    store = workspace.store()
    latest = _latest(store.read_all().evidence)
    due = [(job, why) for job in jobs if (why := _due(job, latest.get(job.key), force, workspace))]
    if plan:
        for job, why in due:
            typer.echo(f"run    {job.task.project}/{job.task.assessment}: {why}")
        typer.echo(f"{len(due)} to run, {len(jobs) - len(due)} fresh")
        return
    _execute(workspace, store, [job for job, _ in due], workers or os.cpu_count() or 1, trigger, len(jobs))


@dataclass(frozen=True, slots=True)
class Job:
    """An assessment of a project, ready to run."""

    project: Project
    task: Task

    @property
    def key(self) -> tuple[str, str]:
        """Project and assessment."""
        return self.task.project, self.task.assessment


def _jobs(workspace: Workspace, names: list[str] | None, only: list[str]) -> Iterator[Job]:
    """Every assessment asked for, all parameters checked before anything runs."""
    from riskkit import runner

    catalog = workspace.catalog(regulations=False)
    projects = workspace.read_projects(names, catalog)
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
                problems += [_named(p, project.id, name) for p in error.problems]
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


def _latest(evidence: Iterable[Evidence]) -> dict[tuple[str, str], Evidence]:
    """The latest run of each assessment that went well."""
    ordered = sorted(evidence, key=lambda e: (e.run.started, e.folder))
    return {(e.project, e.assessment): e for e in ordered if e.conclusion is not None}


def _due(job: Job, latest: Evidence | None, force: bool, workspace: Workspace) -> str:
    """Why the job must run, or an empty text when its evidence is fresh."""
    from riskkit import runner

    if force:
        return "asked for with --force"
    folder = workspace.projects / job.project.id

    def current(path: str) -> str | None:
        if path == "profile.yml":
            return job.project.profile.assessed_sha256
        return runner.file_sha256(folder / path)

    return runner.due(job.task, latest, current=current, now=now())


def _execute(
    workspace: Workspace, store: Store, jobs: list[Job], workers: int, trigger: str, total: int
) -> None:
    from riskkit import runner
    from riskkit.model import Status

    if not jobs:
        typer.echo(f"nothing to run: {total} assessments are fresh")
        return
    facts = runner.environment(workspace.root)
    outcomes: list[tuple[Job, Outcome]] = []
    with (
        Progress(len(jobs)) as progress,
        tempfile.TemporaryDirectory(prefix="riskkit-") as scratch,
        concurrent.futures.ThreadPoolExecutor(workers) as pool,
    ):

        def one(item: tuple[int, Job]) -> tuple[Job, Outcome]:
            number, job = item
            workdir = Path(scratch) / str(number)
            outcome = runner.execute(
                job.task, workdir=workdir, limits=runner.Limits(), on_event=progress.event(job.key)
            )
            store.commit(_evidence(job, outcome, facts, trigger), _files(outcome))
            shutil.rmtree(workdir, ignore_errors=True)
            return job, outcome

        futures = [pool.submit(one, item) for item in enumerate(jobs)]
        try:
            for future in concurrent.futures.as_completed(futures):
                job, outcome = future.result()
                outcomes.append((job, outcome))
                progress.done(job.key, outcome)
        except BaseException:
            for future in futures:
                future.cancel()
            runner.stop_all()
            raise
    bad = [(job, o) for job, o in outcomes if o.status is not Status.OK]
    typer.echo(
        f"{len(outcomes) - len(bad)} of {len(jobs)} runs recorded as good, {total - len(jobs)} were fresh"
    )
    if bad:
        lines = [
            f"{'/'.join(job.key)}: {o.status}: {o.reason}" for job, o in sorted(bad, key=lambda b: b[0].key)
        ]
        kind = RunStopped if any(o.status is Status.STOPPED for _, o in bad) else RunFailed
        raise kind("\n".join(lines))


def _files(outcome: Outcome) -> dict[str, bytes]:
    return {"notebook.ipynb": outcome.notebook} if outcome.notebook else {}


def _evidence(job: Job, outcome: Outcome, facts: Any, trigger: str) -> Evidence:
    from riskkit.model import Evidence, RunFacts, Trigger

    return Evidence(
        project=job.project.id,
        assessment=job.task.assessment,
        conclusion=outcome.conclusion,
        run=RunFacts(
            status=outcome.status,
            reason=outcome.reason,
            notebook=job.task.notebook.name,
            notebook_sha256=job.task.notebook.sha256,
            parameters=job.task.parameters,
            started=outcome.started,
            ended=outcome.ended,
            duration_seconds=outcome.duration_seconds,
            valid_until=_valid_until(job, outcome.ended),
            trigger=Trigger(trigger),
            cells=outcome.cells,
            cell_anchors=outcome.cell_anchors,
            **facts,
        ),
    )


def _valid_until(job: Job, ended: datetime) -> datetime:
    profile = job.project.profile
    days = profile.assessments[job.task.assessment].valid_days or VALID_DAYS[profile.tier.tier]
    return ended + timedelta(days=days)
