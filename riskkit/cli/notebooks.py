"""The command that starts an assessment of one's own: new-notebook."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import typer

from riskkit.errors import UsageError

from .workspace import here

if TYPE_CHECKING:
    from riskkit.workspace import Workspace

SKELETON = "templates/notebook.ipynb"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("new-notebook", epilog="Example: riskkit new-notebook recording_audit")(new_notebook)


def new_notebook(
    name: str = typer.Argument(help="Name of the assessment: a-z, 0-9 and _.", metavar="NAME"),
    project: str = typer.Option("", help="Project it starts with; the first one when left out."),
) -> None:
    """Start a notebook from the skeleton: it runs and concludes as it stands, with a first measure to replace."""
    workspace = here()
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise UsageError(
            f"{name!r} cannot be a notebook's name (a-z, 0-9 and _; for example recording_audit)"
        )
    path = workspace.notebooks / f"{name}.ipynb"
    skeleton = workspace.root / SKELETON
    if not skeleton.is_file():
        raise UsageError(f"there is no {SKELETON}; copy it from a new workspace (riskkit init DIR)")
    text = skeleton.read_text(encoding="utf-8")
    made = text.replace("NOTEBOOK-ID", name.replace("_", "-")).replace("NOTEBOOK-NAME", name)
    made = made.replace("NOTEBOOK-TITLE", name.replace("_", " ").capitalize())
    made = made.replace("PROJECT-ID", _project(workspace, project))
    json.loads(made)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(made)
    except FileExistsError:
        raise UsageError(f"notebooks/{name}.ipynb exists already") from None
    typer.echo(f"made notebooks/{name}.ipynb")
    typer.echo(f"next: riskkit lab, and open it; on record once a profile names {name} under assessments")


def _project(workspace: Workspace, name: str) -> str:
    from riskkit import profiles
    from riskkit.authored import nearest

    there = profiles.ids(workspace.projects)
    if not there:
        raise UsageError("there is no project yet: riskkit new NAME")
    if name and name not in there:
        raise UsageError(f"--project: there is no project {name!r} ({nearest(name, there)})")
    return name or there[0]
