"""The command that drafts decisions: decide."""

from __future__ import annotations

import typer

from riskkit.workspace import drafting

from .workspace import day, here


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit decide loan-approval --risk decision-bias --type accept")(decide)


def decide(
    project: str = typer.Argument(help="Project the decision belongs to.", metavar="PROJECT"),
    type: str = typer.Option(..., "--type", help="accept, mitigate, waive_check, approve_release, ..."),
    risk: str = typer.Option("", help="The risk it is about."),
    threshold: str = typer.Option("", help="The measure whose threshold it is about."),
    finding: str = typer.Option("", help="The finding it is about."),
    as_of: str = typer.Option("", help="Day it is decided on, YYYY-MM-DD; today when left out."),
) -> None:
    """Draft a decision with what it rests on filled in; whoever completes and commits the file signs it."""
    kind, on, workspace = drafting.kind_called(type), day(as_of), here()
    row = drafting.project_called(workspace.register(on), project)
    subject = drafting.subject_of(kind, row, {"risk": risk, "threshold": threshold, "finding": finding})
    path = drafting.draft(workspace.projects, row, subject, kind=kind, on=on)
    typer.echo(f"drafted {path.relative_to(workspace.root)}")
    typer.echo("next: fill in the open fields and commit it; until then it counts for nothing")
