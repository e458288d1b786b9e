"""The door for people: what a notebook opens to measure a project and conclude.

case = assess.open(project, assessment="bias_audit")
table = case.decisions("decisions")
case.conclude(fairness.selection_rate_ratios(table))
"""

from __future__ import annotations

import os
from pathlib import Path

from riskkit import profiles
from riskkit.assess.case import Case
from riskkit.assess.tables import show_in_full
from riskkit.errors import UsageError
from riskkit.model.handover import ASSESSMENT, WORKSPACE

__all__ = ["Case", "find_workspace", "open"]


def open(project: str, *, assessment: str, workspace: Path | None = None) -> Case:
    """The case for ``project``, found in the nearest folder at or above this one that has ``projects/``.

    From then on tables are shown whole, within bounds. A runner may say that the notebook stands for another
    assessment of the project than its own name.

    Raises
    ------
    InputError
        When the project does not exist or its files cannot be used as written.
    """
    root = workspace or find_workspace(Path(os.environ.get(WORKSPACE, ".")))
    (found,) = profiles.read_all(root / "projects", [project], known=None)
    show_in_full()
    return Case(found, assessment=os.environ.get(ASSESSMENT, assessment), root=root)


def find_workspace(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds ``projects/`` and ``notebooks/``."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "projects").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise UsageError(
        f"no workspace (projects/ and notebooks/) at or above {start.resolve()}; make one: riskkit init"
    )
