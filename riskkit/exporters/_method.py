"""What every measure is, read from the docstring of the function that takes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

LABELS = ("Measures", "Formula", "Source", "Limits")
"""How a labelled paragraph of a docstring begins; ``Measures`` names those that the function's name does not."""

_LABEL = re.compile(rf"^({'|'.join(LABELS)}): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Definition:
    """One function that takes measures: what it gives, how, after whom, and what it cannot tell."""

    function: str
    measures: tuple[str, ...]
    what: str
    more: str
    formula: str
    source: str
    limits: str


def definitions() -> dict[str, Definition]:
    """Measure to its definition, from the files of ``riskkit/measures``, which are read and not imported."""
    found: dict[str, Definition] = {}
    for file in sorted(files("riskkit").joinpath("measures").iterdir(), key=lambda entry: entry.name):
        for definition in _of_file(file):
            found.update(dict.fromkeys(definition.measures, definition))
    return found


def _of_file(file: Traversable) -> Iterator[Definition]:
    if not file.name.endswith(".py"):
        return
    module = file.name.removesuffix(".py")
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.FunctionDef) and doc and not node.name.startswith("_"):
            yield defined(f"{module}.{node.name}", doc)


def defined(function: str, doc: str) -> Definition:
    """The definition that the docstring ``doc`` of ``function``, named with its module, holds."""
    free, *labelled = _LABEL.split(doc)
    said = {label: _plain(text) for label, text in zip(labelled[::2], labelled[1::2], strict=True)}
    what, _, more = free.partition("\n\n")
    names = said.get("Measures", "").rstrip(".")
    return Definition(
        function=function,
        measures=tuple(filter(None, names.split(", "))) or (function.partition(".")[2],),
        what=_plain(what),
        more=_plain(more),
        formula=said.get("Formula", ""),
        source=said.get("Source", ""),
        limits=said.get("Limits", ""),
    )


def _plain(text: str) -> str:
    """Without the marks of reStructuredText, and without the section on what is raised."""
    told = re.sub(r"^Raises\n-+\n.*", "", text, flags=re.MULTILINE | re.DOTALL)
    return " ".join(re.sub(r":\w+:`([^`]+)`", r"\1", told.replace("``", "")).split())
