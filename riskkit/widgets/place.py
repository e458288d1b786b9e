"""Where a widget works: the workspace of the notebook, and the register as it stands now."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from riskkit import workspace
from riskkit.authored import nearest
from riskkit.errors import UsageError
from riskkit.model.handover import PROJECT, WORKSPACE

if TYPE_CHECKING:
    from riskkit.model import ProjectRegister, Register
    from riskkit.workspace import Workspace


def here() -> Workspace:
    """The workspace at or above this notebook."""
    return workspace.find(Path(os.environ.get(WORKSPACE, ".")))


def now() -> datetime:
    """The present moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def chosen(project: str) -> str:
    """``project``, or the one that JupyterLab was opened for; empty for the whole portfolio."""
    return project or os.environ.get(PROJECT, "")


def register_of(place: Workspace, project: str) -> tuple[Register, tuple[ProjectRegister, ...]]:
    """Today's register, and of its projects the one called ``project``, or all."""
    built = place.register(now().date())
    names = [p.profile.id for p in built.projects]
    if project and project not in names:
        raise UsageError(f"there is no project {project!r} ({nearest(project, names)})")
    return built, tuple(p for p in built.projects if project in ("", p.profile.id))
