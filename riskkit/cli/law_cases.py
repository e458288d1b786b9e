"""Commands about cases in a file: law classify, law ll144."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from riskkit.errors import InputError, Problem

from .rows import FORMAT, print_rows

if TYPE_CHECKING:
    from riskkit.authored import Document
    from riskkit.model import Vocabulary

FACTS = ("role", "jurisdiction", "sector", "use_case")


def classify(
    file: Path = typer.Argument(help="YAML with a list eu_ai_act of id and facts."), form: str = FORMAT
) -> None:
    """The EU AI Act tier of each case: basis, overlays, GPAI axis, start, open questions and path of reasons."""
    from riskkit import catalog, law

    document = _read(file)
    words = catalog.load().vocabulary
    cases = _cases(document, "eu_ai_act", ("id", "facts"))
    problems = [p for i, case in enumerate(cases) for p in _strange(document, i, case["facts"], words)]
    if problems:
        raise InputError(problems)
    print_rows(form, [
        law.classified(case["id"], law.classify_case(case["facts"], flags=words.flags)) for case in cases
    ])  # fmt: skip


def ll144(
    file: Path = typer.Argument(help="YAML with a list nyc_ll144 of id, kind and input."), form: str = FORMAT
) -> None:
    """The impact ratios of each case, as New York City's Local Law 144 defines them; the law sets no threshold."""
    from riskkit import law

    document = _read(file)
    tables, problems = [], []
    for i, case in enumerate(_cases(document, "nyc_ll144", ("id", "kind", "input"))):
        try:
            tables.append(law.tabulated(case))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problems.append(document.problem(("nyc_ll144", i), f"{case['id']}: {error}"))
    if problems:
        raise InputError(problems)
    print_rows(form, tables)


def _read(file: Path) -> Document:
    from riskkit import authored

    document, problems = authored.load(file, shown=str(file))
    if document is None:
        raise InputError(problems)
    return document


def _cases(document: Document, name: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """The list called ``name``, each item of which is a mapping that has ``fields``."""
    data = document.data if isinstance(document.data, dict) else {}
    cases = data.get(name)
    if not isinstance(cases, list):
        raise InputError([document.problem((), f"there is no list {name}", f"{name}: [{{id: ..., ...}}]")])
    problems = [
        document.problem((name, i), "is not a case", f"a mapping with {', '.join(fields)}")
        for i, case in enumerate(cases)
        if not isinstance(case, dict) or any(field not in case for field in fields)
    ]
    if problems:
        raise InputError(problems)
    return cases


def _strange(document: Document, i: int, facts: Any, words: Vocabulary) -> Iterator[Problem]:
    """Words of a case that the vocabulary does not have."""
    from riskkit import authored

    at = ("eu_ai_act", i, "facts")
    if not isinstance(facts, dict):
        yield document.problem(at, "are not facts", "role, jurisdiction, use_case, flags_true")
        return
    for key in (*FACTS, "flags_true", "flags_false", "flags_unknown", "flags"):
        known = words.flags if key.startswith("flags") else getattr(words, key)
        stated = facts.get(key) or ()
        for word in (stated,) if isinstance(stated, str) else stated:
            if word not in known:
                hint = authored.nearest(str(word), known)
                yield document.problem((*at, key), f"{word!r} is not in the vocabulary", hint)
