"""The catalogue of risks, regulations and matrices: one file each, read from this folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from riskkit import authored
from riskkit.authored import Document
from riskkit.errors import InputError, Problem
from riskkit.model import Catalog, Crosswalk, Matrix, Questionnaire, Regulation, Risk, Vocabulary

from .references import Names, dangling, repeated

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
    sheets: dict[str, Document] = {}
    risks = _read(_files(folders, "risks", "*.md"), Risk, problems)
    matrices = _read(_files(folders, "matrices", "*.yml"), Matrix, problems)
    laws = _read(_files(folders, "regulations", "*.yml"), Regulation, problems, sheets)
    questionnaires = _read(_files(folders, "questionnaires", "*.yml"), Questionnaire, problems)
    vocabulary, faults = authored.read(HERE / "vocabulary.yml", Vocabulary, shown="catalog/vocabulary.yml")
    crosswalk, more = authored.read(HERE / "crosswalk.yml", Crosswalk, shown="catalog/crosswalk.yml")
    problems += faults + more
    if vocabulary is not None and crosswalk is not None:
        whole = len(sheets) == len(list(_files(folders, "regulations", "*.yml")))
        problems += _strange(risks, laws, sheets, vocabulary, crosswalk, whole=whole)
    if problems or vocabulary is None or crosswalk is None:
        raise InputError(problems)
    return Catalog(
        risks=risks,
        regulations=laws,
        matrices=matrices,
        vocabulary=vocabulary,
        questionnaires=questionnaires,
        crosswalk=crosswalk,
    )


def _files(folders: Iterable[Path], kind: str, pattern: str) -> Iterator[Path]:
    by_name = {path.name: path for folder in folders for path in sorted((folder / kind).glob(pattern))}
    return iter(sorted(by_name.values(), key=lambda path: path.name))


def _read(
    paths: Iterable[Path],
    model: type[M],
    problems: list[Problem],
    sheets: dict[str, Document] | None = None,
) -> dict[str, M]:
    """Each file that is a ``model``, by name; ``sheets`` keeps the document of each that is YAML at all."""
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
        if sheets is not None:
            sheets[path.stem] = document
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


def _strange(
    risks: Mapping[str, Risk],
    laws: Mapping[str, Regulation],
    sheets: Mapping[str, Document],
    vocabulary: Vocabulary,
    crosswalk: Crosswalk,
    *,
    whole: bool,
) -> Iterator[Problem]:
    """What files refer to and nothing has. A measure is known when a risk or a framework of the kit asks for it.

    Unless every file could be read (``whole``), nobody can say which requirements there are not.
    """
    known = {name for sheet in sheets.values() for name in _ids(sheet)} if whole else None
    own = {path.stem for path in (HERE / "regulations").glob("*.yml")}
    measures = {m for risk in risks.values() for m in risk.measures}
    measures |= {m for name in own & laws.keys() for r in laws[name].requirements for m in r.measures}
    for risk in risks.values() if known is not None else ():
        for name in risk.crosswalk:
            if known is not None and name not in known:
                hint = authored.nearest(name, known)
                what = f"there is no requirement {name!r}"
                yield Problem(f"catalog/risks/{risk.id}.md", None, "crosswalk", what, hint)
    for name, law in laws.items():
        names = Names(vocabulary, known, crosswalk.topics, None if name in own else measures)
        yield from dangling(law, sheets[name], names)
    yield from repeated({name: (law, sheets[name]) for name, law in laws.items()})


def _ids(sheet: Document) -> Iterator[str]:
    """The ids a file of a regulation gives, whatever else may be wrong with it."""
    for field in ("requirements", "index"):
        items = sheet.data.get(field)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                yield item["id"]
