"""Commands that freeze the register and compare with it: snapshot, changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from riskkit.errors import UsageError, printable
from riskkit.workspace.snapshots import keep

from .workspace import day, here

if TYPE_CHECKING:
    from riskkit.model import Changes, Note


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit snapshot --as-of 2026-11-20")(snapshot)
    app.command(epilog="Example: riskkit changes --since 2026-08-01-1f0a93bd.json")(changes)


def snapshot(
    as_of: str = typer.Option("", help="Day the register speaks of, YYYY-MM-DD; today when left out."),
) -> None:
    """Freeze the register, so that later ones can be compared with it."""
    from riskkit import register as fold

    workspace = here()
    frozen = fold.freeze(workspace.register(day(as_of)))
    path = keep(workspace.snapshots, frozen)
    typer.echo(f"{path.relative_to(workspace.root)}: {sum(len(p.rows) for p in frozen.projects)} rows")


def changes(
    since: str = typer.Option("", help="Snapshot to compare with; the latest before the day when left out."),
    as_of: str = typer.Option("", help="Day the register speaks of, YYYY-MM-DD; today when left out."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Say what is new, up, down and gone since a snapshot, and which bounds, methods and versions changed."""
    workspace = here()
    found = workspace.register(day(as_of), since=since or None).changes
    if found is None:
        raise UsageError("there is no snapshot before that day; make one: riskkit snapshot --as-of DAY")
    if as_json:
        typer.echo(found.model_dump_json(indent=1))
        return
    for line in _told(found):
        typer.echo(printable(line, 2000))


def _told(found: Changes) -> Iterator[str]:
    counts = ", ".join(f"{n} {move}" for move, n in found.moves.items())
    yield f"since {found.since} ({found.snapshot}): {counts}"
    for project in found.projects:
        if project.move != "kept" or project.notes:
            yield f"{project.project}: {project.move}"
            yield from map(_note, project.notes)
    for row in found.rows:
        if row.move != "unchanged" or row.verdict_before is not row.verdict_after or row.notes:
            verdicts = f"{row.verdict_before or 'no row'} to {row.verdict_after or 'no row'}"
            levels = f"{row.before or 'no row'} to {row.after or 'no row'}"
            apart = "" if row.comparable else "; the method changed: the figures do not compare"
            yield f"{row.project}/{row.risk}: {row.move}, level {levels}, verdict {verdicts}{apart}"
            yield from map(_note, row.notes)


def _note(note: Note) -> str:
    return f"  {note.kind.replace('-', ' ')}: {note.subject}: {note.what}"
