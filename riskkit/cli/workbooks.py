"""The part of ``riskkit import`` that takes an edited workbook back."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.errors import InputError, StorageError, printable

if TYPE_CHECKING:
    from riskkit.workspace import Workspace


def take_in(workspace: Workspace, data: bytes, *, file: str, dry_run: bool) -> None:
    """Say what the workbook ``data`` changes in the authored files, and write it unless ``dry_run``.

    Raises InputError with every fault of every cell, and every conflict; nothing is written then.
    """
    from riskkit.importers import xlsx
    from riskkit.profiles.amending import texts

    taken = xlsx.read(data, file=file)
    catalog, projects = workspace.read()
    edits, problems = xlsx.edits(taken, projects, file=file)
    fresh, faults = texts(edits, projects, folder=workspace.projects, catalog=catalog)
    if problems or faults:
        placed = xlsx.refused(taken, faults, edits, file=file)
        raise InputError(sorted([*problems, *placed.problems], key=str))
    before = {path: path.read_bytes() if path.exists() else None for path in fresh}
    fresh = {path: text for path, text in fresh.items() if text.encode() != before[path]}
    _check(workspace, fresh)
    for path, text in fresh.items():
        _show(workspace.root, path, (before[path] or b"").decode(), text)
    if not fresh:
        typer.echo("no change")
    elif dry_run:
        typer.echo(
            f"{_counted(len(edits), 'row')} in {_counted(len(fresh), 'file')} would change; nothing was written"
        )
    else:
        _write(fresh, before)
        typer.echo(f"{_counted(len(edits), 'row')} in {_counted(len(fresh), 'file')} changed")


def _check(workspace: Workspace, fresh: Mapping[Path, str]) -> None:
    """Read the projects as they would be; what is wrong then is told before anything is written."""
    from riskkit.workspace import Workspace

    names = sorted({path.relative_to(workspace.projects).parts[0] for path in fresh})
    with tempfile.TemporaryDirectory(prefix="riskkit-") as folder:
        root = Path(folder)
        for part in ("catalog", "notebooks"):
            if (workspace.root / part).exists():
                (root / part).symlink_to((workspace.root / part).resolve())
        for name in names:
            shutil.copytree(
                workspace.projects / name,
                root / "projects" / name,
                ignore=shutil.ignore_patterns("data", "labels"),
            )
        for path, text in fresh.items():
            place = root / "projects" / path.relative_to(workspace.projects)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        Workspace(root).read(names)


def _show(root: Path, path: Path, before: str, after: str) -> None:
    name = path.relative_to(root).as_posix()
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, n=1, lineterm=""):
        typer.echo(printable(line, 400))


def _write(fresh: Mapping[Path, str], before: Mapping[Path, bytes | None]) -> None:
    """Write every file beside its place, then put all in place; a file that changed meanwhile stops it before that."""
    drafts = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in fresh}
    try:
        for path, text in fresh.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            drafts[path].write_text(text, encoding="utf-8")
        for path in fresh:
            if (path.read_bytes() if path.exists() else None) != before[path]:
                raise StorageError(f"{path} changed while it was being edited; nothing was written")
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        raise StorageError(f"cannot be written: {error}") from None
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
