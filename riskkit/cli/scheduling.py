"""Commands for what runs by itself: schedule, nightly."""

from __future__ import annotations

import difflib
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from riskkit.cli import nights
from riskkit.cli.workspace import here
from riskkit.errors import RiskkitError, StorageError, UsageError


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit schedule systemd --to ~/.config/systemd/user")(schedule)
    app.command(
        epilog="Example: riskkit nightly --workers 4",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(nightly)


def schedule(
    kind: str = typer.Argument(help="cron, systemd, github-actions, gitlab-ci, airflow or kubernetes."),
    to: Path | None = typer.Option(None, help="Folder to write to; schedules/KIND when left out."),
    force: bool = typer.Option(False, "--force", help="Also overwrite files that differ."),
) -> None:
    """Write files that start `riskkit nightly` at the time schedule.yml names (02:15 UTC without one).

    The files come from templates/schedules/. Written again they are the same; one that was edited is shown, and kept.
    """
    from riskkit import __version__, schedules
    from riskkit.model.schedule import Schedule

    workspace = here()
    settings = schedules.read(workspace.root) or Schedule()
    program = Path(sys.executable).with_name("riskkit")
    values = schedules.places(settings) | {
        "ROOT": str(workspace.root),
        "RISKKIT": str(program),
        "NIGHTLY": f"{shlex.quote(str(program))} nightly ",  # Airflow reads what ends in .sh as a template
        "PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "VERSION": __version__,
    }
    texts = schedules.render(workspace.root / "templates" / "schedules", kind, values)
    folder = to or workspace.root / "schedules" / kind
    if not force:
        _refuse_edited(folder, texts)
    for name, text in texts.items():
        same = _text(folder / name) == text
        if not same:
            _write(folder / name, text)
        typer.echo(f"{'unchanged' if same else 'wrote'} {folder / name}")


def nightly(
    context: typer.Context,
    if_overdue: bool = typer.Option(False, "--if-overdue", help="Do nothing unless a night was missed."),
) -> None:
    """Run what is due, publish, verify and check, one after the other, and tell whom schedule.yml names.

    Options of `riskkit run` may follow, such as --workers 4. Ends with the weightiest code: a fault of the records
    first, then of the runs, the site, the gate. Two never overlap: the second one ends with 8.
    """
    from riskkit import schedules

    workspace = here()
    settings = schedules.read(workspace.root)
    with nights.alone(workspace):
        if if_overdue and not nights.overdue(workspace):
            typer.echo("not overdue: nothing to do")
            return
        night = nights.spend(workspace, settings, context.args)
        code = night.exit_code
        typer.echo(night.summary())
        if settings and settings.notify and nights.worth_telling(workspace, settings.notify, code):
            try:
                schedules.notify.send(settings.notify, night.message(workspace), environ=os.environ)
            except RiskkitError as error:
                typer.echo(f"nobody was told: {error}", err=True)
                code = code or error.exit_code
        nights.remember(workspace, night.exit_code)
    raise typer.Exit(code)


def _refuse_edited(folder: Path, texts: Mapping[str, str]) -> None:
    """Raise with the differences, if a file there is not what would be written."""
    lines: list[str] = []
    for name, text in texts.items():
        there = _text(folder / name)
        if there is not None and there != text:
            lines += difflib.unified_diff(
                there.splitlines(),
                text.splitlines(),
                f"{folder / name}",
                "what would be written",
                lineterm="",
            )
    if lines:
        raise UsageError("\n".join([*lines, "it differs, so nothing was written (--force overwrites it)"]))


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _write(file: Path, text: str) -> None:
    """Write ``file`` whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"{file}: {error.strerror}; it was not written") from error
