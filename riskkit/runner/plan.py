"""What must run, and why, decided without starting anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from riskkit.model import Evidence, Status, canonical, digest
from riskkit.runner.task import Task

FILLED_IN = frozenset({"project", "as_of"})
"""Parameters the kit fills in itself; a change of theirs is no reason to run again."""


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a task must run, and why in a few words; ``why`` is empty when its evidence is fresh."""

    task: Task
    why: str

    def __bool__(self) -> bool:
        return bool(self.why)


def due(
    task: Task,
    *,
    latest: Evidence | None,
    input_sha256: Callable[[str], str | None],
    kit_sha256: str,
    now: datetime,
    forced: bool = False,
    since: datetime | None = None,
) -> Due:
    """Whether ``task`` must run, given its latest evidence.

    ``input_sha256`` gives the present digest of a file an earlier run read (None when it is gone). Evidence counts
    until its ``valid_until``, and only if it was taken after ``since``; a run that failed or was stopped never counts.
    """
    why = "forced" if forced else _why(task, latest, input_sha256, kit_sha256, now)
    if not why and latest is not None and since is not None and latest.run.started < since:
        why = f"last run on {latest.run.started:%Y-%m-%d}"
    return Due(task, why)


def parameters_sha256(task: Task) -> str:
    """The digest of what ``task`` is told, without what the kit fills in itself."""
    return digest({name: value for name, value in task.parameters.items() if name not in FILLED_IN})


def _why(
    task: Task,
    latest: Evidence | None,
    input_sha256: Callable[[str], str | None],
    kit_sha256: str,
    now: datetime,
) -> str:
    if latest is None:
        return "never run"
    run = latest.run
    if run.status is not Status.OK or latest.conclusion is None:
        return f"the last run {'was stopped' if run.status is Status.STOPPED else 'failed'}"
    if run.notebook_sha256 != task.notebook.sha256:
        return "the notebook changed"
    if changed := _changed(dict(run.parameters), dict(task.parameters)):
        return f"parameters changed: {', '.join(changed)}"
    for item in latest.conclusion.inputs:
        present = input_sha256(item.path)
        if present != item.sha256:
            return f"{item.path} {'is gone' if present is None else 'changed'}"
    if run.kit_sha256 != kit_sha256:
        return "the kit changed"
    if run.valid_until is not None and run.valid_until <= now:
        return f"expired on {run.valid_until:%Y-%m-%d}"
    return ""


def _changed(before: dict[str, object], now: dict[str, object]) -> list[str]:
    names = sorted((before.keys() | now.keys()) - FILLED_IN)
    return [
        n for n in names if (n in before) != (n in now) or canonical(before.get(n)) != canonical(now.get(n))
    ]
