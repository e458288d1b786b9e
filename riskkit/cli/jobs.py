"""Jobs: the assessments a command asks for, each checked and with the reason why it must run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskkit.cli import drawing
from riskkit.cli.workspace import Workspace, now
from riskkit.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from riskkit.model import Evidence, Project
    from riskkit.runner import Task


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


def find_jobs(workspace: Workspace, names: list[str] | None, only: list[str]) -> Iterator[Job]:
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


def with_drawings(workspace: Workspace, job: Job, evidence: Iterable[Evidence], performed_as: str) -> Job:
    """``job`` with what it needs of endpoints."""
    epoch = drawing.epoch(evidence, job.key, performed_as=performed_as)
    found = drawing.drawings(workspace, job.project.profile, job.task, epoch=epoch)
    return replace(job, drawings=tuple(found))
