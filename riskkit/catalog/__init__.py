"""The catalogue of risks, regulations and matrices: one file each, read from this folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from riskkit import authored
from riskkit.errors import InputError, Problem
from riskkit.model import Catalog, Crosswalk, Matrix, Questionnaire, Regulation, Risk, Vocabulary

HERE = Path(__file__).parent
M = TypeVar("M", bound=BaseModel)


def load(*extra: Path) -> Catalog:
    """The catalogue that comes with the kit, with files of the ``extra`` folders added or put in place of its own.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    folders = (HERE, *extra)
    problems: list[Problem] = []
    risks = _read(_files(folders, "risks", "*.md"), Risk, problems)
    matrices = _read(_files(folders, "matrices", "*.yml"), Matrix, problems)
    laws = _read(_files(folders, "regulations", "*.yml"), Regulation, problems)
    questionnaires = _read(_files(folders, "questionnaires", "*.yml"), Questionnaire, problems)
    vocabulary, faults = authored.read(HERE / "vocabulary.yml", Vocabulary, shown="catalog/vocabulary.yml")
    crosswalk, more = authored.read(HERE / "crosswalk.yml", Crosswalk, shown="catalog/crosswalk.yml")
    problems += faults + more
    if problems or vocabulary is None or crosswalk is None:
        raise InputError(problems)
    catalog = Catalog(
        risks=risks,
        regulations=laws,
        matrices=matrices,
        vocabulary=vocabulary,
        questionnaires=questionnaires,
        crosswalk=crosswalk,
    )
    if dangling := list(_dangling(catalog, crosswalk)):
        raise InputError(dangling)
    return catalog


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


def _dangling(catalog: Catalog, crosswalk: Crosswalk) -> Iterator[Problem]:
    """Ids that nothing has: in crosswalks of risks, and in what requirements are related to."""
    listed = {entry.id for law in catalog.regulations.values() for entry in law.index}
    known = catalog.requirements.keys() | listed
    for risk in catalog.risks.values():
        for name in risk.crosswalk:
            if name not in known:
                yield _unknown(f"risks/{risk.id}.md", "crosswalk", "requirement", name, known)
    for law in catalog.regulations.values():
        for requirement in law.requirements:
            file, at = f"regulations/{law.id}.yml", f"requirements.{requirement.id}"
            for name in requirement.related:
                if name not in known:
                    yield _unknown(file, f"{at}.related", "requirement", name, known)
            for name in requirement.topics:
                if name not in crosswalk.topics:
                    yield _unknown(file, f"{at}.topics", "topic", name, crosswalk.topics)


def _unknown(file: str, field: str, kind: str, name: str, known: Iterable[str]) -> Problem:
    return Problem(
        f"catalog/{file}", None, field, f"there is no {kind} {name!r}", authored.nearest(name, known)
    )
