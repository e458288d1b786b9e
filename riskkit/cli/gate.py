"""The gate: ``riskkit check``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from riskkit.errors import GateClosed, UsageError, printable

from .workspace import Workspace, day, here

if TYPE_CHECKING:
    from riskkit.model import Gate, Register

EXPORTED = ("junit", "sarif", "markdown")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit check --project loan-approval --profile release --explain")(check)


def check(
    project: list[str] = typer.Option([], "--project", help="Only this project; may be given again."),
    profile: str = typer.Option("ci", help="ci, or release: also asks for an approval of the version."),
    format: str = typer.Option("text", help="text, json, junit, sarif or markdown."),
    as_of: str = typer.Option("", help="Day to check for, YYYY-MM-DD; today when left out."),
    explain: bool = typer.Option(False, "--explain", help="Show for every risk what was looked at."),
) -> None:
    """Exit 0 when every risk is assessed and within appetite or covered, 10 with ordered reasons otherwise."""
    from riskkit import register as fold

    if profile not in ("ci", "release"):
        raise UsageError(f"--profile: {profile!r} is neither ci nor release")
    if format not in ("text", "json", *EXPORTED):
        raise UsageError(f"--format: there is no {format!r} (text, json, {', '.join(EXPORTED)})")
    workspace = here()
    built = workspace.register(day(as_of))
    unknown = sorted(set(project) - {p.profile.id for p in built.projects})
    if unknown:
        raise UsageError(f"there is no project {', '.join(unknown)}")
    shown = fold.narrow(built, gate=cast("Gate", profile), projects=project or None)
    if explain:
        _say(fold.explain(shown), err=format != "text")
    if format != "text":
        typer.echo(_machine(shown, format, workspace), nl=False)
    if shown.reasons:
        lines = [str(reason) for reason in shown.reasons] if format == "text" else []
        raise GateClosed("\n".join([*map(_line, lines), f"gate shut: {len(shown.reasons)} reasons"]))
    if format == "text":
        typer.echo(f"gate open: {len(shown.entries)} risks assessed and within appetite, or covered")


def _machine(shown: Register, format: str, workspace: Workspace) -> str:
    if format == "json":
        return _as_json(shown)
    from riskkit import exporters

    with tempfile.TemporaryDirectory(prefix="riskkit-") as folder:
        (path,) = exporters.get(format)(shown, Path(folder), sources=workspace.sources())
        return path.read_text(encoding="utf-8")


def _as_json(shown: Register) -> str:
    reasons = [reason.model_dump(mode="json") for reason in shown.reasons]
    answer = {"passed": not reasons, "as_of": shown.as_of.isoformat(), "reasons": reasons}
    return json.dumps(answer, indent=1) + "\n"


def _line(text: str) -> str:
    return printable(text, 4000)


def _say(lines: Iterable[str], *, err: bool) -> None:
    for line in lines:
        typer.echo(_line(line), err=err)
