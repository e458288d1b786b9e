"""Commands about law and frameworks: law list, show, checklist, documents, calendar, diff."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from riskkit.errors import UsageError
from riskkit.workspace import frameworks

from . import law_cases, law_documents
from .rows import FORMAT, line, print_rows
from .workspace import day, here

if TYPE_CHECKING:
    from riskkit.model import Catalog, Regulation

APPLIES = {"yes": "", "no": "does not apply", "unknown": "may apply", "later": "applies later"}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    about = "What the law and the frameworks ask, of whom, and from when."
    group = typer.Typer(help=about, no_args_is_help=True)
    group.command("list", epilog="Example: riskkit law list")(list_frameworks)
    group.command(epilog="Example: riskkit law show EUAIA-ART50-2")(show)
    group.command(epilog="Example: riskkit law checklist loan-approval --framework eu_ai_act")(checklist)
    group.command(epilog="Example: riskkit law documents loan-approval")(law_documents.documents)
    group.command(epilog="Example: riskkit law classify cases.yaml --format json")(law_cases.classify)
    group.command(epilog="Example: riskkit law ll144 audit.yaml --format json")(law_cases.ll144)
    group.command(epilog="Example: riskkit law calendar --project loan-approval --as-of 2026-11-20")(calendar)
    group.command(epilog="Example: riskkit law diff catalog/")(diff)
    app.add_typer(group, name="law")


def list_frameworks(form: str = FORMAT) -> None:
    """Every framework of the catalogue, with its number of requirements and the day its state was read."""
    laws = _catalog().regulations.values()
    print_rows(form, [
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
        typer.echo(f"{key}: {line(value)}")


def checklist(
    project: str = typer.Argument(help="Project whose facts, answers and measurements count."),
    framework: list[str] = typer.Option([], "--framework", help="Only this framework; may be repeated."),
    as_of: str = typer.Option("", help="Day it speaks of, YYYY-MM-DD; today when left out."),
    everything: bool = typer.Option(False, "--all", help="Also what does not concern the project."),
    form: str = FORMAT,
) -> None:
    """How each requirement stands that concerns a project or may, and why: by measurement, answer or link."""
    workspace, on = here(), day(as_of)
    built = {p.profile.id: p for p in workspace.register(on).projects}
    if project not in built:
        raise UsageError(f"there is no project {project!r} ({', '.join(built)})")
    rows = frameworks.checklist(built[project], workspace.catalog(), as_of=on, only=framework or None)
    shown = [row for row in rows if everything or row.applies != "no"]
    if form == "json":
        print_rows(form, [row.model_dump(mode="json") for row in shown])
        return
    print_rows(form, [
        {"requirement": row.requirement, "status": row.status, "applies": APPLIES[row.applies],
         "basis": f"by {row.basis}" if row.basis != "nothing" else "", "why": f"({row.why})"}
        for row in shown
    ])  # fmt: skip


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
    print_rows(form, [
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
    print_rows(form, [change.model_dump(mode="json") for change in found])


def _catalog() -> Catalog:
    """The catalogue of the workspace, or outside of one that of the kit."""
    from riskkit import catalog

    try:
        return here().catalog()
    except UsageError:
        return catalog.load()
