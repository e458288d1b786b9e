"""Drafts: decision files whose outcome is still blank."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from riskkit.authored import Document
from riskkit.model import Decision
from riskkit.model.project import Draft


def part(documents: Iterable[Document]) -> tuple[tuple[Draft, ...], list[Document]]:
    """Decision files apart: those nobody has decided yet, and those that say how it was decided.

    As soon as an outcome is written the file is a decision, and every other open field is a mistake.
    """
    drafts, decided = [], []
    for document in documents:
        if _undecided(document):
            drafts.append(Draft(file=document.file, open=_open(document.data)))
        else:
            decided.append(document)
    return tuple(drafts), decided


def _undecided(document: Document) -> bool:
    """Whether the outcome is there and blank; a file without one was cut short, which is a mistake."""
    data = document.data
    return isinstance(data, dict) and "outcome" in data and _blank(data["outcome"])


def _open(data: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in Decision.model_fields if name in data and _blank(data[name]))


def _blank(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_blank, value.values()))
    return value is None or (isinstance(value, str) and not value.strip())
