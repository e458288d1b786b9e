"""The command that drafts decisions: decide."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.errors import UsageError

from .workspace import day, here

if TYPE_CHECKING:
    from riskkit.model import DecisionType, ProjectRegister, Register, Subject


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

    kind, on, workspace = _kind(type), day(as_of), here()
    row = _project(workspace.register(on), project)
    subject = _subject(kind, row, {"risk": risk, "threshold": threshold, "finding": finding})
    basis = fold.subjects(row)[subject]
    text = fold.draft(row, subject, kind=kind, basis=basis, as_of=on)
    path = workspace.projects / project / "decisions" / f"{_name(on, str(subject), kind)}.yml"
    _write(path, text, shown=str(path.relative_to(workspace.root)))
    typer.echo(f"drafted {path.relative_to(workspace.root)}")
    typer.echo("next: fill in the open fields and commit it; until then it counts for nothing")


def _kind(type: str) -> DecisionType:
    from riskkit.authored import nearest
    from riskkit.model import DecisionType

    names = [kind.value for kind in DecisionType]
    if type not in names:
        raise UsageError(f"--type: there is no {type!r} ({nearest(type, names)})")
    return DecisionType(type)


def _project(built: Register, name: str) -> ProjectRegister:
    from riskkit.authored import nearest

    by_id = {project.profile.id: project for project in built.projects}
    if name not in by_id:
        raise UsageError(f"there is no project {name!r} ({nearest(name, by_id)})")
    return by_id[name]


def _subject(kind: DecisionType, row: ProjectRegister, options: dict[str, str]) -> Subject:
    """What the options name; a release is always the present version, and the system needs no name."""
    from riskkit import register as fold
    from riskkit.authored import nearest
    from riskkit.model import Subject

    given: dict[str, object] = {name: value for name, value in options.items() if value}
    own: dict[str, object] = {"release": row.profile.version, "system": True}
    given |= {name: own[name] for name in kind.about if name in own}
    if len(given) != 1 or not given.keys() <= set(kind.about):
        wanted = " or ".join(f"--{name}" for name in kind.about if name in options)
        raise UsageError(f"a decision of type {kind} is about one thing: give {wanted or 'no subject'}")
    subject = Subject.model_validate(given)
    known = fold.subjects(row)
    if subject not in known:
        hint = nearest(str(subject), [str(s) for s in known if s.kind == subject.kind])
        raise UsageError(f"{row.profile.id} has no {subject.kind} {str(subject)!r} ({hint})")
    return subject


def _write(path: Path, text: str, *, shown: str) -> None:
    """Write a new file, never over one that is there."""
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{shown} exists already; complete it, or remove it first") from None


def _name(on: date, subject: str, kind: str) -> str:
    """A file name of 64 characters at most, which is the decision's id."""
    about = re.sub(r"[^a-z0-9_-]+", "-", subject.lower()).strip("-_") or "subject"
    return f"{on}-{about[: 64 - len(f'{on}--{kind}')].rstrip('-_')}-{kind}"
