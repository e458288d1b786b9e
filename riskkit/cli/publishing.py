"""Commands that make the register readable: build, serve, export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from riskkit.errors import IntegrityError, UsageError

from .workspace import day, here


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit build --as-of 2026-11-20")(build)
    app.command(epilog="Example: riskkit serve --port 8000")(serve)
    app.command(epilog="Example: riskkit export xlsx loan-approval --to out/")(export)


def build(
    as_of: str = typer.Option("", help="Day the register speaks of, YYYY-MM-DD; today when left out."),
    audience: str = typer.Option(
        "internal", help="Whom it is for: internal or public; restricted is never shown."
    ),
    keep: int = typer.Option(3, min=1, help="Releases kept in build/releases, the served one among them."),
) -> None:
    """Fold the evidence into the register and publish it as a site that opens from disk.

    Each site is a release of its own, named for its content; build/site leads to the latest. A damaged record is named
    on the site, not used, and makes the command end with 6.
    """
    import gc

    from riskkit import exporters

    workspace = here()
    site = workspace.build / "site"
    with exporters.publishing(workspace.build):
        register, head = workspace.register(day(as_of), audience=audience), workspace.store().head()
        gc.freeze()  # nothing of it can be freed, and looking again and again takes seconds with a thousand systems
        digests = register.digests
        sources = replace(workspace.sources(head=head), digests=digests)
        exporters.get("pages")(register, workspace.build / "docs", sources=sources)
        about = {"audience": audience, "head": head, "register": digests[0]}
        on, damaged = register.as_of, register.damaged
        del register  # that of a thousand systems takes 200 MB, which what comes now may have
        gc.collect()
        done = exporters.build_site(
            workspace.root, site=site, as_of=on, keep=keep, secrets=workspace.store().secrets, about=about
        )
    if done.note:
        typer.echo(done.note, err=True)
    typer.echo(f"{done.pages} pages in {site}, release {done.release[:12]}")
    typer.echo(f"open {(site / 'index.html').absolute().as_uri()}")
    if damaged:
        raise IntegrityError("\n".join(f"damaged record, not used: {fault}" for fault in damaged))


def export(
    name: str = typer.Argument("", metavar="FORMAT", help="Format; --list tells which there are."),
    project: str = typer.Argument("", metavar="[PROJECT]", help="Only this project; all when left out."),
    to: Path = typer.Option(Path("build/export"), help="Folder to write to."),
    list_: bool = typer.Option(False, "--list", help="List the formats and stop."),
    as_of: str = typer.Option("", help="Day the register speaks of, YYYY-MM-DD; today when left out."),
    audience: str = typer.Option(
        "internal", help="Whom it is for: internal or public; restricted is never shown."
    ),
) -> None:
    """Write the register in one format."""
    from riskkit import exporters
    from riskkit.register import narrow

    if list_:
        for each in exporters.names():
            typer.echo(f"{each:<12} {exporters.about(each)}")
        return
    if name not in exporters.names():
        raise UsageError(f"there is no format {name!r} (one of {', '.join(exporters.names())})")
    workspace = here()
    register = workspace.register(day(as_of), audience=audience)
    if project:
        if project not in {p.profile.id for p in register.projects}:
            raise UsageError(f"there is no project {project}")
        register = narrow(register, gate="release", projects=[project])
    for path in exporters.get(name)(register, to, sources=workspace.sources()):
        typer.echo(str(path))


def serve(port: int = typer.Option(8000, help="Port on this machine.")) -> None:
    """Show the built site on this machine, at http://127.0.0.1:PORT."""
    import functools
    import http.server

    site = here().build / "site"
    if not (site / "index.html").exists():
        raise UsageError("there is no site yet; make it: riskkit build")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        typer.echo(f"http://127.0.0.1:{server.server_port} (Ctrl-C ends it)")
        server.serve_forever()
