"""The command that opens JupyterLab: lab."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.errors import EnvironmentProblem, UsageError

from .workspace import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskkit.workspace import Workspace

NEEDS = ("jupyterlab", "ipywidgets", "anywidget", "ipykernel")
START = "notebooks/explore/start.ipynb"
SETTINGS = Path(__file__).parent / "jupyter"
"""What JupyterLab is told beyond what people set: no news, no update check, callbacks in the main thread."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit lab loan-approval")(lab)


def lab(
    project: str = typer.Argument("", help="Project to start with; every project when left out."),
    browser: bool = typer.Option(
        True, "--browser/--no-browser", help="Open a browser, or print the address."
    ),
    port: int = typer.Option(8888, help="Port on this machine; the next free one is taken where it is not."),
) -> None:
    """Open JupyterLab on this workspace, at the notebook that says where to go; Ctrl-C twice ends it.

    It listens on this machine only, asks nobody for news or updates, and leaves your own settings of Jupyter alone.
    """
    if missing := [name for name in NEEDS if find_spec(name) is None]:
        raise EnvironmentProblem(
            f"{', '.join(missing)} is not installed; install JupyterLab: pip install 'riskkit[lab,run]'"
        )
    workspace = here()
    if project:
        _known(workspace, project)
    command = _command(workspace, browser=browser, port=port)
    env = _environment(workspace, os.environ, project=project)
    sys.stdout.flush()
    os.chdir(workspace.root)
    os.execve(sys.executable, command, env)  # our own interpreter and arguments


def _known(workspace: Workspace, project: str) -> None:
    from riskkit import profiles
    from riskkit.authored import nearest

    if project not in (there := profiles.ids(workspace.projects)):
        raise UsageError(f"there is no project {project!r} ({nearest(project, there)})")


def _command(workspace: Workspace, *, browser: bool, port: int) -> list[str]:
    start = f"/lab/tree/{START}" if (workspace.root / START).is_file() else "/lab"
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={workspace.root}",
        f"--ServerApp.port={port}",
        f"--LabApp.default_url={start}",
        *([] if browser else ["--no-browser"]),
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def _environment(workspace: Workspace, environ: Mapping[str, str], *, project: str) -> dict[str, str]:
    """The environment with our settings before those of the user, and this interpreter as the only ``python3``."""
    from riskkit.model.handover import PROJECT

    kernels = workspace.build / "lab"
    spec = kernels / "kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    loaded = "--InteractiveShellApp.extra_extensions=riskkit.widgets"
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", loaded]
    part = spec.with_suffix(f".{os.getpid()}.part")
    part.write_text(
        json.dumps({"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"}),
        encoding="utf-8",
    )
    part.replace(spec)

    def first(name: str, folder: Path) -> str:
        return os.pathsep.join([str(folder), *filter(None, [environ.get(name)])])

    own = {
        "JUPYTER_CONFIG_PATH": first("JUPYTER_CONFIG_PATH", SETTINGS),
        "JUPYTER_PATH": first("JUPYTER_PATH", kernels),
    }
    return {**environ, **own, **({PROJECT: project} if project else {})}
