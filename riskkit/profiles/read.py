"""Read: a file as a value together with the document it was read from, so that later faults have a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from riskkit import authored
from riskkit.authored import Document
from riskkit.errors import Problem

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Read(Generic[M]):
    """What a file says, and where in the file it says it."""

    value: M
    document: Document


def one(path: Path, model: type[M], *, shown: str) -> tuple[Read[M] | None, list[Problem]]:
    """The file at ``path`` as a ``model``, or None and every problem it has."""
    document, problems = authored.load(path, shown=shown)
    if document is None:
        return None, problems
    value, faults = authored.fit(document, model)
    problems += faults
    return (None if value is None else Read(value, document)), problems


def each(documents: Iterable[Document], model: type[M]) -> tuple[list[Read[M]], list[Problem]]:
    """Those of ``documents`` that fit ``model``, and every fault of the others."""
    found: list[Read[M]] = []
    problems: list[Problem] = []
    for document in documents:
        value, faults = authored.fit(document, model)
        problems += faults
        found += [] if value is None else [Read(value, document)]
    return found, problems


def documents(folder: Path, *, shown: str) -> tuple[list[Document], list[Problem]]:
    """Every YAML file of ``folder`` as plain values; the file's name is its id."""
    found: list[Document] = []
    problems = list(_strangers(folder, shown))
    for path in sorted(folder.glob("*.yml")):
        document, faults = authored.load(path, shown=f"{shown}/{path.name}")
        problems += faults
        if document is None:
            continue
        if isinstance(document.data, dict) and document.data.setdefault("id", path.stem) != path.stem:
            problems.append(document.problem(("id",), "is not the file's name", f"id: {path.stem}"))
        found.append(document)
    return found, problems


def _strangers(folder: Path, shown: str) -> Iterator[Problem]:
    """Files that would be passed over in silence."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix != ".yml" and not path.name.startswith(".") and path.suffix != ".md":
            yield Problem(f"{shown}/{path.name}", None, "", "is not read", f"call it {path.stem}.yml")
