"""The command about the documents that answers rest on: law documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from .rows import FORMAT, print_rows
from .workspace import here

if TYPE_CHECKING:
    from riskkit.model import Project

STATES = {
    "words": "not a file of the project",
    "not_noted": "no digest noted, so a change would not be seen",
    "as_named": "as it was when named",
    "changed": "has changed since it was named: the answer does not count",
    "gone": "is not in the project: the answer does not count",
}


def documents(
    project: str = typer.Argument(help="Project whose answers name documents."),
    note: bool = typer.Option(
        False, "--note", help="Note the digest of each file that has none in answers.yml."
    ),
    form: str = FORMAT,
) -> None:
    """The documents that answers rest on, with digest, the day they were named, and whether they are still the same."""
    workspace = here()
    if note:
        _note(workspace.read([project])[1][0], workspace.projects / project)
    (found,) = workspace.read([project])[1]
    print_rows(form, _rows(found))


def _note(found: Project, folder: Path) -> None:
    from riskkit.model import Answers
    from riskkit.profiles import answering
    from riskkit.profiles.files import noted

    count = answering.merge_file(
        folder / "answers.yml", noted(found.answers, before=Answers(), folder=folder)
    )
    typer.echo(f"{count} digests noted in projects/{found.id}/answers.yml", err=True)


def _rows(found: Project) -> list[dict[str, Any]]:
    from riskkit import law
    from riskkit.profiles.files import said_in

    rows = []
    for place, said in said_in(found.answers):
        if said.document is not None:
            state = law.document_state(said, found.documents)
            rows.append({
                "answer": ".".join(place[1:]), "document": said.document, "named_on": str(said.on), "by": said.by,
                "sha256": found.documents.get(said.document) or "", "state": state, "told": STATES[state],
            })  # fmt: skip
    return rows
