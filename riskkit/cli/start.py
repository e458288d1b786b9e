"""Commands that begin something: init, new, list, schema."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from riskkit.errors import EnvironmentProblem, UsageError

from .workspace import here

if TYPE_CHECKING:
    from pydantic import BaseModel

KIT_PARTS = ("notebooks", "templates", "site", "mkdocs.yml")
_DEFAULT = re.compile(r'("project: str = \\")[a-z0-9_-]+(\\"  # folder under projects/)')
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "decisions")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit init my-models --demo")(init)
    app.command(epilog="Example: riskkit new credit-limit --name 'Credit limit'")(new)
    app.command("list", epilog="Example: riskkit list --json")(list_)
    app.command(epilog="Example: riskkit schema profile > profile.schema.json")(schema)


def init(
    folder: Path = typer.Argument(help="Folder to make; must not exist or be empty.", metavar="DIR"),
    project: str = typer.Option("my-model", help="Id of the first project."),
    demo: bool = typer.Option(False, "--demo", help="Bring the demo portfolio instead of a first project."),
) -> None:
    """Make a working workspace: notebooks, templates, pages, and a first project that runs and is yours to fill in."""
    _check_id(project)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; choose a new folder")
    kit = kit_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for part in (*KIT_PARTS, *(["projects"] if demo else [])):
        source = kit / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, folder / part)
    (folder / "projects").mkdir(exist_ok=True)
    (folder / "records").mkdir()
    (folder / ".gitignore").write_text("/build/\n__pycache__/\n.ipynb_checkpoints/\n", encoding="utf-8")
    typer.echo(f"made {folder}")
    if not demo:
        made = _begin(folder, project, name="")
        _ask_about(project, folder / "notebooks")
        typer.echo(f"made {made.relative_to(folder)}, which runs as it stands on generated data")
        typer.echo("for your own: put your table in its data/, name file and columns in its profile.yml")
    typer.echo(f"next: cd {folder} && riskkit run && riskkit build")


def new(
    project: str = typer.Argument(help="Id of the project: its folder's name.", metavar="PROJECT"),
    name: str = typer.Option("", help="Name for readers; made from the id when left out."),
) -> None:
    """Start a project: a profile with every field explained, and a few rows of data that run."""
    _check_id(project)
    _begin(here().root, project, name=name)
    typer.echo(f"made projects/{project}; edit projects/{project}/profile.yml, then: riskkit run {project}")


def _check_id(project: str) -> None:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?", project):
        raise UsageError(f"{project!r} cannot be a project id (a-z, 0-9, - and _; for example credit-limit)")


def _begin(root: Path, project: str, *, name: str) -> Path:
    """Copy the starter project into the workspace at ``root``."""
    folder = root / "projects" / project
    if folder.exists():
        raise UsageError(f"projects/{project} exists already")
    shutil.copytree(root / "templates" / "project", folder)
    profile = folder / "profile.yml"
    text = profile.read_text(encoding="utf-8")
    shown = json.dumps(name or project.replace("-", " ").replace("_", " ").capitalize(), ensure_ascii=False)
    profile.write_text(text.replace("PROJECT-ID", project).replace("PROJECT-NAME", shown), encoding="utf-8")
    return folder


def _ask_about(project: str, notebooks: Path) -> None:
    """Have notebooks speak of ``project`` where nobody gives them another: those of the kit name one of the demo."""
    for path in notebooks.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        path.write_text(_DEFAULT.sub(rf"\g<1>{project}\2", text), encoding="utf-8", newline="\n")


def list_(as_json: bool = typer.Option(False, "--json", help="For machines.")) -> None:
    """List the projects with their assessments."""
    _, projects = here().read()
    rows: list[dict[str, Any]] = [
        {
            "id": p.id,
            "name": p.profile.name,
            "kind": p.profile.kind.value,
            "stage": p.profile.stage.value,
            "tier": p.profile.tier.tier,
            "assessments": list(p.profile.assessments),
        }
        for p in projects
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['id']:24} tier {row['tier']}  {row['stage']:11} {', '.join(row['assessments'])}")


def schema(
    kind: str = typer.Argument(
        help="profile, answers, controls, decision, finding, risk, regulation, matrix, schedule or plan."
    ),
) -> None:
    """Print the JSON Schema of an authored file, so that editors complete and check it, or of a plan."""
    from riskkit.model import Answers, Controls, Decision, Finding, Matrix, Plan, Profile, Regulation, Risk
    from riskkit.model.schedule import Schedule

    kinds: dict[str, type[BaseModel]] = {
        "profile": Profile,
        "answers": Answers,
        "controls": Controls,
        "decision": Decision,
        "finding": Finding,
        "risk": Risk,
        "regulation": Regulation,
        "matrix": Matrix,
        "schedule": Schedule,
        "plan": Plan,
    }
    if kind not in kinds:
        raise UsageError(f"there is no schema {kind!r} (one of {', '.join(kinds)})")
    typer.echo(json.dumps(kinds[kind].model_json_schema(), indent=1))


def kit_folder() -> Path:
    """Where the kit's notebooks, templates and pages lie: in the wheel, or in the checkout it runs from."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_kit", package.parent):
        if all((folder / part).exists() for part in KIT_PARTS):
            return folder
    raise EnvironmentProblem("the kit's notebooks and templates are not installed; install riskkit again")
