"""Planning: how each assessment stands, decided without starting anything."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import typer

from riskkit.cli import drawing
from riskkit.cli.jobs import Job, with_drawings
from riskkit.cli.workspace import Workspace, now
from riskkit.errors import RiskkitError, UsageError

if TYPE_CHECKING:
    from riskkit.model import Evidence, Plan, Planned


@dataclass(frozen=True, slots=True)
class Wanted:
    """What counts as fresh."""

    performed_as: str = "developer"
    force: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A job that must run, and why."""

    job: Job
    why: str


def due(workspace: Workspace, jobs: Iterable[Job], evidence: Iterable[Evidence], wanted: Wanted) -> list[Due]:
    """The jobs that must run, with what they need of endpoints."""
    from riskkit import runner

    evidence = list(evidence)
    latest, of = _latest(evidence, wanted), _by_key(evidence)
    kit, moment, present = runner.kit_sha256(), now(), _present(workspace)
    found = []
    for job in jobs:
        verdict = runner.due(
            job.task,
            latest=latest.get(job.key),
            input_sha256=functools.partial(present, job),
            kit_sha256=kit,
            now=moment,
            forced=wanted.force,
            since=wanted.since,
        )
        if verdict:
            found.append(
                Due(with_drawings(workspace, job, of.get(job.key, ()), wanted.performed_as), verdict.why)
            )
    return found


def plan(workspace: Workspace, jobs: list[Job], evidence: Iterable[Evidence], wanted: Wanted) -> Plan:
    """How each of ``jobs`` stands, and from which digests that follows."""
    from riskkit import runner
    from riskkit.model import Plan, Planned, Stand
    from riskkit.model.plan import Digests

    evidence = list(evidence)
    latest, present = _latest(evidence, wanted), _present(workspace)
    must = {item.job.key: item for item in due(workspace, jobs, evidence, wanted)}
    kit = runner.kit_sha256()

    def one(job: Job) -> Planned:
        item, last = must.get(job.key), latest.get(job.key)
        blocks = "; ".join(_blocks(workspace, item.job)) if item else ""
        read = last.conclusion.inputs if last and last.conclusion else ()
        return Planned(
            project=job.project.id,
            assessment=job.task.assessment,
            notebook=job.task.notebook.name,
            state=Stand.BLOCKED if blocks else Stand.RUN if item else Stand.FRESH,
            why=blocks or (item.why if item else ""),
            digests=Digests(
                notebook=job.task.notebook.sha256,
                parameters=runner.parameters_sha256(job.task),
                profile=job.project.profile.assessed_sha256,
                kit=kit,
                inputs={i.path: present(job, i.path) for i in read},
            ),
            asks={d.target: str(d.estimate()) for d in item.job.drawings} if item else {},
            epoch=next((d.epoch for d in item.job.drawings), "") if item else "",
            latest=last.folder if last else "",
            valid_until=last.run.valid_until if last else None,
        )

    return Plan(made=now(), assessments=tuple(map(one, jobs)))


def show(made: Plan, *, as_json: bool) -> None:
    """Print the plan, for people or for machines."""
    from riskkit.model import Stand

    if as_json:
        typer.echo(made.model_dump_json(indent=1))
        return
    count = dict.fromkeys(Stand, 0)
    for item in made.assessments:
        count[item.state] += 1
        if item.state is not Stand.FRESH:
            typer.echo(f"{item.state:6} {item.project}/{item.assessment}: {item.why}")
        for target, estimate in item.asks.items():
            typer.echo(f"       asks {target}: {estimate}")
    blocked = f", {count[Stand.BLOCKED]} blocked" if count[Stand.BLOCKED] else ""
    typer.echo(f"{count[Stand.RUN]} to run, {count[Stand.FRESH]} fresh{blocked}")


def shard(jobs: list[Job], which: str) -> list[Job]:
    """The part of ``jobs`` that falls to shard ``which``, such as ``2/5``: the same on every machine.

    Raises:
        UsageError: ``which`` is no such part.
    """
    number, _, of = which.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise UsageError(f"--shard: {which!r:.40} is not a part of a whole (for example 2/5)")
    return [job for job in jobs if _lot(job.key) % int(of) == int(number) - 1]


def _lot(key: tuple[str, str]) -> int:
    return int(sha256("/".join(key).encode()).hexdigest()[:16], 16)


def _latest(evidence: Iterable[Evidence], wanted: Wanted) -> dict[tuple[str, str], Evidence]:
    return {(e.project, e.assessment): e for e in evidence if e.run.performed_as == wanted.performed_as}


def _by_key(evidence: Iterable[Evidence]) -> dict[tuple[str, str], list[Evidence]]:
    found: dict[tuple[str, str], list[Evidence]] = {}
    for item in evidence:
        found.setdefault((item.project, item.assessment), []).append(item)
    return found


def _present(workspace: Workspace) -> Callable[[Job, str], str | None]:
    """What the files an earlier run read are like today; each is hashed once."""
    from riskkit.profiles.inputs import present_sha256

    known: dict[tuple[str, str], str | None] = {}

    def present(job: Job, path: str) -> str | None:
        key = (job.project.id, path)
        if key not in known:
            own = job.project.profile.assessed_sha256
            folder = workspace.projects / job.project.id
            known[key] = present_sha256(path, folder=folder, profile_sha256=own)
        return known[key]

    return present


def _blocks(workspace: Workspace, job: Job) -> Iterator[str]:
    """Why ``job`` could not conclude if it ran now: a data file or a key that is not there."""
    profile = job.project.profile
    for name in drawing.targets_named(job.task, profile):
        dataset = profile.datasets.get(str(profile.targets[name].settings.get("dataset")))
        if dataset and not (workspace.projects / profile.id / dataset.path).is_file():
            yield f"{dataset.path} is not there"
    for item in job.drawings:
        try:
            item.check(os.environ)
        except RiskkitError as error:
            yield str(error)
