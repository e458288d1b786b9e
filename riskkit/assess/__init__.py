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
from riskkit.model.handover import ASSESSMENT, WORKSPACE
from riskkit.workspace import find

__all__ = ["Case", "open"]


def open(project: str, *, assessment: str, workspace: Path | None = None) -> Case:
    """The case for ``project``, found in the nearest folder at or above this one that has ``projects/``.

    From then on tables are shown whole, within bounds. A runner may say that the notebook stands for another
    assessment of the project than its own name.

    Raises
    ------
    InputError
        When the project does not exist or its files cannot be used as written.
    """
    root = workspace or find(Path(os.environ.get(WORKSPACE, "."))).root
    (found,) = profiles.read_all(root / "projects", [project], known=None)
    show_in_full()
    return Case(found, assessment=os.environ.get(ASSESSMENT, assessment), root=root)
