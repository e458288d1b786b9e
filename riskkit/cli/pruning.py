"""The command that moves old notebooks out of the store: prune."""

from __future__ import annotations

from pathlib import Path

import typer

from riskkit.cli.progress import counted
from riskkit.cli.workspace import here, now
from riskkit.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit prune --keep 30 --to archive/2026.zip")(prune)


def prune(
    keep: int = typer.Option(30, help="Concluded runs of each assessment whose files stay; at least 2."),
    to: Path | None = typer.Option(
        None, help="Zip to write; archive/records-TIME.zip in the workspace when left out."
    ),
    plan: bool = typer.Option(False, "--plan", help="Only say what would be archived."),
) -> None:
    """Move notebooks and attachments of old runs into a zip; what the runs concluded stays, and the chain is whole.

    The zip is logged with its digest. Unpacked into records/, it puts everything back.
    """
    from riskkit.records import archive

    workspace = here()
    if workspace.remote:
        raise UsageError("records at a URL (RISKKIT_REMOTE) are not pruned")
    store = workspace.store()
    found = archive.plan(store, keep=keep)
    what = f"{len(found.files)} files of {len(found.records)} records, {found.size / 1e6:,.1f} MB"
    if plan or not found.files:
        typer.echo(
            f"would archive {what}"
            if found.files
            else f"nothing to archive: no assessment has more than {keep} runs"
        )
        return
    moment = now().strftime("%Y%m%dT%H%M%SZ")
    file = to or workspace.root / "archive" / f"records-{moment}.zip"
    with counted("archiving", len(found.files)) as step:
        done = archive.archive(store, found, file, moment=moment, on_file=step)
    typer.echo(f"archived {what} in {file} (sha256 {done.sha256})")
    typer.echo("keep the file: records name what lies in it; unpacked into records/ everything is back")
