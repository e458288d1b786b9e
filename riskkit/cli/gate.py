"""The gate: ``riskkit check``."""

from __future__ import annotations

import json

import typer

from .workspace import day, here


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit check --project loan-approval")(check)


def check(
    project: list[str] = typer.Option([], "--project", help="Only this project; may be given again."),
    as_of: str = typer.Option("", help="Day to check for, YYYY-MM-DD; today when left out."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Exit 0 when every measurable risk is assessed and within appetite, 10 with the reasons otherwise."""
    from riskkit.errors import GateClosed, UsageError

    built = here().register(day(as_of))
    unknown = sorted(set(project) - {p.profile.id for p in built.projects})
    if unknown:
        raise UsageError(f"there is no project {', '.join(unknown)}")
    reasons = [
        f"{entry.project}: {entry.risk.id}: {entry.within_appetite}: {entry.why[0] if entry.why else ''}"
        for entry in built.entries
        if entry.within_appetite != "yes" and (not project or entry.project in project)
    ]
    reasons += [f"damaged record: {fault}" for fault in built.damaged]
    if not built.entries:
        reasons.append("nothing is assessed")
    if as_json:
        typer.echo(json.dumps({"passed": not reasons, "reasons": reasons}, indent=1))
    if reasons:
        raise GateClosed("\n".join(reasons))
    typer.echo("every risk is assessed and within appetite", err=as_json)
