"""The catalogue of risks, regulations and matrices: one file each, read from this folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from riskkit import authored
from riskkit.errors import InputError, Problem
from riskkit.model import Catalog, Matrix, Regulation, Risk, Vocabulary

HERE = Path(__file__).parent
M = TypeVar("M", bound=BaseModel)


def load(*extra: Path, regulations: bool = True) -> Catalog:
    """The catalogue that comes with the kit, with files of the ``extra`` folders added or put in place of its own.

    ``regulations=False`` leaves out the regulations, which are the bulk of the reading.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    folders = (HERE, *extra)
    problems: list[Problem] = []
    risks = _read(_files(folders, "risks", "*.md"), Risk, problems)
    matrices = _read(_files(folders, "matrices", "*.yml"), Matrix, problems)
    laws = _read(_files(folders, "regulations", "*.yml"), Regulation, problems) if regulations else {}
    vocabulary, more = authored.read(HERE / "vocabulary.yml", Vocabulary, shown="catalog/vocabulary.yml")
    problems += more
    problems += _dangling(risks, laws) if regulations else []
    if problems or vocabulary is None:
        raise InputError(problems)
    return Catalog(risks=risks, regulations=laws, matrices=matrices, vocabulary=vocabulary)


def _files(folders: Iterable[Path], kind: str, pattern: str) -> Iterator[Path]:
    by_name = {path.name: path for folder in folders for path in sorted((folder / kind).glob(pattern))}
    return iter(sorted(by_name.values(), key=lambda path: path.name))


def _read(paths: Iterable[Path], model: type[M], problems: list[Problem]) -> dict[str, M]:
    found = {}
    for path in paths:
        shown = f"catalog/{path.parent.name}/{path.name}"
        document, faults = _load(path, shown)
        problems += faults
        if document is None:
            continue
        if not isinstance(document.data, dict) or document.data.get("id", path.stem) != path.stem:
            problems.append(document.problem(("id",), "is not the file's name", f"id: {path.stem}"))
            continue
        document.data["id"] = path.stem
        value, faults = authored.fit(document, model)
        problems += faults
        if value is not None:
            found[path.stem] = value
    return found


def _load(path: Path, shown: str) -> tuple[authored.Document | None, list[Problem]]:
    """A YAML file, or a Markdown file whose front matter holds the fields and whose prose is ``body``."""
    if path.suffix != ".md":
        return authored.load(path, shown=shown)
    text, problems = authored.read_text(path, shown=shown)
    if text is None:
        return None, problems
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        return None, [Problem(shown, 1, "", "has no front matter", "start with --- and close it with ---")]
    document, problems = authored.parse(parts[1], shown=shown, first_line=2)
    if document is not None and isinstance(document.data, dict):
        document.data["body"] = parts[2].strip()
    return document, problems


def _dangling(risks: dict[str, Risk], laws: dict[str, Regulation]) -> Iterator[Problem]:
    """Crosswalk ids that no regulation has."""
    known: dict[str, Any] = {r.id: r for law in laws.values() for r in law.requirements}
    for risk in risks.values():
        for name in risk.crosswalk:
            if name not in known:
                hint = authored.nearest(name, known)
                yield Problem(
                    f"catalog/risks/{risk.id}.md", None, "crosswalk", f"no requirement {name!r}", hint
                )
