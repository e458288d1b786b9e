"""The command by which people label answers: label."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.cli.workspace import here, now
from riskkit.errors import UsageError, printable

if TYPE_CHECKING:
    from riskkit.model import Sample

ANSWERS = {"y": "yes", "n": "no", "u": "unclear"}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: riskkit label loan-approval review --as 'first reviewer'")(label)


def label(
    project: str = typer.Argument(help="Project whose answers are labelled."),
    review: str = typer.Argument(help="Name of the review."),
    rater: str = typer.Option(..., "--as", help="Who labels: a role, or a name."),
    adjudicate: bool = typer.Option(False, "--adjudicate", help="Decide where raters disagree."),
) -> None:
    """Show answers one by one and take down what you find; stop with q, and go on where you were."""
    from riskkit.model.label import ADJUDICATOR
    from riskkit.profiles.labels import read_reviews

    folder = here().projects / project
    found = {r.name: r for r in read_reviews(folder)}
    if review not in found:
        raise UsageError(f"there is no review {review!r} (there is {', '.join(found) or 'none'})")
    chosen = found[review]
    who = f"{ADJUDICATOR}{rater}" if adjudicate else rater
    if not adjudicate and rater.startswith(ADJUDICATOR):
        raise UsageError("--as: who decides disputes says so with --adjudicate")
    if adjudicate and rater in {x.rater for x in chosen.labels}:
        raise UsageError(f"--as: {rater} is one of the raters; somebody else has to decide")
    todo = chosen.todo(who, disputed=adjudicate)
    typer.echo(f"{chosen.rubric.question}\ny yes, n no, u unclear, q stop\n")
    done = 0
    for number, item in enumerate(todo, 1):
        _show(chosen.items[item], f"{number} of {len(todo)}")
        given = _ask()
        if given is None:
            break
        _append(folder / "labels" / f"{review}.csv", (who, item, given, chosen.rubric.version))
        done += 1
    left = len(todo) - done
    typer.echo(f"{done} labelled, {left} left" + ("" if left else f"; next: riskkit run {project}"))


def _show(sample: Sample, where: str) -> None:
    """An answer with its material, with nothing in it that a terminal would act on."""
    parts = {"prompt": sample.prompt, "material": sample.context, "reference": sample.reference or ""}
    typer.echo(f"--- {where} ---")
    for name, text in {**parts, "answer": sample.response}.items():
        if text.strip():
            typer.echo(f"{name}:\n" + "\n".join(f"  {printable(line, 2000)}" for line in text.split("\n")))


def _ask() -> str | None:
    while True:
        try:
            given = input("fault? [y/n/u/q] ").strip().lower()
        except EOFError:
            return None
        if given in ("q", "quit"):
            return None
        if given[:1] in ANSWERS:
            return ANSWERS[given[:1]]


def _append(path: Path, row: tuple[str, ...]) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow((*row, now().isoformat()))
