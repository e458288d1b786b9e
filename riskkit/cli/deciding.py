"""The command that drafts decisions: decide."""

from __future__ import annotations

import re
from datetime import date

import typer

from riskkit.errors import UsageError

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
    from riskkit import register as fold
    from riskkit.authored import nearest
    from riskkit.model import DecisionType, Subject

    if type not in set(DecisionType):
        raise UsageError(
            f"--type: there is no {type!r} ({nearest(type, [kind.value for kind in DecisionType])})"
        )
    kind, on, workspace = DecisionType(type), day(as_of), here()
    built = workspace.register(on)
    row = next((p for p in built.projects if p.profile.id == project), None)
    if row is None:
        hint = nearest(project, [p.profile.id for p in built.projects])
        raise UsageError(f"there is no project {project!r} ({hint})")
    named = {"risk": risk, "threshold": threshold, "finding": finding}
    if "release" in kind.about:
        named["release"] = row.profile.version
    given = {name: value for name, value in named.items() if value}
    if "system" in kind.about:
        given["system"] = "yes"
    if len(given) != 1 or not given.keys() <= set(kind.about):
        wanted = " or ".join(f"--{name}" for name in kind.about if name in ("risk", "threshold", "finding"))
        raise UsageError(f"a decision of type {kind} is about one thing: give {wanted or 'no subject'}")
    subject = Subject.model_validate(given | ({"system": True} if "system" in given else {}))
    known = fold.subjects(row)
    if subject not in known:
        hint = nearest(str(subject), [str(s) for s in known if s.kind == subject.kind])
        raise UsageError(f"{project} has no {subject.kind} {str(subject)!r} ({hint})")
    text = fold.draft(row, subject, kind=kind, basis=known[subject], as_of=on)
    path = workspace.projects / project / "decisions" / f"{_name(on, str(subject), kind)}.yml"
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        shown = path.relative_to(workspace.root)
        raise UsageError(f"{shown} exists already; complete it, or remove it first") from None
    typer.echo(f"drafted {path.relative_to(workspace.root)}")
    typer.echo("next: fill in the open fields and commit it; until then no command accepts the project")


def _name(on: date, subject: str, kind: str) -> str:
    """A file name of 64 characters at most, which is the decision's id."""
    about = re.sub(r"[^a-z0-9_-]+", "-", subject.lower()).strip("-_") or "subject"
    return f"{on}-{about[: 64 - len(f'{on}--{kind}')].rstrip('-_')}-{kind}"
