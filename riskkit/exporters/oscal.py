"""OSCAL 1.2: ``oscal-assessment-results.json``, and ``oscal-poam.json`` where something is still to be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from riskkit.exporters import _oscal_document as document
from riskkit.exporters._oscal import result
from riskkit.exporters._oscal_poam import plan
from riskkit.exporters._sources import Sources
from riskkit.model import Register

FILES = {
    "oscal-assessment-results.json": "Assessment results (OSCAL)",
    "oscal-poam.json": "Plan of action and milestones (OSCAL)",
}
FOR = ("project",)


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write a result for each project, and one plan with what is still to be done: open findings and planned controls.

    Identifiers follow from ids, so that two exports can be compared. A plan without an item does not exist in OSCAL,
    so none is written then.
    """
    del sources
    out.mkdir(parents=True, exist_ok=True)
    names = sorted(p.profile.id for p in register.projects)
    results = {
        "import-ap": {"href": "#" + document.plan_id(names)},
        "results": [result(project, register) for project in register.projects],
        "back-matter": document.back_matter(names),
    }
    made = {"oscal-assessment-results.json": ("assessment-results", "Assessment results", results)}
    if items := plan(register):
        made["oscal-poam.json"] = ("plan-of-action-and-milestones", "Plan of action and milestones", items)
    return [
        _write(out / name, {kind: {**document.head(kind, title, register, names), **body}})
        for name, (kind, title, body) in made.items()
    ]


def _write(path: Path, value: dict[str, Any]) -> Path:
    path.write_text(
        json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    return path
