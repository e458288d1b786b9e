"""Strict reading of the YAML that people write: every fault found at once, with file, line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from riskkit.authored.document import Document, Place, spell
from riskkit.authored.strict_yaml import parse
from riskkit.authored.text import read_text
from riskkit.authored.words import kind_of, nearest, problem
from riskkit.errors import Problem

__all__ = ["Document", "Place", "fit", "load", "nearest", "parse", "read", "read_text", "spell"]

M = TypeVar("M", bound=BaseModel)


def read(path: Path, model: type[M], *, shown: str) -> tuple[M | None, list[Problem]]:
    """The file at ``path`` as a ``model``, or None and every problem it has. ``shown`` names it in messages."""
    document, problems = load(path, shown=shown)
    if document is None:
        return None, problems
    value, more = fit(document, model)
    return (None if problems else value), problems + more


def load(path: Path, *, shown: str) -> tuple[Document | None, list[Problem]]:
    """The file at ``path`` as plain values, or None and every problem."""
    text, problems = read_text(path, shown=shown)
    return (None, problems) if text is None else parse(text, shown=shown)


def fit(document: Document, model: type[M], *, at: Place = ()) -> tuple[M | None, list[Problem]]:
    """The value at ``at`` in ``document`` as a ``model``, or None and a problem for every field that does not fit."""
    data = document.data
    for part in at:
        data = data[part]
    if not isinstance(data, dict):
        return None, [document.problem(at, f"{kind_of(data)} stands here", "a mapping of fields is wanted")]
    try:
        return model.model_validate_json(json.dumps(data), strict=True), []
    except ValidationError as error:
        return None, [problem(document, at, model, dict(e), data) for e in error.errors(include_url=False)]
