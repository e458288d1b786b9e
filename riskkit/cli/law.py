"""Commands about law and frameworks: law list, show, classify, ll144, calendar, diff."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from riskkit.errors import InputError, Problem, UsageError, printable

from .workspace import day, here

if TYPE_CHECKING:
    from riskkit.authored import Document
    from riskkit.model import Catalog, Regulation, Vocabulary

FORMAT = typer.Option("table", "--format", help="table or json.")
FACTS = ("role", "jurisdiction", "sector", "use_case")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    about = "What the law and the frameworks ask, of whom, and from when."
    group = typer.Typer(help=about, no_args_is_help=True)
    group.command("list", epilog="Example: riskkit law list")(list_frameworks)
    group.command(epilog="Example: riskkit law show EUAIA-ART50-2")(show)
    group.command(epilog="Example: riskkit law classify cases.yaml --format json")(classify)
    group.command(epilog="Example: riskkit law ll144 audit.yaml --format json")(ll144)
    group.command(epilog="Example: riskkit law calendar --project loan-approval --as-of 2026-11-20")(calendar)
    group.command(epilog="Example: riskkit law diff catalog/")(diff)
    app.add_typer(group, name="law")


def list_frameworks(form: str = FORMAT) -> None:
    """Every framework of the catalogue, with its number of requirements and the day its state was read."""
    laws = _catalog().regulations.values()
    _print(form, [
        {"id": one.id, "requirements": len(one.requirements), "read_on": str(one.status_date), "title": one.title}
        for one in laws
    ])  # fmt: skip


def show(
    name: str = typer.Argument(help="Id of a framework or of a requirement."), form: str = FORMAT
) -> None:
    """One framework or requirement in our own words, with source, state and confidence. Not legal advice."""
    laws = _catalog().regulations
    found = {r.id: r for one in laws.values() for r in one.requirements}
    thing = laws.get(name) or found.get(name)
    if thing is None:
        raise UsageError(
            f"there is no framework or requirement {name!r} (riskkit law list names the frameworks)"
        )
    fields = thing.model_dump(mode="json", exclude_defaults=True)
    if "requirements" in fields:
        fields["requirements"] = [f"{r['id']}: {r['title']}" for r in fields["requirements"]]
        fields.pop("index", None)
    if form == "json":
        typer.echo(json.dumps(fields, indent=1, ensure_ascii=False))
        return
    for key, value in fields.items():
        typer.echo(f"{key}: {_line(value)}")


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
    _print(form, [
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
    _print(form, tables)


def calendar(
    project: str = typer.Option("", "--project", help="Only what concerns this project or may."),
    as_of: str = typer.Option("", help="Day to count from, YYYY-MM-DD; today when left out."),
    past: bool = typer.Option(False, "--past", help="Days gone by as well."),
    form: str = FORMAT,
) -> None:
    """What starts, ends or expires when."""
    from riskkit import law

    workspace = here()
    catalog, projects = workspace.read([project]) if project else (workspace.catalog(), ())
    found = next(iter(projects), None)
    deadlines = law.calendar(
        catalog.regulations.values(),
        as_of=day(as_of),
        facts=found.profile.facts if found else None,
        answers=found.answers if found else None,
    )
    _print(form, [
        {"date": str(d.date), "days": d.days, "framework": d.framework, "applies": d.applies or "",
         "confidence": d.confidence, "what": d.what, "requirements": list(d.requirements)}
        for d in deadlines if past or d.days >= 0
    ])  # fmt: skip


def diff(folder: Path = typer.Argument(help="Folder with regulations/*.yml."), form: str = FORMAT) -> None:
    """What the regulations in a folder change against those that come with the kit."""
    from riskkit import catalog, law

    if not (folder / "regulations").is_dir():
        raise UsageError(f"{folder} has no folder regulations/")
    new: Mapping[str, Regulation] = catalog.load(folder).regulations
    found = law.changes(catalog.load().regulations.values(), new.values())
    _print(form, [change.model_dump(mode="json") for change in found])


def _catalog() -> Catalog:
    """The catalogue of the workspace, or outside of one that of the kit."""
    from riskkit import catalog

    try:
        return here().catalog()
    except UsageError:
        return catalog.load()


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


def _print(form: str, rows: list[dict[str, Any]]) -> None:
    if form not in {"table", "json"}:
        raise UsageError(f"there is no format {form!r} (table or json)")
    if form == "json":
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        typer.echo("  ".join(f"{_line(value)}" for value in row.values() if value not in ("", None, [])))
    typer.echo(f"{len(rows)} in all. Own words, not legal advice.")


def _line(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_line, value))
    if isinstance(value, dict):
        return ", ".join(f"{k} {_line(v)}" for k, v in value.items())
    return printable(value, 2000)
