"""The command that says what is missing or wrong here, and the way to mend it: doctor."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from riskkit.errors import EnvironmentProblem, RiskkitError

from .lab import START
from .workspace import here

if TYPE_CHECKING:
    from riskkit.workspace import Workspace

EXTRAS = {
    "run": ("runs notebooks", ("papermill", "nbclient", "ipykernel", "psutil")),
    "site": ("builds the site", ("mkdocs", "material")),
    "lab": ("opens JupyterLab", ("jupyterlab", "ipywidgets", "anywidget", "nbconvert")),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LEAST_FREE_MB = 500


class Found(NamedTuple):
    """One line; ``fix`` is empty where nothing is wrong, and what ``hinders`` makes the command end with 7."""

    what: str
    fix: str = ""
    hinders: bool = True

    def __str__(self) -> str:
        if not self.fix:
            return f"ok       {self.what}"
        return f"{'to mend ' if self.hinders else 'optional'} {self.what}: {self.fix}"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit doctor")(doctor)


def doctor() -> None:
    """Say in one line each what is there, missing or wrong, with the fix; exit 7 when something hinders work."""
    found = [*_installed(), *_tools(), *_place()]
    for line in found:
        typer.echo(str(line))
    if wrong := [f for f in found if f.fix and f.hinders]:
        raise EnvironmentProblem(f"{len(wrong)} to mend")


def _installed() -> Iterator[Found]:
    yield Found(f"Python {sys.version.split()[0]} at {sys.executable}")
    for extra, (does, modules) in EXTRAS.items():
        missing = [name for name in modules if find_spec(name) is None]
        if missing:
            hint = f"{does}; pip install 'riskkit[{extra}]' ({', '.join(missing)} not found)"
            yield Found(f"extra {extra}", hint, hinders=False)
        else:
            yield Found(f"extra {extra}: {does} ({modules[0]} {_version(modules[0])})")
    if find_spec("ipykernel") is not None:
        yield _kernel()


def _version(module: str) -> str:
    distribution = {"material": "mkdocs-material"}.get(module, module)
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _kernel() -> Found:
    """A notebook's own ``python3`` may be another interpreter, where somebody registered one; ours takes its place."""
    left = (
        Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share"))
        / "jupyter/kernels/python3/kernel.json"
    )
    if left.exists():
        fix = "start JupyterLab with riskkit lab, which uses this Python (plain `jupyter lab` may not)"
        return Found(f"kernel: {left} names another python3", fix, hinders=False)
    return Found(f"kernel python3: this Python (ipykernel {_version('ipykernel')})")


def _tools() -> Iterator[Found]:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    yield Found(
        f"browser for the tests: {browser or 'none'}",
        "" if browser else "only contributors need one; apt-get install chromium",
        hinders=False,
    )
    git = shutil.which("git")
    yield Found(
        "git" if git else "git not found",
        "" if git else "records then name no commit; install git",
        hinders=False,
    )


def _place() -> Iterator[Found]:
    try:
        workspace = here()
    except RiskkitError as error:
        yield Found("workspace", str(error))
        return
    yield Found(f"workspace {workspace.root}")
    for check in (_writable, _space, _profiles, _start, _log, _keys, _locked):
        yield from check(workspace)


def _writable(workspace: Workspace) -> Iterator[Found]:
    for folder in (workspace.root, workspace.root / "records", workspace.projects, workspace.build):
        if folder.exists() and not os.access(folder, os.W_OK):
            yield Found(f"{folder} cannot be written", f"chown or chmod it for {_user()}")


def _user() -> str:
    return f"user id {os.geteuid()}"


def _space(workspace: Workspace) -> Iterator[Found]:
    free = shutil.disk_usage(workspace.root).free // 2**20
    fix = "" if free >= LEAST_FREE_MB else f"make room: runs and sites want {LEAST_FREE_MB} MB at least"
    yield Found(f"disk: {free:,} MB free", fix)


def _profiles(workspace: Workspace) -> Iterator[Found]:
    try:
        _, projects = workspace.read()
    except RiskkitError as error:
        first, *more = str(error).splitlines()
        yield Found("projects", first + (f" (and {len(more)} more; riskkit list names them)" if more else ""))
        return
    yield Found(f"projects: {len(projects)} readable")


def _start(workspace: Workspace) -> Iterator[Found]:
    if not (workspace.root / START).exists():
        yield Found(
            START, "made by an earlier version: copy it from a new workspace (riskkit init)", hinders=False
        )


def _log(workspace: Workspace) -> Iterator[Found]:
    try:
        damaged = workspace.store().read_all().damaged
    except RiskkitError as error:
        yield Found("records", str(error).splitlines()[0])
        return
    yield Found(
        "records" if not damaged else f"records: {len(damaged)} damaged",
        "" if not damaged else "riskkit verify",
    )


def _keys(workspace: Workspace) -> Iterator[Found]:
    """Names of environment variables that profiles ask for, never their values."""
    try:
        _, projects = workspace.read()
    except RiskkitError:
        return
    for project in projects:
        for name, target in project.profile.targets.items():
            key = str(target.settings.get("key", ""))
            if key.startswith("env:") and not os.environ.get(key[4:]):
                yield Found(
                    f"{project.id}: target {name} asks for {key[4:]}",
                    f"export {key[4:]}=... before riskkit run",
                    hinders=False,
                )


def _locked(workspace: Workspace) -> Iterator[Found]:
    lock = workspace.root / "requirements.lock"
    if not lock.exists():
        return
    from riskkit.runner.environment import packages
    from riskkit.runner.strict import unlocked

    drift = list(unlocked(lock.read_text(encoding="utf-8"), packages()))
    said = (
        f"requirements.lock: {len(drift)} installed packages differ, such as {drift[0]}"
        if drift
        else "requirements.lock"
    )
    yield Found(said, "make -B .venv, or pip install -r requirements.lock" if drift else "", hinders=False)
