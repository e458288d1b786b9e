"""Commands about stored records: verify, head, adopt, merge, pack, key."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.cli.workspace import Workspace, day, here
from riskkit.errors import IntegrityError, StorageError, UsageError

if TYPE_CHECKING:
    from riskkit.model import Evidence
    from riskkit.records import Fault


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit verify --head 41:5b8d... --inputs")(verify)
    app.command(epilog="Example: riskkit head > head.txt")(head)
    app.command(epilog="Example: riskkit adopt loan-approval/bias_audit/20261120T120000Z-1a2b3c4d")(adopt)
    app.command(epilog="Example: riskkit merge shard-1/records shard-2/records")(merge)
    app.command(epilog="Example: riskkit pack loan-approval --to loan-approval.zip")(pack)
    app.command(epilog="Example: riskkit key ../keys/riskkit.pem")(key)


def verify(
    head: str = typer.Option("", help="Pinned head, as riskkit head printed it."),
    trust: Path | None = typer.Option(None, help="File with the public keys that must have signed."),
    inputs: bool = typer.Option(
        False, "--inputs", help="Also hash the files the latest evidence was made from."
    ),
    site: bool = typer.Option(
        False, "--site", help="Also make the published site anew and hold every page against it."
    ),
    folder: Path | None = typer.Argument(
        None, help="With --site: the site's folder; build/site when left out."
    ),
) -> None:
    """Hash every record and the log again; exit 6 naming each fault."""
    from riskkit import records

    workspace = here()
    store = workspace.store()
    faults = list(store.verify(head or None, trust=records.read_trust(trust) if trust else None))
    stored = store.read_all()
    if inputs:
        faults += _changed_inputs(workspace, stored.evidence)
    lines = [*map(str, faults), *(_changed_pages(workspace, folder, store.head()) if site else ())]
    for left in store.unlogged():
        typer.echo(
            f"not logged, not evidence: {left} (a crash may leave this; riskkit adopt logs it)", err=True
        )
    if lines:
        raise IntegrityError("\n".join(lines))
    signed = f"{len(stored.signed)} signed" if stored.signed else "unsigned"
    shown = ", the site shows them" if site else ""
    typer.echo(f"{len(stored.evidence)} records verified, {signed}, head {store.head()}{shown}")


def head() -> None:
    """Print the head of the log, to be pinned somewhere else."""
    typer.echo(here().store().head())


def adopt(
    folder: str = typer.Argument(help="The record's folder below records/, as verify names it."),
) -> None:
    """Log a whole record that a crash left without a log entry."""
    found = here().store().adopt(folder)
    typer.echo(f"logged {found.folder}")


def merge(
    folders: list[Path] = typer.Argument(
        help="Folders records/ of other workspaces, such as those of shards."
    ),
) -> None:
    """Add the records that other machines made to those of this workspace; a second time adds nothing."""
    from riskkit import records

    store = here().store()
    for folder in folders:
        added = records.merge(store, folder)
        typer.echo(f"{folder}: {len(added)} records added")
    typer.echo(f"head {store.head()}")


def pack(
    project: str = typer.Argument(help="Project whose evidence is taken away."),
    to: Path | None = typer.Option(None, help="File to write; PROJECT.zip when left out."),
    restricted: bool = typer.Option(
        False, "--restricted", help="Also pack what the profile withholds from readers of the site."
    ),
) -> None:
    """Write a zip that an auditor checks offline, with the check inside it.

    Files of records that hold what the profile withholds are left out and named, unless --restricted is given.
    """
    from riskkit import records
    from riskkit.model import Sensitivity, withheld

    workspace = here()
    _, (found,) = workspace.read([project])
    store = workspace.store()
    if faults := store.verify():
        raise IntegrityError("\n".join(map(str, faults)))
    profile = workspace.projects / project / "profile.yml"
    packed = records.pack(
        store,
        project,
        beside={"profile.yml": profile.read_bytes()},
        withholds=None if restricted else lambda e: withheld(found.profile, e, audience=Sensitivity.INTERNAL),
    )
    file = to or Path(f"{project}.zip")
    _write(file, packed.data)
    typer.echo(f"{file}: {len(packed.data):,} bytes, sha256 {hashlib.sha256(packed.data).hexdigest()}")
    if packed.withheld:
        typer.echo(
            f"{len(packed.withheld)} files that the profile withholds are left out (--restricted packs them)"
        )
    typer.echo("check it anywhere: unzip it, then python verify.py")


def _write(file: Path, data: bytes) -> None:
    """Write ``file`` whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"{file}: {error.strerror}") from error


def key(
    file: Path = typer.Argument(help="File to write the private key to; keep it outside the workspace."),
) -> None:
    """Make a key that signs records: name its file in RISKKIT_SIGNING_KEY, give its public half to reviewers."""
    from riskkit import records

    signer = records.new_key(file)
    typer.echo(json.dumps({"keys": [signer.as_trusted()]}, indent=1))
    typer.echo(f"private key in {file}; the lines above are a file for verify --trust", err=True)


def _changed_inputs(workspace: Workspace, evidence: tuple[Evidence, ...]) -> tuple[Fault, ...]:
    from riskkit import records
    from riskkit.profiles.inputs import present_sha256

    known = {p.id: p.profile.assessed_sha256 for p in workspace.read()[1]}

    def present(item: Evidence, path: str) -> str | None:
        folder = workspace.projects / item.project
        return present_sha256(path, folder=folder, profile_sha256=known.get(item.project))

    return records.changed_inputs(evidence, present)


def _changed_pages(workspace: Workspace, folder: Path | None, head: str) -> list[str]:
    """What of the published site does not follow from the records, as of the day the site speaks of."""
    from riskkit import exporters

    site = folder or workspace.build / "site"
    if not site.is_dir():
        raise UsageError(f"there is no site at {site}; make it: riskkit build")
    when, audience = exporters.shown_to(site)
    register = workspace.register(when or day(""), audience=audience)
    return exporters.check_site(site, workspace.root, register, head=head, sources=workspace.sources())
