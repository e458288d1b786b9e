"""Commands about stored records: verify, head."""

from __future__ import annotations

import typer

from .workspace import here


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit verify --head 41:5b8d...")(verify)
    app.command(epilog="Example: riskkit head > head.txt")(head)


def verify(head: str = typer.Option("", help="Pinned head, as riskkit head printed it.")) -> None:
    """Hash every record and the log again; exit 6 naming each fault."""
    from riskkit.errors import IntegrityError

    store = here().store()
    faults = store.verify(head=head or None)
    if faults:
        raise IntegrityError("\n".join(map(str, faults)))
    typer.echo(f"{len(store.read_all().evidence)} records verified, head {store.head()} (unsigned)")


def head() -> None:
    """Print the head of the log, to be pinned somewhere else."""
    typer.echo(here().store().head())
