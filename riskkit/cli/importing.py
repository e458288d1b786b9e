"""The command that takes in what other tools wrote: import."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import typer

from riskkit.cli.workbooks import take_in
from riskkit.cli.workspace import here
from riskkit.errors import InputError, Problem, UsageError

SNIPPET = """\
datasets:
  {name}:
    path: {path}
    sha256: {sha256}
    about: {count} answers, imported from {format}.
    licence: TO BE FILLED IN
    personal_data: TO BE FILLED IN (true or false)
    synthetic_share: TO BE FILLED IN (0 measured, 1 generated)
targets:
  {name}:
    kind: transcripts
    dataset: {name}
"""


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("import", epilog="Example: riskkit import inspect_ai log.json -p my-model -d answers")(
        import_
    )


def import_(
    format: str = typer.Argument(
        help="inspect_ai, garak, promptfoo, pyrit or xlsx; left out for a file .xlsx.", metavar="[FORMAT]"
    ),
    file: Path | None = typer.Argument(None, help="What the tool wrote, or the edited workbook."),
    project: str = typer.Option("", "--project", "-p", help="Project to bring answers into."),
    dataset: str = typer.Option("", "--dataset", "-d", help="Name of the dataset: letters, digits, _."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Of a workbook: only show what would change."),
    replace: bool = typer.Option(False, "--replace", help="Write over an earlier import of this name."),
) -> None:
    """Take in an edited workbook, or turn another tool's results into transcripts of a project.

    A workbook changes answers.yml, controls.yml and findings/ of the projects in it, and the difference is shown. Of
    transcripts, what the profile needs is printed.
    """
    if file is None:
        if not format.lower().endswith(".xlsx"):
            raise UsageError(f"of which format is {format}? (riskkit import FORMAT FILE)")
        format, file = "xlsx", Path(format)
    if format == "xlsx":
        if project or dataset or replace:
            raise UsageError(
                "a workbook names its projects itself; leave out --project, --dataset and --replace"
            )
        take_in(here(), _read(file), file=str(file), dry_run=dry_run)
    elif dry_run:
        raise UsageError("--dry-run goes with a workbook")
    else:
        _bring(format, file, project=project, dataset=dataset, replace=replace)


def _bring(format: str, file: Path, *, project: str, dataset: str, replace: bool) -> None:
    from riskkit import importers
    from riskkit.model.handover import answers_bytes

    if not project or not dataset:
        raise UsageError("name --project and --dataset, the places to bring the answers to")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", dataset):
        raise UsageError(f"--dataset: {dataset!r} is no name (a-z, 0-9 and _, for example answers)")
    reader = importers.get(format)
    folder = here().projects / project
    if not (folder / "profile.yml").is_file():
        raise UsageError(f"there is no project {project!r}; make it: riskkit new {project}")
    path = folder / "data" / f"{dataset}.jsonl"
    if path.exists() and not replace:
        raise UsageError(f"projects/{project}/data/{path.name} exists already (--replace writes over it)")
    found = reader.transcripts(_read(file), file=str(file))
    if not found.samples:
        raise InputError([Problem(file, None, "", "holds no answer")])
    data = answers_bytes(found.samples)
    _write(path, data)
    for left in found.left_out:
        typer.echo(f"left out: {left}", err=True)
    prompts = len({s.prompt_id for s in found.samples})
    typer.echo(
        f"projects/{project}/data/{path.name}: {len(found.samples)} answers to {prompts} prompts", err=True
    )
    typer.echo(f"add to projects/{project}/profile.yml:\n", err=True)
    typer.echo(
        SNIPPET.format(
            name=dataset,
            path=f"data/{path.name}",
            sha256=hashlib.sha256(data).hexdigest(),
            count=len(found.samples),
            format=format,
        ),
        nl=False,
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError([Problem(file, None, "", f"cannot be read: {error.strerror}")]) from None


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)
