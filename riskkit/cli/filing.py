"""Filing: what is kept of a run, as evidence and as files beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from riskkit.cli.jobs import Job

if TYPE_CHECKING:
    from riskkit.model import Evidence
    from riskkit.runner import Outcome, Surroundings, Task


@dataclass(frozen=True, slots=True)
class How:
    """What a run is told on the command line."""

    trigger: str
    performed_as: str


def files(outcome: Outcome, task: Task) -> dict[str, bytes]:
    """The executed notebook, and the answers it was given."""
    return {"notebook.ipynb": outcome.notebook, **task.answers} if outcome.notebook else {}


def evidence(job: Job, outcome: Outcome, surroundings: Surroundings, how: How) -> Evidence:
    """What the record of ``outcome`` says of the run and its conclusion."""
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
