"""What now: the next sensible steps in this workspace, which change with its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskkit.model.shown import Shown, heading, line, stacked, table
from riskkit.widgets.place import chosen, here, register_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskkit.model import ProjectRegister
    from riskkit.workspace import Workspace


def what_now(project: str = "") -> Shown:
    """How each project stands, and what to do next; run the cell again after you did something."""
    place = here()
    _, projects = register_of(place, chosen(project))
    rows = [_standing(p) for p in projects]
    heads = (
        "Project",
        "Runs on record",
        "Breached",
        "Missing or stale",
        "Rows that do not pass",
        "Drafts to sign",
    )
    drafts = {p.id: len(p.drafts) for p in place.read()[1]}
    table_ = table(
        heads, [(*row, str(drafts.get(p.profile.id, 0))) for row, p in zip(rows, projects, strict=True)]
    )
    steps = [step for p in projects for step in _steps(place, p, drafts.get(p.profile.id, 0))][:8]
    fine = ["Every row passes. Explore below, or publish: riskkit build"]
    return stacked(table_, heading("What now?"), *map(line, steps or fine))


def _standing(row: ProjectRegister) -> tuple[str, ...]:
    at = row.verdicts
    missing = at.get("missing", 0) + at.get("stale", 0)
    closed = sum(not e.passes for e in row.entries)
    return row.profile.name, str(row.runs), str(at.get("breached", 0)), str(missing), str(closed)


def _steps(place: Workspace, row: ProjectRegister, drafts: int) -> Iterator[str]:
    name = row.profile.id
    ran = {e.assessment for e in row.latest}
    if waiting := [a for a in row.profile.assessments if a not in ran]:
        notebook = row.profile.assessments[waiting[0]].notebook or waiting[0]
        yield (
            f"{name}: {', '.join(waiting)} never ran. Look first: notebooks/{notebook}.ipynb. "
            f"On record: the launcher below, or riskkit run {name}"
        )
    if breached := [e.risk.title for e in row.entries if e.verdict == "breached"]:
        yield f"{name}: {len(breached)} breached, the first is {breached[0]}. Open its row in the explorer below."
    if drafts:
        yield f"{name}: {drafts} drafts in projects/{name}/decisions/ wait for somebody to decide and sign."
    elif any(not e.passes for e in row.entries) and ran:
        yield f"{name}: rows do not pass. Treat the risk, or draft a decision below."
    if not (place.build / "site/index.html").exists() and ran:
        yield f"{name}: no site yet: riskkit build"
