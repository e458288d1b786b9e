"""The command by which people label answers: label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from riskkit.cli.workspace import here, now
from riskkit.errors import printable

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
    from riskkit.model.label import Label
    from riskkit.profiles.labels_given import give, rater_of, review_of

    folder = here().projects / project
    chosen = review_of(folder, review)
    who = rater_of(chosen, rater, adjudicate=adjudicate)
    todo = chosen.todo(who, disputed=adjudicate)
    typer.echo(f"{chosen.rubric.question}\ny yes, n no, u unclear, q stop\n")
    done = 0
    for number, item in enumerate(todo, 1):
        _show(chosen.items[item], f"{number} of {len(todo)}")
        given = _ask()
        if given is None:
            break
        said = {"rater": who, "item": item, "label": given, "rubric_version": chosen.rubric.version}
        give(folder, review, Label.model_validate({**said, "time": now()}))
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
